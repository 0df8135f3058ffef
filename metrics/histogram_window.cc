#include "netrig/metrics/histogram_window.h"

#include <algorithm>

namespace netrig::metrics {

void HistogramWindow::look(std::span<const Histogram> all, std::size_t stride) {
  std::uint64_t recorded = 0;
  std::size_t first = Histogram::kBuckets;
  std::size_t end = 0;
  min_ = Histogram::kValueMax;
  max_ = 0;
  for (std::size_t i = 0; i < all.size(); i += stride) {
    if (all[i].count() == 0) continue;
    const Histogram::Buckets used = all[i].used();
    recorded += all[i].count();
    min_ = std::min(min_, *all[i].min());
    max_ = std::max(max_, *all[i].max());
    first = std::min(first, used.first);
    end = std::max(end, used.first + used.counts.size());
  }
  count_ = recorded - seen_count_;
  if (count_ == 0) return;  // quantile() asks it first
  seen_count_ = recorded;
  widen(first, end);

  std::fill(growth_.begin(), growth_.end(), 0);
  for (std::size_t i = 0; i < all.size(); i += stride) {
    if (all[i].count() == 0) continue;
    const Histogram::Buckets used = all[i].used();
    std::uint64_t* const to = growth_.data() + (used.first - first_);
    for (std::size_t bucket = 0; bucket < used.counts.size(); ++bucket) to[bucket] += used.counts[bucket];
  }
  for (std::size_t bucket = 0; bucket < growth_.size(); ++bucket) {
    const std::uint64_t total = growth_[bucket];
    growth_[bucket] = total - seen_[bucket];
    seen_[bucket] = total;
  }
}

void HistogramWindow::widen(std::size_t first, std::size_t end) {
  if (seen_.empty()) first_ = first;
  if (first < first_) {
    seen_.insert(seen_.begin(), first_ - first, 0);
    first_ = first;
  }
  if (end > first_ + seen_.size()) seen_.resize(end - first_);
  growth_.resize(seen_.size());
}

std::optional<std::uint64_t> HistogramWindow::quantile(std::uint32_t parts_per_million) const {
  if (count_ == 0) return std::nullopt;
  const std::uint64_t rank = nearest_rank(count_, parts_per_million);
  std::size_t bucket = 0;
  for (std::uint64_t passed = growth_[0]; passed < rank; passed += growth_[bucket]) ++bucket;
  return std::clamp(Histogram::middle_of(first_ + bucket), min_, max_);
}

}  // namespace netrig::metrics
