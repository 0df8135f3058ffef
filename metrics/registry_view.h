// How reports, thresholds and exporters read a registry: a metric over all its series, or over some of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "netrig/metrics/registry.h"

namespace netrig::metrics {

// By kind: a counter, a gauge, a histogram.
using Value = std::variant<std::uint64_t, std::int64_t, Histogram>;

// Borrows the registry, which outlives it. Values are those of the moment of the call.
class RegistryView {
 public:
  explicit RegistryView(const Registry& registry) : registry_(registry) {}

  // Added up, or merged, over the series that agree with `only`: {} is all of them, {.cohort = 2} one cohort.
  // Asserts that the metric has the labels that `only` names.
  std::uint64_t counter(CounterId id, const Selection& only = {}) const;
  std::int64_t gauge(GaugeId id, const Selection& only = {}) const;
  Histogram histogram(HistogramId id, const Selection& only = {}) const;

  // The same for a metric known at run time.
  Value value(const Metric& metric, const Selection& only = {}) const;
  // The same by name. nullopt when there is no such metric or it lacks a label that `only` names.
  std::optional<Value> value(std::string_view name, const Selection& only = {}) const;

  // Every series of the metric, each usable as `only`. For an exporter.
  std::vector<Selection> series(const Metric& metric) const;
  const Shape& shape() const { return registry_.shape(); }

 private:
  const Registry& registry_;
};

}  // namespace netrig::metrics
