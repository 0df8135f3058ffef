#include "netrig/sim/network/link.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::sim {

void flip_bits(std::span<std::uint8_t> bytes, std::uint64_t bits) {
  if (bytes.empty()) return;
  const std::uint64_t positions = bytes.size() * 8;
  const std::uint64_t flips = 1 + bits % 4;
  for (std::uint64_t flip = 0; flip < flips; ++flip) {
    bits = bits * 0x5851F42D4C957F2Du + 0x14057B7EF767814Fu;  // Knuth's linear congruential generator
    const std::uint64_t position = (bits >> 32) % positions;
    bytes[position / 8] = static_cast<std::uint8_t>(bytes[position / 8] ^ (1u << (position % 8)));
  }
}

Link::Link(const LinkConditions& conditions, Random random, SharedQueues shared)
    : queues_(conditions, std::move(shared)),
      passage_(conditions, random.fork("loss", 0), random.fork("delay", 0)),
      copy_delay_(conditions, random.fork("duplicate.delay", 0)),
      duplicate_(random.fork("duplicate", 0)),
      reorder_(random.fork("reorder", 0)),
      flipped_bits_(random.fork("flipped_bits", 0)),
      duplicate_ppm_(conditions.duplicate_ppm),
      reorder_ppm_(conditions.reorder_ppm),
      reorder_delay_(conditions.reorder_delay),
      fifo_(!conditions.jitter_may_reorder) {
  NETRIG_ASSERT(!validate(conditions));
}

EnqueueResult Link::enqueue(Packet packet, Instant now) {
  if (flights_.size() >= kLinkPacketsMax) return EnqueueResult::queue_full;
  const Departure departure = queues_.push(packet.wire_bytes, now);
  if (departure.dropped == DropCause::queue_full) return EnqueueResult::queue_full;

  // Every draw is taken whatever the others say, so that none shifts another.
  Flight flight{arrival(departure.at), now, ++sent_, std::move(packet), departure.dropped};
  const bool copied = duplicate_.chance(duplicate_ppm_);
  const Duration copy_delay = copied && !fifo_ ? copy_delay_.draw() : Duration{0};
  const std::optional<DropCause> lost = passage_.draw_loss(departure.at);
  const bool lost_by_delay = passage_.draw_loss_by_delay(flight.arrives_at - now);
  if (!flight.dropped) flight.dropped = lost;
  if (!flight.dropped && lost_by_delay) flight.dropped = DropCause::loss;
  flight.is_corrupted = passage_.draw_corruption();
  if (copied && !flight.dropped) {
    Flight copy = flight;
    launch(std::move(flight));
    launch_copy(std::move(copy), departure.at, copy_delay);
  } else {
    launch(std::move(flight));
  }
  return EnqueueResult::accepted;
}

void Link::launch_copy(Flight copy, Instant departs_at, Duration delay) {
  copy.is_copy = true;
  if (!fifo_) copy.arrives_at = passage_.released(departs_at + delay);
  ++copies_in_flight_;
  launch(std::move(copy));
}

// Lost packets keep their place in the order too: what the network does to the others does not depend on the
// loss.
Instant Link::arrival(Instant departs_at) {
  Instant arrives_at = departs_at + passage_.draw_delay(departs_at);
  if (fifo_) last_arrival_ = arrives_at = std::max(arrives_at, last_arrival_);
  if (reorder_.chance(reorder_ppm_)) arrives_at += reorder_delay_;
  return passage_.released(arrives_at);
}

void Link::launch(Flight flight) {
  flights_.insert_sorted(std::move(flight),
                         [](const Flight& a, const Flight& b) { return a.arrives_at < b.arrives_at; });
}

void Link::advance(Instant now, LinkSink& sink) {
  while (!flights_.empty() && flights_.front().arrives_at <= now) land(flights_.pop_front(), now, sink);
}

void Link::land(const Flight& flight, Instant now, LinkSink& sink) {
  if (flight.is_copy) --copies_in_flight_;
  if (flight.dropped) return sink.on_dropped(flight.packet, *flight.dropped, now);
  const bool overtaken = flight.sequence < newest_delivered_;
  newest_delivered_ = std::max(newest_delivered_, flight.sequence);
  if (flight.is_copy) {
    sink.on_duplicated(flight.packet, now);
  } else if (overtaken) {
    sink.on_reordered(flight.packet, now);
  }
  if (flight.is_corrupted)
    sink.on_corrupted(flight.packet, flipped_bits_.bits(), flight.sent_at, now);
  else
    sink.on_delivered(flight.packet, flight.sent_at, now);
}

}  // namespace netrig::sim
