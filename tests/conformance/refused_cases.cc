// Packets that no decoder takes: valid ones with something changed, so that each has one fault.
#include <utility>

#include "netrig/core/protocol/limits.h"
#include "netrig/tests/conformance/golden_cases.h"

namespace netrig::conformance {
namespace {

constexpr std::size_t kLengthAt = 2;  // in a packet without an ack
constexpr std::size_t kBodyAt = 3;

using Cases = std::vector<GoldenCase>;

void add(Cases& cases, std::string name, Sender from, Buffer bytes) {
  cases.push_back({.name = std::move(name), .from = from, .bytes = std::move(bytes), .is_refused = true});
}

// A packet of one message with `size` zeros as its body.
Buffer zeros(MessageType type, std::size_t size) {
  return packet_of([&](FrameWriter& writer) { writer.write_encoded(type, Buffer(size)); });
}

template <class Message>
Buffer packet_with(const Message& message) {
  return packet_of([&](FrameWriter& writer) { writer.write(message); });
}

Buffer changed(Buffer bytes, std::size_t at, std::uint8_t value) {
  bytes.at(at) = value;
  return bytes;
}

Sender one_side(Sender allowed) {
  return allowed == Sender::both ? Sender::client : allowed;
}

Sender other_side(Sender side) {
  return side == Sender::client ? Sender::server : Sender::client;
}

// Bytes that a body has at least, without what may follow.
std::size_t body_bytes_min(MessageType type) {
  switch (type) {
    case MessageType::hello:
      return 24;
    case MessageType::welcome:
      return 44;
    case MessageType::refuse:
      return 5;
    case MessageType::ping:
      return 4;
    case MessageType::pong:
      return 16;
    case MessageType::leave:
      return 0;
    case MessageType::disconnect:
      return 1;
    case MessageType::state_header:
      return 10;
    case MessageType::challenge:
      return 48;
    case MessageType::proof:
      return 80;
    case MessageType::state_update:
      return 23;
    case MessageType::entity_removed:
      return 12;
    case MessageType::input:
      return 8;
    case MessageType::app_reliable:
      return 2;
    case MessageType::app_latest:
      return 6;
    case MessageType::numbered:
    case MessageType::part:
    case MessageType::fragment:
      break;
  }
  return 0;
}

bool has_fixed_size(MessageType type) {
  switch (type) {
    case MessageType::disconnect:
    case MessageType::input:
    case MessageType::app_reliable:
    case MessageType::app_latest:
      return false;
    default:
      return true;
  }
}

// The shortest body that the message may have, all fields in range.
Buffer shortest(MessageType type) {
  switch (type) {
    case MessageType::hello:
      return packet_with(Hello{1, 1, 0, 0, 0});
    case MessageType::welcome:
      return packet_with(Welcome{1, 0, 2, ClientId{3}, EntityId{4}, 20, Tick{5}, 6});
    case MessageType::refuse:
      return packet_with(Refuse{RefuseReason::version, 1, 1});
    case MessageType::disconnect:
      return packet_with(Disconnect{DisconnectReason::left, {}});
    case MessageType::input:
      return packet_with(InputMessage{InputSequence{1}, {}, {}});
    default:
      return zeros(type, body_bytes_min(type));
  }
}

// Its message is `by` bytes longer, or shorter, and says so.
Buffer resized(Buffer packet, int by) {
  packet.resize(static_cast<std::size_t>(static_cast<int>(packet.size()) + by));
  packet[kLengthAt] = static_cast<std::uint8_t>(packet[kLengthAt] + by);
  return packet;
}

void add_sizes(Cases& cases) {
  for (const MessageInfo& info : kMessages) {
    if (carriage(info.type) == Carriage::wrapper) continue;  // of datagrams only
    const std::string name{info.name};
    const Buffer packet = shortest(info.type);
    const Sender from = one_side(info.sender);
    if (has_fixed_size(info.type)) add(cases, name + ", a byte too long", from, resized(packet, 1));
    if (packet.size() > kBodyAt) add(cases, name + ", a byte too short", from, resized(packet, -1));
    if (info.sender != Sender::both) add(cases, name + " from the wrong side", other_side(from), packet);
  }
}

void add_envelopes(Cases& cases) {
  for (const int tag : {0, 9, 10, 11, 15, 19, 31, 33, 47, 50, 128, 255}) {
    add(cases, "tag " + std::to_string(tag), Sender::client, {0, static_cast<std::uint8_t>(tag), 0});
  }
  add(cases, "a tag and no length", Sender::client, {0, 6});
  add(cases, "a length beyond the packet", Sender::client, {0, 4, 5, 1, 2, 3, 4});
  add(cases, "a length far beyond the packet", Sender::client,
      {0, 4, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1, 2, 3, 4});
  add(cases, "a padded length of zero", Sender::client, {0, 6, 0x80, 0x00});
  add(cases, "a padded length", Sender::client, {0, 4, 0x84, 0x00, 1, 2, 3, 4});
  add(cases, "a length that does not end", Sender::client, {0, 6, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01});
  add(cases, "a length over 32 bits", Sender::client, {0, 6, 0x80, 0x80, 0x80, 0x80, 0x10});
  add(cases, "a good message, then half of one", Sender::client, {0, 4, 4, 1, 0, 0, 0, 4, 4, 2, 0});
  add(cases, "a good message, then an unknown one", Sender::client, {0, 4, 4, 1, 0, 0, 0, 99, 0});
}

void add_headers(Cases& cases) {
  add(cases, "no packet header", Sender::client, {});
  add(cases, "a header and nothing else", Sender::client, {0});
  add(cases, "an ack that is not there", Sender::client, {1});
  add(cases, "an ack without its end", Sender::client, {1, 0x80});
  add(cases, "a padded ack", Sender::client, {1, 0x81, 0x00});
  add(cases, "a padded ack of zero", Sender::server, {1, 0x80, 0x80, 0x00});
  add(cases, "an ack over 32 bits", Sender::server, {1, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F});
  add(cases, "an ack of six bytes", Sender::server, {1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00});
  for (const int flags : {2, 3, 4, 8, 16, 32, 64, 128, 255}) {
    add(cases, "flags " + std::to_string(flags), Sender::client,
        {static_cast<std::uint8_t>(flags), 4, 4, 1, 0, 0, 0});
  }
}

void add_handshake_ranges(Cases& cases) {
  add(cases, "hello of another protocol", Sender::client,
      changed(shortest(MessageType::hello), kBodyAt, 'X'));
  add(cases, "hello, no version left", Sender::client, packet_with(Hello{2, 1, 0, 0, 0}));
  const Welcome good{1, 0, 2, ClientId{3}, EntityId{4}, 20, Tick{5}, 6};
  Welcome bad = good;
  bad.client = ClientId{};
  add(cases, "welcome, nobody", Sender::server, packet_with(bad));
  bad = good;
  bad.tick_rate_hz = 0;
  add(cases, "welcome, 0 ticks a second", Sender::server, packet_with(bad));
  bad.tick_rate_hz = 241;
  add(cases, "welcome, 241 ticks a second", Sender::server, packet_with(bad));
  bad = good;
  bad.server_time_ns = (std::uint64_t{1} << 61) + 1;
  add(cases, "welcome, later than 2^61", Sender::server, packet_with(bad));
  for (const int reason : {0, 14, 255}) {
    add(cases, "refuse " + std::to_string(reason), Sender::server,
        changed(shortest(MessageType::refuse), kBodyAt, static_cast<std::uint8_t>(reason)));
  }
}

void add_ranges(Cases& cases) {
  add(cases, "pong, later than 2^61", Sender::client, packet_with(Pong{1, 2, (std::uint64_t{1} << 61) + 1}));
  for (const int reason : {0, 6, 255}) {
    add(cases, "disconnect " + std::to_string(reason), Sender::server,
        changed(shortest(MessageType::disconnect), kBodyAt, static_cast<std::uint8_t>(reason)));
  }
  add(cases, "disconnect with 65 bytes", Sender::server,
      changed(zeros(MessageType::disconnect, 1 + kReasonTextBytesMax + 1), kBodyAt, 1));
  add(cases, "input 0", Sender::client, packet_with(InputMessage{}));
  add(cases, "input of 49 bytes", Sender::client,
      changed(zeros(MessageType::input, 8 + kInputBytesMax + 1), kBodyAt, 1));
  add(cases, "app_reliable of 32,769 bytes", Sender::server,
      zeros(MessageType::app_reliable, 2 + kAppMessageBytesMax + 1));
  add(cases, "app_latest of 32,769 bytes", Sender::client,
      zeros(MessageType::app_latest, 6 + kAppMessageBytesMax + 1));
}

// ---- a v1 StateUpdate inside ----

void add_updates(Cases& cases) {
  constexpr std::size_t kCountAt = kBodyAt + 21;
  const Buffer none = zeros(MessageType::state_update, 23);
  add(cases, "state_update, a component that is not there", Sender::server, changed(none, kCountAt, 1));
  add(cases, "state_update, more components than bytes", Sender::server, changed(none, kCountAt + 1, 255));
  const Buffer empty = changed(zeros(MessageType::state_update, 29), kCountAt, 1);
  add(cases, "state_update, a type beyond the body", Sender::server, changed(empty, kCountAt + 2, 1));
  add(cases, "state_update, data beyond the body", Sender::server, changed(empty, kCountAt + 4, 1));
  add(cases, "state_update, data far beyond the body", Sender::server, changed(empty, kCountAt + 7, 255));
}

// Where things stand in two_entities_packet(): flags and ack, the header's message, then two updates.
constexpr std::size_t kHeaderAt = 2;
constexpr std::size_t kEntitiesAt = kHeaderAt + 2 + 8;
constexpr std::size_t kFirstAt = kHeaderAt + 2 + 10;
constexpr std::size_t kUpdateBytes = 2 + 111;
constexpr std::size_t kSecondAt = kFirstAt + kUpdateBytes;
constexpr std::size_t kEntityAt = 2 + 8;  // in an update, as the following
constexpr std::size_t kSequenceAt = 2 + 17;
constexpr std::size_t kComponentsAt = 2 + 21;
constexpr std::size_t kTypeAt = 2 + 23 + 2;  // of the first component, "position"
constexpr std::size_t kXAt = kTypeAt + 8 + 4;

void add_state(Cases& cases, std::string name, Buffer packet) {
  add(cases, std::move(name), Sender::server, std::move(packet));
  cases.back().is_state = true;
}

Buffer with_x(const Buffer& state, std::uint64_t double_bits) {
  Buffer bytes = state;
  store_little_endian(bytes.data() + kFirstAt + kXAt, double_bits);
  return bytes;
}

Buffer without(Buffer bytes, std::size_t at, std::size_t count) {
  const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  bytes.erase(from, from + static_cast<std::ptrdiff_t>(count));
  return bytes;
}

void add_states(Cases& cases) {
  const Buffer state = two_entities_packet();
  add_state(cases, "a state of which one update is missing", without(state, kSecondAt, kUpdateBytes));
  add_state(cases, "a state of which the header is missing", without(state, kHeaderAt, 12));
  add_state(cases, "a state with an update too many", changed(state, kEntitiesAt, 1));
  add_state(cases, "a state with an entity twice", changed(state, kSecondAt + kEntityAt, 1));
  add_state(cases, "a state with ids that descend", changed(state, kFirstAt + kEntityAt, 3));
  add_state(cases, "a state of two ticks", changed(state, kSecondAt + kSequenceAt, 21));
  add_state(cases, "a state of tick 0", changed(state, kHeaderAt + 2, 0));
  add_state(cases, "a state with another component", changed(state, kFirstAt + kTypeAt, 'P'));
  add_state(cases, "a state without its components", [&] {
    Buffer bytes = without(state, kFirstAt + kComponentsAt + 2, 111 - 23);
    bytes[kFirstAt + 1] = 23;
    bytes[kFirstAt + kComponentsAt] = 0;
    return bytes;
  }());
}

void add_values(Cases& cases) {
  const Buffer state = two_entities_packet();
  add_state(cases, "a position between two steps", with_x(state, 0x3F40'624D'D2F1'A9FCull));      // 0.0005
  add_state(cases, "a position one bit beside a step", with_x(state, 0x3F50'624D'D2F1'A9FDull));  // 0.001
  add_state(cases, "a position below its range", with_x(state, 0xBFF0'0000'0000'0000ull));        // -1
  add_state(cases, "a position beyond its range", with_x(state, 0x4059'4000'0000'0000ull));       // 101
  add_state(cases, "a position of minus zero", with_x(state, 0x8000'0000'0000'0000ull));
  add_state(cases, "a position that is no number", with_x(state, 0x7FF8'0000'0000'0000ull));
  add_state(cases, "an infinite position", with_x(state, 0x7FF0'0000'0000'0000ull));
  add_state(cases, "a position of 2^62 steps and more", with_x(state, 0x7FE0'0000'0000'0000ull));
  add_state(cases, "the smallest position above zero", with_x(state, 1));
}

// ---- streams ----

void add_stream(Cases& cases, std::string name, Buffer bytes) {
  add(cases, std::move(name), Sender::client, std::move(bytes));
  cases.back().layer = Layer::stream;
}

void add_streams(Cases& cases) {
  add_stream(cases, "a frame of 65,537 bytes", {1, 0, 1, 0});
  add_stream(cases, "a frame of 4 GiB after a good one",
             {7, 0, 0, 0, 0, 4, 4, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF});
  add_stream(cases, "a frame without a packet", {0, 0, 0, 0});
  add_stream(cases, "a frame that does not end", {7, 0, 0, 0, 0, 4, 4, 1, 0, 0});
  add_stream(cases, "a frame of 65,536 bytes that does not end", {0, 0, 1, 0});
  add_stream(cases, "half a length", {7, 0});
}

}  // namespace

std::vector<GoldenCase> refused_cases() {
  Cases cases;
  add_headers(cases);
  add_envelopes(cases);
  add_sizes(cases);
  add_handshake_ranges(cases);
  add_ranges(cases);
  add_updates(cases);
  add_states(cases);
  add_values(cases);
  add_streams(cases);
  add_refused_datagrams(cases);
  add_refused_handshakes(cases);
  return cases;
}

}  // namespace netrig::conformance
