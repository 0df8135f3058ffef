#include "netrig/core/protocol/datagram_header.h"

#include "netrig/core/base/assert.h"

namespace netrig {

std::size_t ack_bytes(const Ack& ack) {
  std::size_t bytes = 4 + varint_size(ack.delay_us) + varint_size(ack.ranges[0].first) + 1;
  for (std::uint32_t i = 1; i < ack.count; ++i) {
    const AckRange& range = ack.ranges[i];
    bytes += varint_size(range.last - ack.ranges[i - 1].first - 2) + varint_size(range.first - range.last);
  }
  return bytes;
}

void encode_ack(const Ack& ack, ByteWriter& out) {
  NETRIG_ASSERT(ack.count >= 1 && ack.count <= kAckRangesMax && ack.ranges[0].last == 0);
  out.u32(ack.largest);
  out.varint(ack.delay_us);
  out.varint(ack.ranges[0].first);
  out.u8(static_cast<std::uint8_t>(ack.count - 1));
  for (std::uint32_t i = 1; i < ack.count; ++i) {
    const AckRange& range = ack.ranges[i];
    out.varint(range.last - ack.ranges[i - 1].first - 2);  // at least one is missing between two ranges
    out.varint(range.first - range.last);
  }
}

Result<Ack, DecodeFault> decode_ack(ByteReader& reader) {
  Ack ack;
  ack.largest = reader.u32();
  ack.delay_us = reader.varint();
  ack.ranges[0] = {0, reader.varint()};
  const std::uint8_t more = reader.u8();
  if (!reader.ok()) return DecodeFault::truncated;
  if (more >= kAckRangesMax) return DecodeFault::out_of_range;
  ack.count = 1u + more;
  std::uint64_t distance = ack.ranges[0].first;
  for (std::uint32_t i = 1; i < ack.count; ++i) {
    const std::uint64_t last = distance + 2 + reader.varint();
    distance = last + reader.varint();
    if (!reader.ok()) return DecodeFault::truncated;
    if (distance > UINT32_MAX) return DecodeFault::out_of_range;
    ack.ranges[i] = {static_cast<std::uint32_t>(last), static_cast<std::uint32_t>(distance)};
  }
  return ack;
}

Result<DatagramView, DecodeFault> decode_datagram_header(Bytes packet, Ack& ack) {
  ByteReader reader{packet};
  const std::uint8_t flags = reader.u8();
  if (!reader.ok()) return DecodeFault::truncated;
  if ((flags & ~kFlagAck) != 0) return DecodeFault::bad_header;
  DatagramView view{(flags & kFlagAck) != 0, {}};
  if (view.has_ack) {
    const Result<Ack, DecodeFault> decoded = decode_ack(reader);
    if (!decoded) return decoded.error();
    ack = *decoded;
  }
  if (reader.at_end() && !view.has_ack) return DecodeFault::empty;
  view.messages = reader.rest();
  return view;
}

std::optional<std::uint64_t> unwrap_sequence(std::uint32_t low, std::uint64_t expected) {
  const auto ahead = static_cast<std::int32_t>(low - static_cast<std::uint32_t>(expected));
  if (ahead < 0 && expected < static_cast<std::uint64_t>(-static_cast<std::int64_t>(ahead)))
    return std::nullopt;
  return expected + static_cast<std::uint64_t>(static_cast<std::int64_t>(ahead));
}

}  // namespace netrig
