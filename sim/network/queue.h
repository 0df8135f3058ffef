// The bottleneck of a link: a byte-bounded drop-tail queue drained by a rate limiter.
#pragma once

#include <cstddef>
#include <cstdint>

#include "netrig/core/base/time.h"

namespace netrig::sim {

// Answers on arrival when a packet will have left. Drains byte by byte, so that its whole state is the
// instant at which it runs empty: no memory per packet, no event per packet, and the exact rate (what a
// nanosecond cannot express is carried on to the next packet). Several links may share one.
class DropTailQueue {
 public:
  // `rate_bits_per_second` 0: nothing ever waits and `bytes_max` does not matter.
  DropTailQueue(std::uint64_t rate_bits_per_second, std::uint64_t bytes_max);

  // Whether a packet, or several together, would have room now. `now` never goes back.
  bool fits(std::uint64_t wire_bytes, Instant now) const {
    return rate_bits_per_second_ == 0 || wire_bytes + bytes(now) <= bytes_max_;
  }
  // Takes a packet that fits; returns when its last bit leaves.
  Instant push(std::uint32_t wire_bytes, Instant now) {
    return rate_bits_per_second_ == 0 ? now : push_limited(wire_bytes, now);
  }
  // Accepted bytes that have not left yet; the packet being sent counts with what is left of it.
  std::uint64_t bytes(Instant now) const;
  std::uint64_t bytes_max() const { return bytes_max_; }  // without a rate: what an integer holds

 private:
  Instant push_limited(std::uint32_t wire_bytes, Instant now);

  std::uint64_t rate_bits_per_second_;
  std::uint64_t bytes_max_;
  Instant empty_at_{};       // when the last accepted bit leaves
  std::uint64_t carry_ = 0;  // what empty_at_ lacks, in 1/rate nanoseconds; below the rate
};

}  // namespace netrig::sim
