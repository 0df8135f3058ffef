#include "netrig/core/protocol/codec.h"

#include "netrig/core/base/assert.h"
#include "netrig/core/base/frame.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/protocol/token.h"

namespace netrig {
namespace {

constexpr std::uint64_t kTimeNsMax = std::uint64_t{1}
                                     << 61;  // 73 years: sums and differences stay in 64 bits

// What a decoder answers once it has read all its fields.
template <class Message>
Result<Message, DecodeFault> finished(const ByteReader& reader, const Message& message) {
  if (!reader.ok()) return DecodeFault::truncated;
  if (!reader.at_end()) return DecodeFault::trailing_bytes;
  return message;
}

ResumeKey read_key(ByteReader& reader) {
  ResumeKey key;
  key.high = reader.u64();
  key.low = reader.u64();
  return key;
}

template <class Enum>
bool is_between(Enum value, Enum first, Enum last) {
  return value >= first && value <= last;
}

}  // namespace

std::string_view text(DecodeFault fault) {
  switch (fault) {
    case DecodeFault::truncated:
      return "truncated";
    case DecodeFault::trailing_bytes:
      return "trailing_bytes";
    case DecodeFault::unknown_type:
      return "unknown_type";
    case DecodeFault::wrong_sender:
      return "wrong_sender";
    case DecodeFault::out_of_range:
      return "out_of_range";
    case DecodeFault::bad_header:
      return "bad_header";
    case DecodeFault::empty:
      return "empty";
    case DecodeFault::wrong_channel:
      return "wrong_channel";
  }
  return "unknown";
}

std::string_view text(RefuseReason reason) {
  switch (reason) {
    case RefuseReason::malformed:
      return "malformed";
    case RefuseReason::version:
      return "version";
    case RefuseReason::features:
      return "features";
    case RefuseReason::schema:
      return "schema";
    case RefuseReason::server_full:
      return "server_full";
    case RefuseReason::address_limit:
      return "address_limit";
    case RefuseReason::stopping:
      return "stopping";
    case RefuseReason::handshake_timeout:
      return "handshake_timeout";
    case RefuseReason::token_required:
      return "token_required";
    case RefuseReason::token_invalid:
      return "token_invalid";
    case RefuseReason::token_expired:
      return "token_expired";
    case RefuseReason::token_used:
      return "token_used";
    case RefuseReason::encryption_required:
      return "encryption_required";
  }
  return "unknown";
}

std::string_view text(DisconnectReason reason) {
  switch (reason) {
    case DisconnectReason::left:
      return "left";
    case DisconnectReason::kicked:
      return "kicked";
    case DisconnectReason::timeout:
      return "timeout";
    case DisconnectReason::protocol_error:
      return "protocol_error";
    case DisconnectReason::stopping:
      return "stopping";
    case DisconnectReason::connection_lost:
      return "connection_lost";
  }
  return "unknown";
}

namespace {

Result<PacketView, DecodeFault> decode_header(Bytes packet) {
  ByteReader reader{packet};
  const std::uint8_t flags = reader.u8();
  if (!reader.ok()) return DecodeFault::truncated;
  if ((flags & ~kFlagReliableAck) != 0) return DecodeFault::bad_header;
  PacketView view;
  if ((flags & kFlagReliableAck) != 0) view.reliable_ack = reader.varint();
  if (!reader.ok()) return DecodeFault::truncated;
  if (reader.at_end() && !view.reliable_ack) return DecodeFault::empty;
  view.messages = reader.rest();
  return view;
}

template <class Message>
std::optional<DecodeFault> fault_of(const Result<Message, DecodeFault>& decoded) {
  if (decoded) return std::nullopt;
  return decoded.error();
}

std::optional<DecodeFault> fault_in_body(const RawMessage& message) {
  switch (message.type) {
    case MessageType::hello:
      return fault_of(decode_hello(message.body));
    case MessageType::welcome:
      return fault_of(decode_welcome(message.body));
    case MessageType::refuse:
      return fault_of(decode_refuse(message.body));
    case MessageType::ping:
      return fault_of(decode_ping(message.body));
    case MessageType::pong:
      return fault_of(decode_pong(message.body));
    case MessageType::leave:
      return message.body.empty() ? std::nullopt : std::optional{DecodeFault::trailing_bytes};
    case MessageType::disconnect:
      return fault_of(decode_disconnect(message.body));
    case MessageType::challenge:
      return fault_of(decode_challenge(message.body));
    case MessageType::proof:
      return fault_of(decode_proof(message.body));
    case MessageType::state_header:
      return fault_of(decode_state_header(message.body));
    case MessageType::state_update:
      return std::nullopt;
    case MessageType::entity_removed:
      return fault_of(decode_entity_removed(message.body));
    case MessageType::input:
      return fault_of(decode_input(message.body));
    case MessageType::app_reliable:
      return fault_of(decode_app_reliable(message.body));
    case MessageType::app_latest:
      return fault_of(decode_app_latest(message.body));
    case MessageType::numbered:  // of datagrams only (datagram_codec.h)
    case MessageType::part:
    case MessageType::fragment:
      break;
  }
  return DecodeFault::unknown_type;
}

// States are nearly all there is to decode: takes the whole state_updates of one short length that come next
// off `rest`.
bool skip_state_updates(Bytes& rest) {
  if (rest.size() < 2 || rest[0] != static_cast<std::uint8_t>(MessageType::state_update) || rest[1] >= 0x80)
    return false;
  const auto envelope = load_little_endian<std::uint16_t>(rest.data());
  const std::size_t message_bytes = std::size_t{2} + rest[1];
  const std::uint8_t* at = rest.data();
  std::size_t left = rest.size();
  for (; left >= message_bytes && load_little_endian<std::uint16_t>(at) == envelope; at += message_bytes)
    left -= message_bytes;
  const bool any = left != rest.size();
  rest = rest.last(left);
  return any;
}

bool is_state(MessageType type) {
  return type == MessageType::state_update || type == MessageType::state_header;
}

}  // namespace

bool envelope_fits(Bytes rest) {
  if (rest.size() >= 2 && rest[1] < 0x80) return rest.size() - 2 >= rest[1];
  ByteReader reader{rest};
  reader.u8();
  reader.bytes(reader.varint());
  return reader.ok();
}

std::optional<DecodeFault> fault_in_message(const RawMessage& message, Sender from) {
  const std::uint8_t row = kMessageRows[static_cast<std::uint8_t>(message.type)];
  if (row == kNoMessage) return DecodeFault::unknown_type;
  const Sender allowed = kMessages[row].sender;
  if (allowed != Sender::both && allowed != from) return DecodeFault::wrong_sender;
  return fault_in_body(message);
}

Result<PacketView, DecodeFault> decode_packet(Bytes packet, Sender from) {
  const Result<PacketView, DecodeFault> header = decode_header(packet);
  if (!header) return header;
  PacketView view = *header;
  for (Bytes rest = view.messages; !rest.empty();) {
    if (from == Sender::server && skip_state_updates(rest)) {
      view.has_state = true;
      continue;
    }
    if (!envelope_fits(rest)) return DecodeFault::truncated;
    const RawMessage message = take_message(rest);
    (is_state(message.type) ? view.has_state : view.has_others) = true;
    if (const std::optional<DecodeFault> fault = fault_in_message(message, from)) return *fault;
  }
  return view;
}

namespace {

// The body of the one message of that type that is all of a client's packet.
std::optional<Bytes> sole_message(Bytes packet, MessageType type) {
  const Result<PacketView, DecodeFault> view = decode_packet(packet, Sender::client);
  if (!view || view->reliable_ack) return std::nullopt;
  Bytes rest = view->messages;
  const RawMessage message = take_message(rest);
  return message.type == type && rest.empty() ? std::optional{message.body} : std::nullopt;
}

}  // namespace

std::optional<FirstHello> sole_hello(Bytes packet) {
  const std::optional<Bytes> body = sole_message(packet, MessageType::hello);
  return body ? std::optional{FirstHello{*decode_hello(*body), *body}} : std::nullopt;
}

std::optional<Proof> sole_proof(Bytes packet) {
  const std::optional<Bytes> body = sole_message(packet, MessageType::proof);
  return body ? std::optional{*decode_proof(*body)} : std::nullopt;
}

Result<Hello, DecodeFault> decode_hello(Bytes body) {
  ByteReader reader{body};
  const bool ours = reader.u32() == kHelloMagic;
  Hello hello;
  hello.version_min = reader.u16();
  hello.version_max = reader.u16();
  hello.offered = reader.u32();
  hello.required = reader.u32();
  hello.schema_digest = reader.u64();
  hello.resume.epoch = reader.u64();
  hello.resume.client = ClientId{reader.u64()};
  hello.resume.key = read_key(reader);
  hello.resume.received = reader.u32();
  hello.token = reader.rest();
  if (!reader.ok()) return DecodeFault::truncated;
  const bool has_fitting_token = hello.token.empty() || hello.token.size() == kTokenBytes;
  if (!ours || hello.version_min > hello.version_max || !has_fitting_token) return DecodeFault::out_of_range;
  return hello;
}

std::optional<VersionRange> peek_versions(Bytes hello_body) {
  ByteReader reader{hello_body};
  const bool ours = reader.u32() == kHelloMagic;
  const std::uint16_t least = reader.u16();
  const std::uint16_t most = reader.u16();
  if (!reader.ok() || !ours || least > most) return std::nullopt;
  return VersionRange{least, most};
}

Result<Welcome, DecodeFault> decode_welcome(Bytes body) {
  ByteReader reader{body};
  Welcome welcome;
  welcome.version = reader.u16();
  welcome.features = reader.u32();
  welcome.epoch = reader.u64();
  welcome.client = ClientId{reader.u64()};
  welcome.entity = EntityId{reader.u64()};
  welcome.tick_rate_hz = reader.u16();
  welcome.tick = Tick{reader.u32()};
  welcome.server_time_ns = reader.u64();
  welcome.resume_key = read_key(reader);
  welcome.resume_grace_ms = reader.u32();
  welcome.received = reader.u32();
  const std::uint8_t resumed = reader.u8();
  welcome.resumed = resumed == 1;
  const bool valid = resumed <= 1 && welcome.server_time_ns <= kTimeNsMax && welcome.client != ClientId{} &&
                     welcome.tick_rate_hz >= 1 && welcome.tick_rate_hz <= kTickRateHzLimit;
  if (reader.ok() && !valid) return DecodeFault::out_of_range;
  return finished(reader, welcome);
}

Result<Refuse, DecodeFault> decode_refuse(Bytes body) {
  ByteReader reader{body};
  Refuse refuse;
  refuse.reason = static_cast<RefuseReason>(reader.u8());
  refuse.version_min = reader.u16();
  refuse.version_max = reader.u16();
  const bool known = is_between(refuse.reason, RefuseReason::malformed, RefuseReason::encryption_required);
  if (reader.ok() && !known) return DecodeFault::out_of_range;
  return finished(reader, refuse);
}

Result<Ping, DecodeFault> decode_ping(Bytes body) {
  ByteReader reader{body};
  const Ping ping{reader.u32()};
  return finished(reader, ping);
}

Result<Pong, DecodeFault> decode_pong(Bytes body) {
  ByteReader reader{body};
  Pong pong;
  pong.id = reader.u32();
  pong.held_us = reader.u32();
  pong.time_ns = reader.u64();
  if (reader.ok() && pong.time_ns > kTimeNsMax) return DecodeFault::out_of_range;
  return finished(reader, pong);
}

Result<Disconnect, DecodeFault> decode_disconnect(Bytes body) {
  ByteReader reader{body};
  Disconnect disconnect;
  disconnect.reason = static_cast<DisconnectReason>(reader.u8());
  disconnect.message = text_of(reader.rest());
  if (!reader.ok()) return DecodeFault::truncated;
  const bool known = is_between(disconnect.reason, DisconnectReason::left, DisconnectReason::stopping);
  if (!known || disconnect.message.size() > kReasonTextBytesMax) return DecodeFault::out_of_range;
  return disconnect;
}

Result<Challenge, DecodeFault> decode_challenge(Bytes body) {
  ByteReader reader{body};
  Challenge challenge;
  reader.copy_to(challenge.nonce);
  reader.copy_to(challenge.check);
  return finished(reader, challenge);
}

Result<Proof, DecodeFault> decode_proof(Bytes body) {
  ByteReader reader{body};
  Proof proof;
  reader.copy_to(proof.mac);
  reader.copy_to(proof.signature);
  return finished(reader, proof);
}

Result<StateHeader, DecodeFault> decode_state_header(Bytes body) {
  ByteReader reader{body};
  StateHeader header;
  header.tick = Tick{reader.u32()};
  header.input_ack = InputSequence{reader.u32()};
  header.entities = reader.u16();
  return finished(reader, header);
}

Result<EntityRemoved, DecodeFault> decode_entity_removed(Bytes body) {
  ByteReader reader{body};
  EntityRemoved removed;
  removed.entity = EntityId{reader.u64()};
  removed.tick = Tick{reader.u32()};
  return finished(reader, removed);
}

Result<InputMessage, DecodeFault> decode_input(Bytes body) {
  ByteReader reader{body};
  InputMessage input;
  input.sequence = InputSequence{reader.u32()};
  input.acked = Tick{reader.u32()};
  if (!reader.ok()) return DecodeFault::truncated;
  if (reader.remaining() > kInputBytesMax || input.sequence == InputSequence{})
    return DecodeFault::out_of_range;
  input.input = Input{reader.rest()};
  return input;
}

Result<AppMessage, DecodeFault> decode_app_reliable(Bytes body) {
  ByteReader reader{body};
  AppMessage message;
  message.kind = reader.u16();
  message.bytes = reader.rest();
  if (!reader.ok()) return DecodeFault::truncated;
  if (message.bytes.size() > kAppMessageBytesMax) return DecodeFault::out_of_range;
  return message;
}

Result<LatestMessage, DecodeFault> decode_app_latest(Bytes body) {
  ByteReader reader{body};
  LatestMessage message;
  message.key = reader.u16();
  message.sequence = reader.u32();
  message.bytes = reader.rest();
  if (!reader.ok()) return DecodeFault::truncated;
  if (message.bytes.size() > kAppMessageBytesMax) return DecodeFault::out_of_range;
  return message;
}

}  // namespace netrig
