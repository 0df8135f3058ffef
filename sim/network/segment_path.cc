#include "netrig/sim/network/segment_path.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig::sim {

SegmentPath::SegmentPath(const LinkConditions& link, Random random)
    : queue_(link.rate_bits_per_second, link.queue_bytes_max),
      loss_(link.loss_ppm, random.fork("loss", 0)),
      delay_(link, random.fork("delay", 0)),
      reorder_(random.fork("reorder", 0)),
      reorder_ppm_(link.reorder_ppm),
      reorder_delay_(link.reorder_delay),
      fifo_(!link.jitter_may_reorder) {
  NETRIG_ASSERT(!validate(link));
}

SegmentPath::Fate SegmentPath::send(std::uint32_t wire_bytes, Instant now) {
  if (!queue_.fits(wire_bytes, now)) return {now, DropCause::queue_full};
  const Instant arrives_at = arrival(queue_.push(wire_bytes, now));
  if (loss_.draw()) return {arrives_at, DropCause::loss};
  return {arrives_at};
}

Instant SegmentPath::arrival(Instant departs_at) {
  if (departs_at != train_departed_at_) {
    train_departed_at_ = departs_at;
    train_delay_ = delay_.draw();
  }
  Instant arrives_at = departs_at + train_delay_;
  if (fifo_) last_arrival_ = arrives_at = std::max(arrives_at, last_arrival_);
  return reorder_.chance(reorder_ppm_) ? arrives_at + reorder_delay_ : arrives_at;
}

}  // namespace netrig::sim
