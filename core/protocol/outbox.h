// Encoded frames that a sink has not taken yet. What was drained from the channels is never lost to a full
// queue: it stays here and goes first into the next write. The channels are not drained again before it has
// left, so it is bounded by what they hold.
#pragma once

#include <cstdint>
#include <vector>

#include "netrig/core/protocol/packet_breakdown.h"

namespace netrig {

struct Outbox {
  std::vector<std::uint8_t> frames;
  PacketBreakdown breakdown;

  bool empty() const { return frames.empty(); }
  void clear() {
    frames.clear();
    breakdown = {};
  }
};

}  // namespace netrig
