// The cases of tests/golden/protocol-vectors.jsonl: bytes, and what to call them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "netrig/core/base/frame.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/world/schema.h"

namespace netrig::conformance {

using Buffer = std::vector<std::uint8_t>;

// What the reader of a case knows besides its bytes.
using Context = std::map<std::string, Buffer>;

enum class Layer : std::uint8_t {
  packet,     // of a stream, without its frame
  stream,     // whole frames
  datagram,   // the packet of a datagram
  handshake,  // a datagram before the session
  token,
  sealed,  // a session's datagram, encrypted
};

struct GoldenCase {
  std::string name;
  Sender from = Sender::client;
  Buffer bytes;
  Layer layer = Layer::packet;
  bool is_state = false;  // one whole state of golden_schema()
  bool is_refused = false;
  Context context{};
};

const Schema& golden_schema();  // the arena's

// One packet, written by the codec.
template <class Write>
Buffer packet_of(Write&& write) {
  Buffer bytes;
  PacketBreakdown breakdown;
  FrameWriter writer{bytes, breakdown};
  write(writer);
  writer.finish();
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kFrameHeaderBytes));
  return bytes;
}

// A state of golden_schema() with two entities, in one packet.
Buffer two_entities_packet();

std::vector<GoldenCase> valid_cases();
std::vector<GoldenCase> refused_cases();
// Of both kinds, appended to `cases` (datagram_cases.cc).
void add_valid_datagrams(std::vector<GoldenCase>& cases);
void add_refused_datagrams(std::vector<GoldenCase>& cases);
// handshake_cases.cc
void add_valid_handshakes(std::vector<GoldenCase>& cases);
void add_refused_handshakes(std::vector<GoldenCase>& cases);

}  // namespace netrig::conformance
