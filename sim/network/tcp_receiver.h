// The receiving side of TCP: the order of segments, and when to acknowledge. Sources: RFC 9293, 3.4; RFC
// 5681, 4.2 (acknowledge every second segment at least, and at once what comes out of order or fills a gap);
// the 40 ms that Linux waits at least. Linux's quick acknowledgements at the start are not modelled.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/core/base/time.h"
#include "netrig/sim/network/growing_ring.h"

namespace netrig::sim {

constexpr Duration kAckDelay = 40ms;
constexpr std::uint32_t kSegmentsPerAck = 2;

class TcpReceiver {
 public:
  // Takes segment number `segment`, counted from 0. True: it is acknowledged at once.
  bool take(std::uint64_t segment, Instant now);
  // Whether it is there already.
  bool has(std::uint64_t segment) const {
    return segment < next_ || (segment - next_ < held_.size() && held_[segment - next_] != 0);
  }
  // All segments before this one are there.
  std::uint64_t next() const { return next_; }
  // When what was taken is acknowledged although nothing follows it.
  std::optional<Instant> ack_deadline() const { return ack_at_; }
  void on_acknowledged();  // as take() or the deadline asked for

 private:
  bool hold(std::uint64_t segment);

  std::uint64_t next_ = 0;
  GrowingRing<std::uint8_t> held_;  // from next_ on: 1 where a segment waits for those before it
  std::uint32_t unacknowledged_ = 0;
  std::optional<Instant> ack_at_;
};

}  // namespace netrig::sim
