#include "netrig/sim/network/segment_path.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::sim {

SegmentPath::SegmentPath(const LinkConditions& link, Random random, SharedQueues shared)
    : queues_(link, std::move(shared)),
      passage_(link, random.fork("loss", 0), random.fork("delay", 0)),
      reorder_(random.fork("reorder", 0)),
      reorder_ppm_(link.reorder_ppm),
      reorder_delay_(link.reorder_delay),
      fifo_(!link.jitter_may_reorder) {
  NETRIG_ASSERT(!validate(link));
}

SegmentPath::Fate SegmentPath::send(std::uint32_t wire_bytes, Instant now) {
  const Departure departure = queues_.push(wire_bytes, now);
  if (departure.dropped == DropCause::queue_full) return {now, DropCause::queue_full};
  const Instant arrives_at = arrival(departure.at);
  const std::optional<DropCause> lost = passage_.draw_loss(departure.at);
  const std::optional<DropCause> lost_late = passage_.draw_segment_loss(arrives_at - now);
  return {arrives_at, departure.dropped ? departure.dropped : lost ? lost : lost_late};
}

Instant SegmentPath::arrival(Instant departs_at) {
  if (departs_at != train_departed_at_) {
    train_departed_at_ = departs_at;
    train_delay_ = passage_.draw_delay(departs_at);
  }
  Instant arrives_at = departs_at + train_delay_;
  if (fifo_) last_arrival_ = arrives_at = std::max(arrives_at, last_arrival_);
  if (reorder_.chance(reorder_ppm_)) arrives_at += reorder_delay_;
  return passage_.released(arrives_at);
}

}  // namespace netrig::sim
