#include "netrig/metrics/histogram.h"

#include "netrig/core/base/random.h"

namespace netrig::metrics {

std::uint64_t Histogram::middle_of(std::size_t bucket) {
  if (bucket < 2 * kSubBuckets) return bucket;
  const std::size_t shift = bucket / kSubBuckets - 1;
  const std::uint64_t sub_bucket = bucket - shift * kSubBuckets;
  return (sub_bucket << shift) + (std::uint64_t{1} << (shift - 1));
}

std::uint64_t nearest_rank(std::uint64_t count, std::uint64_t parts_per_million) {
  const std::uint64_t whole = count / kPartsPerMillion * parts_per_million;
  const std::uint64_t rest = count % kPartsPerMillion * parts_per_million;
  return std::max<std::uint64_t>(1, whole + (rest + kPartsPerMillion - 1) / kPartsPerMillion);
}

void Histogram::record(std::uint64_t value, std::uint64_t count) {
  if (count == 0) return;
  NETRIG_ASSERT(count <= std::numeric_limits<std::uint64_t>::max() - count_);
  value = std::min(value, kValueMax);
  buckets_[bucket_of(value)] += count;
  count_ += count;
  sum_.add_product(value, count);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  NETRIG_ASSERT(other.count_ <= std::numeric_limits<std::uint64_t>::max() - count_);
  const std::size_t last = bucket_of(other.max_);
  for (std::size_t bucket = bucket_of(other.min_); bucket <= last; ++bucket)
    buckets_[bucket] += other.buckets_[bucket];
  count_ += other.count_;
  sum_.add(other.sum_);
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void Histogram::reset() {
  if (count_ == 0) return;
  std::fill(buckets_.begin() + static_cast<std::ptrdiff_t>(bucket_of(min_)),
            buckets_.begin() + static_cast<std::ptrdiff_t>(bucket_of(max_)) + 1, 0);
  count_ = 0;
  sum_ = {};
  min_ = kValueMax;
  max_ = 0;
}

std::optional<std::uint64_t> Histogram::quantile(std::uint32_t parts_per_million) const {
  NETRIG_ASSERT(parts_per_million <= kPartsPerMillion);
  if (count_ == 0) return std::nullopt;
  const std::uint64_t rank = nearest_rank(count_, parts_per_million);
  if (rank == 1) return min_;
  if (rank == count_) return max_;
  return std::clamp(middle_of_rank(rank), min_, max_);
}

std::uint64_t Histogram::middle_of_rank(std::uint64_t rank) const {
  std::size_t bucket = bucket_of(min_);
  for (std::uint64_t seen = buckets_[bucket]; seen < rank; seen += buckets_[bucket]) ++bucket;
  return middle_of(bucket);
}

Histogram::Buckets Histogram::used() const {
  if (count_ == 0) return {};
  const std::size_t first = bucket_of(min_);
  return {first, std::span{buckets_}.subspan(first, bucket_of(max_) - first + 1)};
}

}  // namespace netrig::metrics
