#include "netrig/metrics/published.h"

namespace netrig::metrics {

Published::Published(const Shape& shape) {
  for (auto& snapshot : snapshots_) snapshot = std::make_unique<Snapshot>(shape);
}

void Published::publish(const Registry& live, const RunFacts& facts) {
  Snapshot& back = *snapshots_[back_];
  back.registry.reset();
  back.registry.merge(live);
  back.facts = facts;
  back.number = ++published_;
  last_ = back_;
  const std::uint8_t was =
      middle_.exchange(static_cast<std::uint8_t>(back_ | kFresh), std::memory_order_acq_rel);
  back_ = static_cast<std::uint8_t>(was & ~kFresh);
}

void Published::publish(const RunFacts& facts) {
  NETRIG_ASSERT(published_ > 0);
  publish(snapshots_[last_]->registry, facts);
}

const Published::Snapshot& Published::latest() {
  if ((middle_.load(std::memory_order_relaxed) & kFresh) != 0) {
    const std::uint8_t was = middle_.exchange(front_, std::memory_order_acq_rel);
    front_ = static_cast<std::uint8_t>(was & ~kFresh);
  }
  return *snapshots_[front_];
}

}  // namespace netrig::metrics
