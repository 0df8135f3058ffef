// The one shape in which a report shows many samples.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/metrics/histogram.h"

namespace netrig::metrics {

// Every number is finite. Quantiles are within 1 %, the rest is exact but for rounding to a double.
struct Summary {
  std::uint64_t count = 0;
  double mean = 0;
  double min = 0;
  double p50 = 0;
  double p90 = 0;
  double p95 = 0;
  double p99 = 0;
  double max = 0;
};

// `steps_per_unit`: how many of the histogram's steps make one unit of the summary, above 0; 1e9 turns
// nanoseconds into seconds (see steps_per_unit in catalog.h). nullopt without samples: there is nothing to
// show.
std::optional<Summary> summarise(const Histogram& histogram, double steps_per_unit);

}  // namespace netrig::metrics
