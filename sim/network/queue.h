// The bottleneck of a link: a byte-bounded drop-tail queue drained by a rate limiter.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "netrig/core/base/time.h"
#include "netrig/sim/network/timeline.h"

namespace netrig::sim {

// Answers on arrival when a packet will have left. Drains byte by byte, so that its whole state is the
// instant at which it runs empty: no memory per packet, no event per packet, and the exact rate (what a
// nanosecond cannot express is carried on to the next packet). Several links may share one.
class DropTailQueue {
 public:
  // `rate_bits_per_second` 0: nothing ever waits and `bytes_max` does not matter.
  DropTailQueue(std::uint64_t rate_bits_per_second, std::uint64_t bytes_max);
  // `rates` varies the rate.
  DropTailQueue(Timeline rates, std::uint64_t bytes_max);

  bool is_limited() const { return rate_bits_per_second_ != 0; }
  // Whether a packet, or several together, would have room now. `now` never goes back.
  bool fits(std::uint64_t wire_bytes, Instant now) const {
    return !is_limited() || wire_bytes + bytes(now) <= bytes_max_;
  }
  // Takes a packet that fits; returns when its last bit leaves.
  Instant push(std::uint32_t wire_bytes, Instant now) {
    return is_limited() ? push_limited(wire_bytes, now) : now;
  }
  // When a packet that arrives now reaches the head.
  Instant head_at(Instant now) const { return std::max(empty_at_, now); }
  // The time that `wire_bytes` take at the rate of that instant; 0 without a rate.
  Duration time_of(std::uint64_t wire_bytes, Instant at) const;
  // Accepted bytes that have not left yet; the packet being sent counts with what is left of it.
  std::uint64_t bytes(Instant now) const;
  std::uint64_t bytes_max() const { return bytes_max_; }  // without a rate: what an integer holds

 private:
  Instant push_limited(std::uint32_t wire_bytes, Instant now);
  void push_varying(std::uint64_t work);
  std::uint64_t work_left_varying(Instant now) const;

  std::uint64_t rate_bits_per_second_;
  std::uint64_t bytes_max_;
  std::optional<Timeline> rates_;  // in place of the rate
  Instant empty_at_{};             // when the last accepted bit leaves
  std::uint64_t carry_ = 0;        // what empty_at_ lacks, in 1/rate nanoseconds; below the rate
  Instant worked_until_{};         // with rates_: work_left_ is of this instant
  std::uint64_t work_left_ = 0;
};

}  // namespace netrig::sim
