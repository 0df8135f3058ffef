// What was recorded in some histograms since one looked last. Recording pays nothing for it: the difference
// of the buckets is made when one looks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "netrig/metrics/histogram.h"

namespace netrig::metrics {

class HistogramWindow {
 public:
  // Of every `stride`-th histogram of `all`, beginning with the first: as if they were one. The same
  // histograms each time, which have only grown since. Allocates when values leave the range seen so far.
  void look(std::span<const Histogram> all, std::size_t stride);

  // Samples between the last two looks.
  std::uint64_t count() const { return count_; }
  // As Histogram::quantile, but for the first and the last rank, which are no more exact than the others: the
  // exact least and greatest values are known of the whole time only.
  std::optional<std::uint64_t> quantile(std::uint32_t parts_per_million) const;

 private:
  void widen(std::size_t first, std::size_t end);

  std::size_t first_ = 0;              // the bucket that stands first in the two
  std::vector<std::uint64_t> seen_;    // at the last look
  std::vector<std::uint64_t> growth_;  // between the last two
  std::uint64_t seen_count_ = 0;
  std::uint64_t min_ = 0;  // of all that was ever recorded
  std::uint64_t max_ = 0;
  std::uint64_t count_ = 0;  // of growth_
};

}  // namespace netrig::metrics
