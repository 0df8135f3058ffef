// A log-linear histogram: how often each value occurred, to within 1 %, in fixed memory. Count, sum, minimum
// and maximum are exact. Integer maths only, so equal samples give equal quantiles on every machine.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "netrig/core/base/assert.h"
#include "netrig/core/base/time.h"
#include "netrig/metrics/wide_sum.h"

namespace netrig::metrics {

// The rank of the sample that a quantile of `count` samples is: the count times the share, rounded up without
// a product that could wrap; at least 1.
std::uint64_t nearest_rank(std::uint64_t count, std::uint64_t parts_per_million);

// Values are non-negative integers: nanoseconds, or bytes. Values below 256 have a bucket each; every power
// of two from there on is cut into 128 equal buckets. A quantile is answered with the middle of its bucket,
// which is off by at most half of 1/128: 0.4 %.
class Histogram {
 public:
  // 292 years of nanoseconds. Greater values count as this one, in every statistic.
  static constexpr std::uint64_t kValueMax = std::numeric_limits<std::int64_t>::max();
  static constexpr unsigned kSubBucketBits = 7;
  static constexpr std::size_t kSubBuckets = std::size_t{1} << kSubBucketBits;
  // The exact values below 128, then 128 for each of the powers of two from 2^7 to 2^62.
  static constexpr std::size_t kBuckets = (1 + (63 - kSubBucketBits)) * kSubBuckets;
  static constexpr std::size_t kBucketBytes = kBuckets * sizeof(std::uint64_t);  // 57 * 128 * 8 = 58,368

  void record(std::uint64_t value) {
    value = std::min(value, kValueMax);
    ++buckets_[bucket_of(value)];
    ++count_;
    sum_.add(value);
    if (value < min_) min_ = value;  // rarely taken, so cheaper than a store each time
    if (value > max_) max_ = value;
  }
  // As `count` calls of record(value).
  void record(std::uint64_t value, std::uint64_t count);
  // In nanoseconds; not negative.
  void record(Duration duration) {
    NETRIG_ASSERT(duration.count() >= 0);
    record(static_cast<std::uint64_t>(duration.count()));
  }

  // As if every sample of `other` had been recorded here. Both counts together stay below 2^64.
  void merge(const Histogram& other);
  // Forgets every sample.
  void reset();

  std::uint64_t count() const { return count_; }
  WideSum sum() const { return sum_; }
  std::optional<std::uint64_t> min() const { return if_any(min_); }  // nullopt without samples, as below
  std::optional<std::uint64_t> max() const { return if_any(max_); }
  // The smallest value that at least this share of the samples does not exceed (nearest rank). The share is
  // at most 1,000,000. The first and the last rank are the exact minimum and maximum.
  std::optional<std::uint64_t> quantile(std::uint32_t parts_per_million) const;

  // For exporters. Counts of the buckets from the one of the minimum to that of the maximum; none without
  // samples.
  struct Buckets {
    std::size_t first = 0;
    std::span<const std::uint64_t> counts;
  };
  Buckets used() const;
  static std::uint64_t middle_of(std::size_t bucket);

  friend bool operator==(const Histogram&, const Histogram&) = default;

 private:
  static constexpr std::size_t bucket_of(std::uint64_t value) {
    constexpr std::uint64_t kExact = 2 * kSubBuckets - 1;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value | kExact)) - (kSubBucketBits + 1);
    return shift * kSubBuckets + static_cast<std::size_t>(value >> shift);
  }
  static_assert(kValueMax >> 63 == 0);
  static_assert(kBuckets == 57 * 128);

  std::optional<std::uint64_t> if_any(std::uint64_t value) const {
    return count_ > 0 ? std::optional{value} : std::nullopt;
  }
  std::uint64_t middle_of_rank(std::uint64_t rank) const;

  std::array<std::uint64_t, kBuckets> buckets_{};  // sum to count_; those outside min_ to max_ are 0
  std::uint64_t count_ = 0;
  WideSum sum_;  // below 2^127: fewer than 2^64 samples below 2^63
  std::uint64_t min_ = kValueMax;
  std::uint64_t max_ = 0;
};

}  // namespace netrig::metrics
