// The packet inside a datagram, below its messages: `u8 flags | [ack]`. PROTOCOL.md is normative. What lies
// around the packet (kind, sequence, seal) is the owner's business.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/result.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {

constexpr std::uint8_t kFlagAck = 0x01;
constexpr std::uint8_t kPartIsLast = 0x01;  // of the flags of a part

// Packets received in a row, as distances below the largest: [largest - first, largest - last], both
// included.
struct AckRange {
  std::uint32_t last = 0;   // the newest one's distance
  std::uint32_t first = 0;  // the oldest one's distance, at least `last`

  friend bool operator==(const AckRange&, const AckRange&) = default;
};

// Which packets have arrived, newest range first (RFC 9000 section 19.3). Ranges do not touch each other.
struct Ack {
  std::uint32_t largest = 0;   // low 32 bits of the newest packet's sequence
  std::uint32_t delay_us = 0;  // between its arrival and this writing
  std::uint32_t count = 0;     // of ranges, at least 1: the first one's `last` is 0
  std::array<AckRange, kAckRangesMax> ranges;

  std::span<const AckRange> all() const { return {ranges.data(), count}; }
};

std::size_t ack_bytes(const Ack& ack);
void encode_ack(const Ack& ack, ByteWriter& out);
// `reader` stands behind the flags.
Result<Ack, DecodeFault> decode_ack(ByteReader& reader);

struct DatagramView {
  bool has_ack = false;
  Bytes messages;  // may be empty when there is an ack
};
// Fills `ack` when there is one.
Result<DatagramView, DecodeFault> decode_datagram_header(Bytes packet, Ack& ack);

// The 64-bit number nearest to `expected` that ends in `low` (RFC 9000 appendix A.3). Nothing when that would
// lie below 0.
std::optional<std::uint64_t> unwrap_sequence(std::uint32_t low, std::uint64_t expected);

}  // namespace netrig
