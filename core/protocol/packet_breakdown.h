// Where the bytes of a write went. Sums exactly: payload + protocol = what the transport was given.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "netrig/core/protocol/messages.h"

namespace netrig {

struct MessageTotal {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;  // message bodies
};

struct PacketBreakdown {
  std::array<MessageTotal, kMessages.size()> by_message{};  // indexed as kMessages
  std::uint64_t protocol_bytes = 0;  // frame lengths, packet headers, message tags and lengths

  std::uint64_t payload_bytes() const {
    std::uint64_t sum = 0;
    for (const MessageTotal& total : by_message) sum += total.bytes;
    return sum;
  }
  std::uint64_t total_bytes() const { return payload_bytes() + protocol_bytes; }

  PacketBreakdown& operator+=(const PacketBreakdown& other) {
    for (std::size_t i = 0; i < by_message.size(); ++i) {
      by_message[i].count += other.by_message[i].count;
      by_message[i].bytes += other.by_message[i].bytes;
    }
    protocol_bytes += other.protocol_bytes;
    return *this;
  }
};

}  // namespace netrig
