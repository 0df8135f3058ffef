#include "netrig/metrics/catalog.h"

#include <algorithm>

#include "netrig/core/base/nearest.h"

namespace netrig::metrics::catalog {

const Metric* find(std::string_view name) {
  const auto at = std::find_if(kMetrics.begin(), kMetrics.end(),
                               [&](const Metric& metric) { return metric.name == name; });
  return at == kMetrics.end() ? nullptr : &*at;
}

std::optional<std::string_view> nearest(std::string_view name) {
  std::array<std::string_view, kMetricCount> names;
  std::transform(kMetrics.begin(), kMetrics.end(), names.begin(),
                 [](const Metric& metric) { return metric.name; });
  return netrig::nearest(name, names);
}

}  // namespace netrig::metrics::catalog
