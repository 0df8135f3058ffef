// What the codec reads in a packet, as the JSON of the golden vectors.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "netrig/core/base/bytes.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/world/schema.h"

namespace netrig::conformance {

using Json = nlohmann::ordered_json;

// What a decoder answers: a value, or the name of a fault. (A Result would be ambiguous: a Json can be made
// of anything.)
struct Decoded {
  Json json;
  std::string fault{};

  bool ok() const { return fault.empty(); }
};

std::string hex(Bytes bytes);
std::string_view name_of(Sender sender);

// The kMessages table, a row for each message.
Json messages_json();
// {"name", "kind": "schema", "schema": name, "digest", "components": [...]}
Json schema_json(std::string_view name, const Schema& schema);

// {"received", "messages"}. With a schema the packet holds exactly one whole state of it, and each
// state_update has its values; without, nullptr.
Decoded decode_packet_json(Bytes packet, Sender from, const Schema* schema);
// {"packets": [{"received", "messages"}]} of a whole stream.
Decoded decode_stream_json(Bytes stream, Sender from);

// {"ack", "messages"} of the packet in a datagram.
Decoded decode_datagram_json(Bytes packet, Sender from);

}  // namespace netrig::conformance
