#include "netrig/sim/network/bottleneck.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/sim/network/header_model.h"

namespace netrig::sim {
namespace {

constexpr std::uint64_t kFullPacketBytes = kSegmentBytesMax + kTcpHeaderBytes;

std::optional<CoDel> make_codel(const std::optional<CoDelConditions>& conditions) {
  return conditions ? std::optional{CoDel{*conditions}} : std::nullopt;
}

}  // namespace

Bottleneck::Bottleneck(const QueueConditions& conditions)
    : queue_(conditions.rate_bits_per_second, conditions.bytes_max), codel_(make_codel(conditions.codel)) {
  NETRIG_ASSERT(!validate_queue(conditions));
}

Bottleneck::Bottleneck(const LinkConditions& conditions)
    : queue_(Timeline{conditions}, conditions.queue_bytes_max), codel_(make_codel(conditions.codel)) {}

Departure Bottleneck::push(std::uint32_t wire_bytes, Instant now) {
  if (!queue_.fits(wire_bytes, now)) return {now, DropCause::queue_full};
  if (codel_ && queue_.is_limited()) {
    const Instant head_at = queue_.head_at(now);
    if (codel_->drops(head_at - now, queue_.time_of(kFullPacketBytes, head_at), head_at))
      return {head_at, DropCause::codel};
  }
  return {queue_.push(wire_bytes, now)};
}

LinkQueues::LinkQueues(const LinkConditions& conditions, SharedQueues shared)
    : shared_(std::move(shared)), own_(conditions) {}

bool LinkQueues::fits(std::uint64_t wire_bytes, Instant now) const {
  for (const auto& queue : shared_) {
    if (!queue->fits(wire_bytes, now)) return false;
    now = queue->head_at(now);
  }
  return own_.fits(wire_bytes, now);
}

Departure LinkQueues::push(std::uint32_t wire_bytes, Instant now) {
  if (shared_.empty()) return own_.push(wire_bytes, now);
  Departure departure{now};
  for (const auto& queue : shared_) {
    departure = queue->push(wire_bytes, departure.at);
    if (departure.dropped) return departure;
  }
  departure = own_.push(wire_bytes, departure.at);
  if (!departure.dropped) note({departure.at, wire_bytes}, now);
  return departure;
}

void LinkQueues::note(const Waiting& packet, Instant now) {
  while (!waiting_.empty() && waiting_.front().leaves_at <= now) waiting_bytes_ -= waiting_.pop_front().bytes;
  waiting_.push_back(packet);
  waiting_bytes_ += packet.bytes;
}

std::uint64_t LinkQueues::bytes(Instant now) const {
  if (shared_.empty()) return own_.bytes(now);
  std::uint64_t left = waiting_bytes_;
  for (std::size_t i = 0; i < waiting_.size() && waiting_[i].leaves_at <= now; ++i) left -= waiting_[i].bytes;
  return left;
}

std::uint64_t LinkQueues::bytes_max() const {
  std::uint64_t smallest = own_.bytes_max();
  for (const auto& queue : shared_) smallest = std::min(smallest, queue->bytes_max());
  return smallest;
}

}  // namespace netrig::sim
