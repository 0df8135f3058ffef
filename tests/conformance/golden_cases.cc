#include "netrig/tests/conformance/golden_cases.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/token.h"
#include "netrig/core/replication/full_state.h"
#include "netrig/core/venture/state_update.h"
#include "netrig/sim/world/arena_config.h"

namespace netrig::conformance {
namespace {

constexpr std::uint16_t kMax16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint32_t kMax32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kMax64 = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kTimeNsMax = std::uint64_t{1} << 61;

using Cases = std::vector<GoldenCase>;

template <class Message>
void add(Cases& cases, std::string name, Sender from, const Message& message) {
  cases.push_back({std::move(name), from, packet_of([&](FrameWriter& writer) { writer.write(message); })});
}

template <class Message>
void add_encoded(Cases& cases, std::string name, Sender from, MessageType type, const Message& message) {
  Buffer body;
  encode_body(message, body);
  cases.push_back(
      {std::move(name), from, packet_of([&](FrameWriter& out) { out.write_encoded(type, body); })});
}

Buffer counted_bytes(std::size_t count) {
  Buffer bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i + 1);
  return bytes;
}

void add_handshake(Cases& cases) {
  add(cases, "hello, all zeros", Sender::client, Hello{});
  add(cases, "hello, version 1", Sender::client, Hello{1, 1, 0, 0, golden_schema().digest()});
  add(cases, "hello, all ones", Sender::client,
      Hello{kMax16, kMax16, kMax32, kMax32, kMax64, {kMax64, ClientId{kMax64}, {kMax64, kMax64}, kMax32}});
  add(cases, "hello, a player comes back", Sender::client,
      Hello{1,
            1,
            0,
            0,
            golden_schema().digest(),
            {0x1122334455667788, ClientId{7}, {0x0102030405060708, 9}, 3}});
  const Buffer token = counted_bytes(kTokenBytes);
  add(cases, "hello with a token", Sender::client, Hello{1, 1, 0, 0, golden_schema().digest(), {}, token});
  add(cases, "welcome, smallest", Sender::server, Welcome{0, 0, 0, ClientId{1}, {}, 1, {}, 0});
  add(cases, "welcome, a player", Sender::server,
      Welcome{1,
              0,
              0x1122334455667788,
              ClientId{7},
              EntityId{32},
              20,
              Tick{1200},
              60'000'000'000,
              {0x0102030405060708, 0x090A0B0C0D0E0F10},
              30'000,
              0,
              false});
  add(cases, "welcome, a player came back", Sender::server,
      Welcome{1,
              0,
              0x1122334455667788,
              ClientId{7},
              EntityId{32},
              20,
              Tick{1260},
              63'000'000'000,
              {0x0102030405060708, 0x090A0B0C0D0E0F10},
              30'000,
              5,
              true});
  add(cases, "welcome, largest", Sender::server,
      Welcome{kMax16,
              kMax32,
              kMax64,
              ClientId{kMax64},
              EntityId{kMax64},
              240,
              Tick{kMax32},
              kTimeNsMax,
              {kMax64, kMax64},
              kMax32,
              kMax32,
              true});
  for (std::uint8_t reason = 1; reason <= kRefuseReasons; ++reason) {
    const Refuse refuse{static_cast<RefuseReason>(reason), reason, static_cast<std::uint16_t>(reason * 257)};
    add(cases, "refuse, " + std::string{text(refuse.reason)}, Sender::server, refuse);
  }
  add(cases, "refuse, all ones", Sender::server, Refuse{RefuseReason::encryption_required, kMax16, kMax16});
}

void add_token_exchange(Cases& cases) {
  add(cases, "challenge, zeros", Sender::server, Challenge{});
  add(cases, "proof, zeros", Sender::client, Proof{});
  Challenge challenge;
  std::ranges::copy(counted_bytes(challenge.nonce.size()), challenge.nonce.begin());
  std::ranges::copy(counted_bytes(challenge.check.size()), challenge.check.begin());
  add(cases, "challenge", Sender::server, challenge);
  Proof proof;
  std::ranges::copy(counted_bytes(proof.mac.size()), proof.mac.begin());
  std::ranges::copy(counted_bytes(proof.signature.size()), proof.signature.begin());
  add(cases, "proof", Sender::client, proof);
}

void add_upkeep(Cases& cases) {
  for (const Sender from : {Sender::client, Sender::server}) {
    const std::string side = from == Sender::client ? " of a client" : " of a server";
    for (const std::uint32_t id : {0u, 258u, kMax32}) {
      add(cases, "ping " + std::to_string(id) + side, from, Ping{id});
    }
    add(cases, "pong, zeros" + side, from, Pong{});
    add(cases, "pong, 1.5 ms held" + side, from, Pong{3, 1'500, 9'007'199'254'740'993});
    add(cases, "pong, largest" + side, from, Pong{kMax32, kMax32, kTimeNsMax});
  }
  cases.push_back({"leave", Sender::client, packet_of([](FrameWriter& writer) { writer.write_leave(); })});
  for (std::uint8_t reason = 1; reason <= 5; ++reason) {
    const Disconnect disconnect{static_cast<DisconnectReason>(reason), {}};
    add(cases, "disconnect, " + std::string{text(disconnect.reason)}, Sender::server, disconnect);
  }
  add(cases, "disconnect with a word", Sender::server,
      Disconnect{DisconnectReason::kicked, "au revoir, \u00e0 bient\u00f4t"});
  const std::string longest(kReasonTextBytesMax, 'x');
  add(cases, "disconnect with 64 bytes", Sender::server, Disconnect{DisconnectReason::stopping, longest});
}

void add_inputs(Cases& cases) {
  add(cases, "input, shortest", Sender::client, InputMessage{InputSequence{1}, {}, {}});
  add(cases, "input, typical", Sender::client,
      InputMessage{InputSequence{77}, Tick{70}, Input{counted_bytes(5)}});
  add(cases, "input, longest", Sender::client,
      InputMessage{InputSequence{kMax32}, Tick{kMax32}, Input{counted_bytes(kInputBytesMax)}});
}

void add_app_messages(Cases& cases) {
  const Buffer word = counted_bytes(5);
  const Buffer two_byte_length = counted_bytes(200);
  const Buffer longest(kAppMessageBytesMax, 0xA5);
  for (const Sender from : {Sender::client, Sender::server}) {
    const std::string side = from == Sender::client ? " of a client" : " of a server";
    const auto reliable = MessageType::app_reliable;
    add_encoded(cases, "app_reliable, empty" + side, from, reliable, AppMessage{0, {}});
    add_encoded(cases, "app_reliable, typical" + side, from, reliable, AppMessage{513, word});
    add_encoded(cases, "app_reliable, a length of two bytes" + side, from, reliable,
                AppMessage{kMax16, two_byte_length});
    const auto latest = MessageType::app_latest;
    add_encoded(cases, "app_latest, empty" + side, from, latest, LatestMessage{0, 0, {}});
    add_encoded(cases, "app_latest, typical" + side, from, latest, LatestMessage{513, 9, word});
    add_encoded(cases, "app_latest, a length of two bytes" + side, from, latest,
                LatestMessage{kMax16, kMax32, two_byte_length});
  }
  add_encoded(cases, "app_reliable, longest", Sender::client, MessageType::app_reliable,
              AppMessage{2, longest});
  add_encoded(cases, "app_latest, longest", Sender::server, MessageType::app_latest,
              LatestMessage{2, 3, longest});
}

// ---- states ----

void add_update(Cases& cases, std::string name, const venture::StateUpdateHeader& header,
                std::span<const venture::Component> components) {
  Buffer body;
  const auto encoded = venture::append({header, components}, body);
  NETRIG_ASSERT(encoded.has_value());
  cases.push_back({std::move(name), Sender::server, packet_of([&](FrameWriter& writer) {
                     writer.write_encoded(MessageType::state_update, body);
                   })});
}

void add_state_messages(Cases& cases) {
  add(cases, "state_header, zeros", Sender::server, StateHeader{});
  add(cases, "state_header, typical", Sender::server, StateHeader{Tick{1200}, InputSequence{1150}, 32});
  add(cases, "state_header, largest", Sender::server,
      StateHeader{Tick{kMax32}, InputSequence{kMax32}, kMax16});
  add_encoded(cases, "entity_removed, zeros", Sender::server, MessageType::entity_removed, EntityRemoved{});
  add_encoded(cases, "entity_removed, typical", Sender::server, MessageType::entity_removed,
              EntityRemoved{EntityId{33}, Tick{1201}});
  add_encoded(cases, "entity_removed, largest", Sender::server, MessageType::entity_removed,
              EntityRemoved{EntityId{kMax64}, Tick{kMax32}});

  const Buffer data = counted_bytes(5);
  const std::array components{venture::Component{"position", data}, venture::Component{"", {}}};
  add_update(cases, "state_update, no components", {0, EntityId{}, 0, 0}, {});
  add_update(cases, "state_update, components of no schema", {1'000, EntityId{5}, 128, 20}, components);
  add_update(cases, "state_update, largest header", {kMax64, EntityId{kMax64}, 255, kMax32}, {});
}

using Row = std::vector<std::int32_t>;

Row ends_of_ranges(std::int32_t FieldSpec::*end) {
  Row row;
  for (const ComponentSpec& component : golden_schema().components()) {
    for (const FieldSpec& field : component.fields) row.push_back(field.*end);
  }
  return row;
}

Snapshot state_of(std::span<const Row> rows) {
  Snapshot state{golden_schema().columns()};
  state.reset(Tick{20});
  std::uint64_t id = 0;
  for (const Row& row : rows) std::ranges::copy(row, state.add(EntityId{++id}).begin());
  return state;
}

// One frame with the header, another with the updates: as a server has them, because all clients share the
// second.
Buffer frames_of(const Snapshot& state) {
  Buffer bytes;
  PacketBreakdown breakdown;
  FrameWriter writer{bytes, breakdown};
  writer.acknowledge(0);
  writer.write(StateHeader{state.tick(), InputSequence{3}, static_cast<std::uint16_t>(state.size())});
  writer.finish();
  FullStateWriter{golden_schema()}.write(state, 1'000'000'000, bytes, breakdown);
  return bytes;
}

// The same in one packet.
Buffer packet_of_state(const Snapshot& state) {
  const Buffer frames = frames_of(state);
  Buffer packet;
  FrameReader reader;
  reader.read(frames, [&](Bytes part) {
    const std::size_t flags = packet.empty() ? 0 : 1;  // the first packet's are the packet's
    packet.insert(packet.end(), part.begin() + static_cast<std::ptrdiff_t>(flags), part.end());
    return true;
  });
  return packet;
}

GoldenCase state_case(std::string name, Buffer packet) {
  return {.name = std::move(name), .from = Sender::server, .bytes = std::move(packet), .is_state = true};
}

const Row kTypical{12'345, 99'999, -4'243, 1, 75'000, 100'000};

Snapshot two_entities() {
  const std::array rows{kTypical, Row{1, 2, -3, 4, 5, 6}};
  return state_of(rows);
}

void add_states(Cases& cases) {
  const std::array ends{ends_of_ranges(&FieldSpec::min), ends_of_ranges(&FieldSpec::max)};
  cases.push_back(state_case("a state of nobody", packet_of_state(state_of({}))));
  cases.push_back(state_case("a state of two entities", two_entities_packet()));
  cases.push_back(state_case("a state with the ends of every range", packet_of_state(state_of(ends))));
  cases.push_back({"a state over two frames", Sender::server, frames_of(two_entities()), Layer::stream});
}

// ---- packets with several messages, and streams ----

void write_several(FrameWriter& writer) {
  writer.write(Ping{1});
  writer.write(Pong{2, 3, 4});
  writer.write(InputMessage{InputSequence{5}, Tick{4}, Input{counted_bytes(5)}});
  writer.write(InputMessage{InputSequence{6}, Tick{4}, {}});
  writer.write_leave();
}

void add_packets(Cases& cases) {
  for (const std::uint32_t received :
       {0u, 1u, 127u, 128u, 16'383u, 16'384u, 2'097'152u, 268'435'456u, kMax32}) {
    const std::string name = "an ack of " + std::to_string(received);
    cases.push_back({name, Sender::client, packet_of([&](FrameWriter& out) { out.acknowledge(received); })});
    cases.push_back({name + " and a ping", Sender::server, packet_of([&](FrameWriter& out) {
                       out.acknowledge(received);
                       out.write(Ping{received});
                     })});
  }
  cases.push_back({"several messages", Sender::client, packet_of(write_several)});
  cases.push_back({"several messages after an ack", Sender::client, packet_of([](FrameWriter& out) {
                     out.acknowledge(300);
                     write_several(out);
                   })});
}

void add_streams(Cases& cases) {
  Buffer bytes;
  PacketBreakdown breakdown;
  FrameWriter writer{bytes, breakdown};
  writer.write(Ping{1});
  writer.acknowledge(2);
  writer.write(Ping{2});
  writer.acknowledge(3);
  writer.finish();
  cases.push_back({"three frames in one write", Sender::client, bytes, Layer::stream});
  cases.push_back({"a stream without a frame", Sender::client, {}, Layer::stream});
}

}  // namespace

const Schema& golden_schema() {
  static const Schema schema = sim::arena_schema({});
  return schema;
}

Buffer two_entities_packet() {
  return packet_of_state(two_entities());
}

std::vector<GoldenCase> valid_cases() {
  Cases cases;
  add_handshake(cases);
  add_token_exchange(cases);
  add_upkeep(cases);
  add_inputs(cases);
  add_app_messages(cases);
  add_state_messages(cases);
  add_states(cases);
  add_packets(cases);
  add_streams(cases);
  add_valid_datagrams(cases);
  add_valid_handshakes(cases);
  return cases;
}

}  // namespace netrig::conformance
