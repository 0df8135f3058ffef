#include "netrig/sim/network/link.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::sim {

Link::Link(const LinkConditions& conditions, Random random)
    : queue_(conditions.rate_bits_per_second, conditions.queue_bytes_max),
      loss_(conditions.loss_ppm, random.fork("loss", 0)),
      delay_(conditions, random.fork("delay", 0)),
      copy_delay_(conditions, random.fork("duplicate.delay", 0)),
      duplicate_(random.fork("duplicate", 0)),
      reorder_(random.fork("reorder", 0)),
      duplicate_ppm_(conditions.duplicate_ppm),
      reorder_ppm_(conditions.reorder_ppm),
      reorder_delay_(conditions.reorder_delay),
      fifo_(!conditions.jitter_may_reorder) {
  NETRIG_ASSERT(!validate(conditions));
}

EnqueueResult Link::enqueue(Packet packet, Instant now) {
  if (flights_.size() >= kLinkPacketsMax) return EnqueueResult::queue_full;
  if (!queue_.fits(packet.wire_bytes, now)) return EnqueueResult::queue_full;
  const Instant departs_at = queue_.push(packet.wire_bytes, now);

  // Every draw is taken whatever the others say, so that none shifts another.
  Flight flight{arrival(departs_at), now, ++sent_, std::move(packet), Fate::deliver};
  const bool copied = duplicate_.chance(duplicate_ppm_);
  const Duration copy_delay = copied && !fifo_ ? copy_delay_.draw() : Duration{0};
  if (loss_.draw()) {
    flight.fate = Fate::lose;
  } else if (copied) {
    Flight copy = flight;
    copy.fate = Fate::duplicate;
    if (!fifo_) copy.arrives_at = departs_at + copy_delay;
    launch(std::move(flight));
    launch(std::move(copy));
    return EnqueueResult::accepted;
  }
  launch(std::move(flight));
  return EnqueueResult::accepted;
}

// Lost packets keep their place in the order too: what the network does to the others does not depend on the
// loss.
Instant Link::arrival(Instant departs_at) {
  Instant arrives_at = departs_at + delay_.draw();
  if (fifo_) last_arrival_ = arrives_at = std::max(arrives_at, last_arrival_);
  return reorder_.chance(reorder_ppm_) ? arrives_at + reorder_delay_ : arrives_at;
}

void Link::launch(Flight flight) {
  flights_.insert_sorted(std::move(flight),
                         [](const Flight& a, const Flight& b) { return a.arrives_at < b.arrives_at; });
}

void Link::advance(Instant now, LinkSink& sink) {
  while (!flights_.empty() && flights_.front().arrives_at <= now) land(flights_.pop_front(), now, sink);
}

void Link::land(const Flight& flight, Instant now, LinkSink& sink) {
  if (flight.fate == Fate::lose) return sink.on_dropped(flight.packet, DropCause::loss, now);
  const bool overtaken = flight.sequence < newest_delivered_;
  newest_delivered_ = std::max(newest_delivered_, flight.sequence);
  if (flight.fate == Fate::duplicate) {
    sink.on_duplicated(flight.packet, now);
  } else if (overtaken) {
    sink.on_reordered(flight.packet, now);
  }
  sink.on_delivered(flight.packet, flight.sent_at, now);
}

}  // namespace netrig::sim
