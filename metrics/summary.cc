#include "netrig/metrics/summary.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig::metrics {

std::optional<Summary> summarise(const Histogram& histogram, double steps_per_unit) {
  NETRIG_ASSERT(steps_per_unit > 0);
  if (histogram.count() == 0) return std::nullopt;
  const auto units = [&](std::uint32_t parts_per_million) {
    return static_cast<double>(*histogram.quantile(parts_per_million)) / steps_per_unit;
  };
  Summary summary{.count = histogram.count(),
                  .min = units(0),
                  .p50 = units(500'000),
                  .p90 = units(900'000),
                  .p95 = units(950'000),
                  .p99 = units(990'000),
                  .max = units(1'000'000)};
  const double mean = histogram.sum().to_double() / static_cast<double>(summary.count) / steps_per_unit;
  summary.mean = std::clamp(mean, summary.min, summary.max);  // rounding may leave the range by one step
  return summary;
}

}  // namespace netrig::metrics
