#include "netrig/core/protocol/message_writer.h"

#include "netrig/core/base/assert.h"
#include "netrig/core/base/frame.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {
namespace {

constexpr std::size_t kResumeKeyBytes = 8 + 8;
constexpr std::size_t kHelloBytes = 4 + 2 + 2 + 4 + 4 + 8 + (8 + 8 + kResumeKeyBytes + 4);
constexpr std::size_t kWelcomeBytes = 2 + 4 + 8 + 8 + 8 + 2 + 4 + 8 + (kResumeKeyBytes + 4 + 4 + 1);
constexpr std::size_t kRefuseBytes = 1 + 2 + 2;
constexpr std::size_t kPingBytes = 4;
constexpr std::size_t kPongBytes = 4 + 4 + 8;
constexpr std::size_t kStateHeaderBodyBytes = 4 + 4 + 2;
static_assert(kStateHeaderBytes == 2 + kStateHeaderBodyBytes);
constexpr std::size_t kInputHeadBytes = 4 + 4;

void write_key(const ResumeKey& key, ByteWriter& out) {
  out.u64(key.high);
  out.u64(key.low);
}

void write_body(const Hello& hello, ByteWriter& out) {
  out.u32(kHelloMagic);
  out.u16(hello.version_min);
  out.u16(hello.version_max);
  out.u32(hello.offered);
  out.u32(hello.required);
  out.u64(hello.schema_digest);
  out.u64(hello.resume.epoch);
  out.u64(hello.resume.client.value);
  write_key(hello.resume.key, out);
  out.u32(hello.resume.received);
  out.bytes(hello.token);
}

void write_body(const Welcome& welcome, ByteWriter& out) {
  out.u16(welcome.version);
  out.u32(welcome.features);
  out.u64(welcome.epoch);
  out.u64(welcome.client.value);
  out.u64(welcome.entity.value);
  out.u16(welcome.tick_rate_hz);
  out.u32(welcome.tick.value);
  out.u64(welcome.server_time_ns);
  write_key(welcome.resume_key, out);
  out.u32(welcome.resume_grace_ms);
  out.u32(welcome.received);
  out.u8(welcome.resumed ? 1 : 0);
}

void write_envelope(MessageType type, std::size_t body_bytes, ByteWriter& out, PacketBreakdown& breakdown) {
  out.u8(static_cast<std::uint8_t>(type));
  out.varint(static_cast<std::uint32_t>(body_bytes));
  MessageTotal& total = breakdown.by_message[message_row(type)];
  total.count += 1;
  total.bytes += body_bytes;
  breakdown.protocol_bytes += envelope_bytes(body_bytes);
}

}  // namespace

std::size_t envelope_bytes(std::size_t body_bytes) {
  return 1 + varint_size(static_cast<std::uint32_t>(body_bytes));
}

void FrameWriter::open_frame(std::uint8_t flags) {
  frame_at_ = writer_.size();
  writer_.u32(0);  // the length, known when the frame is finished
  writer_.u8(flags);
  breakdown_.protocol_bytes += kFrameHeaderBytes + 1;
}

void FrameWriter::acknowledge(std::uint32_t reliable_received) {
  finish();
  open_frame(kFlagReliableAck);
  writer_.varint(reliable_received);
  breakdown_.protocol_bytes += varint_size(reliable_received);
}

void FrameWriter::finish() {
  if (frame_at_ == kNoFrame) return;
  const std::size_t packet_bytes = writer_.size() - frame_at_ - kFrameHeaderBytes;
  NETRIG_ASSERT(packet_bytes <= kPacketBytesMax);
  writer_.patch_u32(frame_at_, static_cast<std::uint32_t>(packet_bytes));
  frame_at_ = kNoFrame;
}

ByteWriter& FrameWriter::message(MessageType type, std::size_t body_bytes) {
  const std::size_t needed = envelope_bytes(body_bytes) + body_bytes;
  const bool fits =
      frame_at_ != kNoFrame && writer_.size() - frame_at_ - kFrameHeaderBytes + needed <= kPacketBytesMax;
  if (!fits) {
    finish();
    open_frame(0);
  }
  write_envelope(type, body_bytes, writer_, breakdown_);
  return writer_;
}

ByteWriter& RawWriter::message(MessageType type, std::size_t body_bytes) {
  write_envelope(type, body_bytes, writer_, breakdown_);
  return writer_;
}

void MessageWriter::write(const Hello& hello) {
  write_body(hello, message(MessageType::hello, kHelloBytes + hello.token.size()));
}

void MessageWriter::write(const Welcome& welcome) {
  write_body(welcome, message(MessageType::welcome, kWelcomeBytes));
}

void MessageWriter::write(const Refuse& refuse) {
  ByteWriter& out = message(MessageType::refuse, kRefuseBytes);
  out.u8(static_cast<std::uint8_t>(refuse.reason));
  out.u16(refuse.version_min);
  out.u16(refuse.version_max);
}

void MessageWriter::write(const Ping& ping) {
  message(MessageType::ping, kPingBytes).u32(ping.id);
}

void MessageWriter::write(const Pong& pong) {
  ByteWriter& out = message(MessageType::pong, kPongBytes);
  out.u32(pong.id);
  out.u32(pong.held_us);
  out.u64(pong.time_ns);
}

void MessageWriter::write(const Disconnect& disconnect) {
  NETRIG_ASSERT(disconnect.message.size() <= kReasonTextBytesMax);
  ByteWriter& out = message(MessageType::disconnect, 1 + disconnect.message.size());
  out.u8(static_cast<std::uint8_t>(disconnect.reason));
  out.bytes(bytes_of(disconnect.message));
}

void MessageWriter::write(const Challenge& challenge) {
  ByteWriter& out = message(MessageType::challenge, challenge.nonce.size() + challenge.check.size());
  out.bytes(challenge.nonce);
  out.bytes(challenge.check);
}

void MessageWriter::write(const Proof& proof) {
  ByteWriter& out = message(MessageType::proof, proof.mac.size() + proof.signature.size());
  out.bytes(proof.mac);
  out.bytes(proof.signature);
}

void MessageWriter::write(const StateHeader& header) {
  ByteWriter& out = message(MessageType::state_header, kStateHeaderBodyBytes);
  out.u32(header.tick.value);
  out.u32(header.input_ack.value);
  out.u16(header.entities);
}

void MessageWriter::write(const InputMessage& input) {
  ByteWriter& out = message(MessageType::input, kInputHeadBytes + input.input.bytes().size());
  out.u32(input.sequence.value);
  out.u32(input.acked.value);
  out.bytes(input.input.bytes());
}

void MessageWriter::write_leave() {
  message(MessageType::leave, 0);
}

void MessageWriter::write_encoded(MessageType type, Bytes body) {
  message(type, body.size()).bytes(body);
}

std::span<std::uint8_t> MessageWriter::write_space(MessageType type, std::size_t size) {
  return message(type, size).space(size);
}

void encode_body(const Hello& hello, std::vector<std::uint8_t>& out) {
  ByteWriter writer{out};
  write_body(hello, writer);
}

void encode_body(const Welcome& welcome, std::vector<std::uint8_t>& out) {
  ByteWriter writer{out};
  write_body(welcome, writer);
}

void encode_body(const EntityRemoved& removed, std::vector<std::uint8_t>& out) {
  ByteWriter writer{out};
  writer.u64(removed.entity.value);
  writer.u32(removed.tick.value);
}

void encode_body(const AppMessage& message, std::vector<std::uint8_t>& out) {
  ByteWriter writer{out};
  writer.u16(message.kind);
  writer.bytes(message.bytes);
}

void encode_body(const LatestMessage& message, std::vector<std::uint8_t>& out) {
  ByteWriter writer{out};
  writer.u16(message.key);
  writer.u32(message.sequence);
  writer.bytes(message.bytes);
}

}  // namespace netrig
