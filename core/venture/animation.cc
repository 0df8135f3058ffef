#include "netrig/core/venture/animation.h"

#include <bit>
#include <limits>

#include "netrig/core/base/assert.h"
#include "netrig/core/venture/message_writer.h"

namespace netrig::venture {
namespace {

constexpr std::size_t kEntityOffset = 0;
constexpr std::size_t kStateOffset = 8;
constexpr std::size_t kFrameOffset = 9;
constexpr std::size_t kTimestampOffset = 11;
constexpr std::size_t kLoopOffset = 19;
static_assert(kLoopOffset + 1 == kAnimationPacketBytes);

constexpr std::size_t kBatchTimestampOffset = 2;
constexpr std::size_t kPacketsMax = std::numeric_limits<std::uint16_t>::max();  // the count is a u16

constexpr auto kLastState = static_cast<std::uint8_t>(AnimationState::use);

AnimationState state_of(std::uint8_t wire) {
  return wire <= kLastState ? static_cast<AnimationState>(wire) : AnimationState::idle;
}

void write_packet(const AnimationPacket& packet, std::uint8_t* to) {
  NETRIG_ASSERT(static_cast<std::uint8_t>(packet.state) <= kLastState);
  store_little_endian(to + kEntityOffset, packet.entity.value);
  to[kStateOffset] = static_cast<std::uint8_t>(packet.state);
  store_little_endian(to + kFrameOffset, packet.frame);
  store_little_endian(to + kTimestampOffset, std::bit_cast<std::uint64_t>(packet.timestamp));
  to[kLoopOffset] = packet.loop ? 1 : 0;
}

AnimationPacket read_packet(const std::uint8_t* from) {
  return {
      .entity = EntityId{load_little_endian<std::uint64_t>(from + kEntityOffset)},
      .state = state_of(from[kStateOffset]),
      .frame = load_little_endian<std::uint16_t>(from + kFrameOffset),
      .timestamp = std::bit_cast<std::int64_t>(load_little_endian<std::uint64_t>(from + kTimestampOffset)),
      .loop = from[kLoopOffset] == 1};
}

// The payload's bytes, all of them known to fit at `to`.
void write_payload(const AnimationBatch& batch, std::uint8_t* to) {
  store_little_endian(to, static_cast<std::uint16_t>(batch.packets.size()));
  store_little_endian(to + kBatchTimestampOffset, std::bit_cast<std::uint64_t>(batch.timestamp));
  to += kAnimationBatchBytesMin;
  for (const AnimationPacket& packet : batch.packets) {
    write_packet(packet, to);
    to += kAnimationPacketBytes;
  }
}

}  // namespace

AnimationPacket AnimationRange::Iterator::operator*() const {
  return read_packet(at_);
}

std::array<std::uint8_t, kAnimationPacketBytes> encode(const AnimationPacket& packet) {
  std::array<std::uint8_t, kAnimationPacketBytes> out;
  write_packet(packet, out.data());
  return out;
}

Result<AnimationPacket, DecodeError> decode_animation(Bytes payload) {
  if (payload.size() < kAnimationPacketBytes) return DecodeError::truncated;
  if (payload.size() > kAnimationPacketBytes) return DecodeError::trailing_bytes;
  return read_packet(payload.data());
}

Result<AnimationBatchView, DecodeError> decode_animation_batch(Bytes payload) {
  if (payload.size() < kAnimationBatchBytesMin) return DecodeError::truncated;
  const std::size_t count = load_little_endian<std::uint16_t>(payload.data());
  const Bytes packets = payload.subspan(kAnimationBatchBytesMin);
  if (packets.size() < count * kAnimationPacketBytes) return DecodeError::truncated;
  if (packets.size() > count * kAnimationPacketBytes) return DecodeError::trailing_bytes;
  const auto timestamp = load_little_endian<std::uint64_t>(payload.data() + kBatchTimestampOffset);
  return AnimationBatchView{std::bit_cast<std::int64_t>(timestamp), AnimationRange{packets}};
}

Result<std::size_t, EncodeError> encoded_size(const AnimationBatch& batch) {
  if (batch.packets.size() > kPacketsMax) return EncodeError::too_many_packets;
  return kAnimationBatchBytesMin + batch.packets.size() * kAnimationPacketBytes;
}

EncodeResult encode(const AnimationBatch& batch, std::span<std::uint8_t> out) {
  return write_to(out, encoded_size(batch), [&](std::uint8_t* to) { write_payload(batch, to); });
}

EncodeResult append(const AnimationBatch& batch, std::vector<std::uint8_t>& out) {
  return append_to(out, encoded_size(batch), [&](std::uint8_t* to) { write_payload(batch, to); });
}

}  // namespace netrig::venture
