#include "netrig/tests/conformance/wire_json.h"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "netrig/core/base/frame.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/datagram_codec.h"
#include "netrig/core/replication/full_state.h"
#include "netrig/core/venture/state_update.h"

namespace netrig::conformance {
namespace {

// A number that a double may not hold is a decimal string.
Json number(std::uint64_t value) {
  if (value > (std::uint64_t{1} << 53)) return std::to_string(value);
  return value;
}

std::string key_text(const ResumeKey& key) {
  std::array<char, 33> digits{};
  std::snprintf(digits.data(), digits.size(), "%016" PRIx64 "%016" PRIx64, key.high, key.low);
  return digits.data();
}

Json fields(const Hello& hello) {
  return {{"version_min", hello.version_min},
          {"version_max", hello.version_max},
          {"offered", hello.offered},
          {"required", hello.required},
          {"schema", number(hello.schema_digest)},
          {"resume_epoch", number(hello.resume.epoch)},
          {"resume_client", number(hello.resume.client.value)},
          {"resume_key", key_text(hello.resume.key)},
          {"received", hello.resume.received},
          {"token", hex(hello.token)}};
}

Json fields(const Welcome& welcome) {
  return {{"version", welcome.version},
          {"features", welcome.features},
          {"epoch", number(welcome.epoch)},
          {"client", number(welcome.client.value)},
          {"entity", number(welcome.entity.value)},
          {"tick_rate", welcome.tick_rate_hz},
          {"tick", welcome.tick.value},
          {"server_time", number(welcome.server_time_ns)},
          {"resume_key", key_text(welcome.resume_key)},
          {"grace", welcome.resume_grace_ms},
          {"received", welcome.received},
          {"resumed", welcome.resumed ? 1 : 0}};
}

Json fields(const Refuse& refuse) {
  return {{"reason", static_cast<std::uint8_t>(refuse.reason)},
          {"version_min", refuse.version_min},
          {"version_max", refuse.version_max}};
}

Json fields(const Ping& ping) {
  return {{"id", ping.id}};
}

Json fields(const Pong& pong) {
  return {{"id", pong.id}, {"held", pong.held_us}, {"time", number(pong.time_ns)}};
}

Json fields(const Disconnect& disconnect) {
  return {{"reason", static_cast<std::uint8_t>(disconnect.reason)}, {"text", disconnect.message}};
}

Json fields(const Challenge& challenge) {
  return {{"nonce", hex(challenge.nonce)}, {"check", hex(challenge.check)}};
}

Json fields(const Proof& proof) {
  return {{"mac", hex(proof.mac)}, {"signature", hex(proof.signature)}};
}

Json fields(const StateHeader& header) {
  return {{"tick", header.tick.value}, {"input_ack", header.input_ack.value}, {"entities", header.entities}};
}

Json fields(const EntityRemoved& removed) {
  return {{"entity", number(removed.entity.value)}, {"tick", removed.tick.value}};
}

Json fields(const InputMessage& input) {
  return {
      {"sequence", input.sequence.value}, {"acked", input.acked.value}, {"data", hex(input.input.bytes())}};
}

Json fields(const AppMessage& message) {
  return {{"kind", message.kind}, {"data", hex(message.bytes)}};
}

Json fields(const LatestMessage& message) {
  return {{"key", message.key}, {"sequence", message.sequence}, {"data", hex(message.bytes)}};
}

Json fields(const venture::StateUpdateView& update) {
  Json components = Json::array();
  for (const venture::Component& component : update.components) {
    components.push_back({{"type", component.type}, {"data", hex(component.data)}});
  }
  return {{"timestamp", number(update.header.timestamp)},
          {"entity", number(update.header.entity.value)},
          {"priority", update.header.priority},
          {"sequence", update.header.sequence},
          {"components", components}};
}

Json fields(const PartMessage& part) {
  return {{"id", part.id}, {"last", part.last}, {"data", hex(part.bytes)}};
}

Json fields(const FragmentMessage& fragment) {
  return {{"group", fragment.group},
          {"index", fragment.index},
          {"count", fragment.count},
          {"data", hex(fragment.bytes)}};
}

Decoded message_json(const RawMessage& message);

Json fields(const NumberedMessage& numbered) {
  return {{"id", numbered.id}, {"message", message_json(numbered.inner).json}};
}

// Of a body that decode_packet or decode_datagram accepted.
Json fields(const RawMessage& message) {
  switch (message.type) {
    case MessageType::hello:
      return fields(*decode_hello(message.body));
    case MessageType::welcome:
      return fields(*decode_welcome(message.body));
    case MessageType::refuse:
      return fields(*decode_refuse(message.body));
    case MessageType::ping:
      return fields(*decode_ping(message.body));
    case MessageType::pong:
      return fields(*decode_pong(message.body));
    case MessageType::disconnect:
      return fields(*decode_disconnect(message.body));
    case MessageType::challenge:
      return fields(*decode_challenge(message.body));
    case MessageType::proof:
      return fields(*decode_proof(message.body));
    case MessageType::state_header:
      return fields(*decode_state_header(message.body));
    case MessageType::entity_removed:
      return fields(*decode_entity_removed(message.body));
    case MessageType::input:
      return fields(*decode_input(message.body));
    case MessageType::app_reliable:
      return fields(*decode_app_reliable(message.body));
    case MessageType::app_latest:
      return fields(*decode_app_latest(message.body));
    case MessageType::numbered:
      return fields(*decode_numbered(message.body));
    case MessageType::part:
      return fields(*decode_part(message.body));
    case MessageType::fragment:
      return fields(*decode_fragment(message.body));
    case MessageType::leave:
    case MessageType::state_update:
      return Json::object();
  }
  return Json::object();
}

Decoded message_json(const RawMessage& message) {
  Json json{{"type", kMessages[message_row(message.type)].name}};
  if (message.type != MessageType::state_update) {
    json.update(fields(message));
    return {std::move(json)};
  }
  const auto update = venture::decode_state_update(message.body);
  if (!update)
    return {{}, update.error() == venture::DecodeError::truncated ? "truncated" : "trailing_bytes"};
  json.update(fields(*update));
  return {std::move(json)};
}

std::string_view name_of(V1Encoding encoding) {
  switch (encoding) {
    case V1Encoding::f64:
      return "f64";
    case V1Encoding::i8:
      return "i8";
    case V1Encoding::u32:
      return "u32";
    case V1Encoding::u64:
      return "u64";
    case V1Encoding::bytes:
      return "bytes";
  }
  return "unknown";
}

Json field_json(const FieldSpec& field) {
  Json json{{"name", field.name}, {"encoding", name_of(field.v1)}};
  if (field.v1 == V1Encoding::bytes) {
    json["bytes"] = field.bytes_size;
    return json;
  }
  json["min"] = field.min;
  json["max"] = field.max;
  if (field.v1 == V1Encoding::f64) json["steps"] = field.steps_per_unit;
  return json;
}

// {component: {field: number}} of one row; of a schema whose fields are all numbers.
Json values_of(std::span<const std::int32_t> row, const Schema& schema) {
  Json values = Json::object();
  std::size_t column = 0;
  for (const ComponentSpec& component : schema.components()) {
    for (const FieldSpec& field : component.fields) {
      NETRIG_ASSERT(field.kind != FieldKind::bytes);
      values[component.name][field.name] = row[column++];
    }
  }
  return values;
}

// The state that a packet holds, if it holds a whole one that a client takes.
std::optional<Snapshot> state_of(Bytes rest, const Schema& schema) {
  FullStateReader reader{schema};
  while (!rest.empty()) {
    const RawMessage message = take_message(rest);
    if (message.type == MessageType::state_header && !reader.begin(*decode_state_header(message.body))) {
      return std::nullopt;
    }
    if (message.type == MessageType::state_update && !reader.add(message.body)) return std::nullopt;
  }
  if (!reader.complete()) return std::nullopt;
  reader.publish();
  return reader.newest();
}

bool add_values(Json& messages, Bytes rest, const Schema& schema) {
  const std::optional<Snapshot> state = state_of(rest, schema);
  if (!state) return false;
  std::size_t row = 0;
  for (Json& message : messages) {
    if (message["type"] == "state_update") message["values"] = values_of(state->row(row++), schema);
  }
  return true;
}

}  // namespace

std::string hex(Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string_view name_of(Sender sender) {
  switch (sender) {
    case Sender::client:
      return "client";
    case Sender::server:
      return "server";
    case Sender::both:
      return "both";
  }
  return "unknown";
}

Json messages_json() {
  Json rows = Json::array();
  for (const MessageInfo& info : kMessages) {
    rows.push_back({{"tag", static_cast<std::uint8_t>(info.type)},
                    {"name", info.name},
                    {"from", name_of(info.sender)},
                    {"reliable", info.reliable}});
  }
  return rows;
}

Json schema_json(std::string_view name, const Schema& schema) {
  Json components = Json::array();
  for (const ComponentSpec& component : schema.components()) {
    Json fields = Json::array();
    for (const FieldSpec& field : component.fields) fields.push_back(field_json(field));
    components.push_back({{"type", component.name}, {"fields", fields}});
  }
  return {{"name", "the schema of " + std::string{name}},
          {"kind", "schema"},
          {"schema", name},
          {"digest", number(schema.digest())},
          {"components", components}};
}

Decoded decode_packet_json(Bytes packet, Sender from, const Schema* schema) {
  const auto view = decode_packet(packet, from);
  if (!view) return {{}, std::string{text(view.error())}};
  Json messages = Json::array();
  for (Bytes rest = view->messages; !rest.empty();) {
    Decoded message = message_json(take_message(rest));
    if (!message.ok()) return message;
    messages.push_back(std::move(message.json));
  }
  if (schema != nullptr && !add_values(messages, view->messages, *schema)) return {{}, "unfit_state"};
  Json json{{"received", nullptr}};
  if (view->reliable_ack) json["received"] = *view->reliable_ack;
  json["messages"] = std::move(messages);
  return {std::move(json)};
}

Decoded decode_datagram_json(Bytes packet, Sender from) {
  Ack ack;
  const auto view = decode_datagram(packet, from, ack);
  if (!view) return {{}, std::string{text(view.error())}};
  Json json{{"ack", nullptr}};
  if (view->has_ack) {
    Json ranges = Json::array();
    for (const AckRange& range : ack.all()) ranges.push_back({range.last, range.first});
    json["ack"] = Json{{"largest", ack.largest}, {"delay", ack.delay_us}, {"ranges", std::move(ranges)}};
  }
  json["messages"] = Json::array();
  for (Bytes rest = view->messages; !rest.empty();) {
    Decoded message = message_json(take_message(rest));
    if (!message.ok()) return message;
    json["messages"].push_back(std::move(message.json));
  }
  return {std::move(json)};
}

Decoded decode_stream_json(Bytes stream, Sender from) {
  Json packets = Json::array();
  std::string fault;
  FrameReader reader;
  const bool in_step = reader.read(stream, [&](Bytes packet) {
    Decoded decoded = decode_packet_json(packet, from, nullptr);
    fault = decoded.fault;
    packets.push_back(std::move(decoded.json));
    return fault.empty();
  });
  if (!in_step) return {{}, "frame_too_long"};
  if (!fault.empty()) return {{}, fault};
  if (reader.partial_bytes() > 0) return {{}, "truncated"};
  return {Json{{"packets", std::move(packets)}}};
}

}  // namespace netrig::conformance
