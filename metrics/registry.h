// All series of one shard, as plain integers and histograms. Everything is allocated by the constructor.
// Recorders ask once for the series they write and keep the reference; recording is then an increment, with
// no look-up, no string, no allocation and no lock. One thread's own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "netrig/metrics/catalog.h"
#include "netrig/metrics/histogram.h"
#include "netrig/metrics/shape.h"

namespace netrig::metrics {

class Registry {
 public:
  explicit Registry(Shape shape);
  // Stays where it is, because recorders hold references into it.
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // `series` names exactly the labels that the metric has. The references live as long as the registry.
  std::uint64_t& counter(CounterId id, const Selection& series = {});
  std::int64_t& gauge(GaugeId id, const Selection& series = {});
  Histogram& histogram(HistogramId id, const Selection& series = {});

  // As if everything recorded in `other`, which has the same shape, had been recorded here: exact, and in any
  // order of several. Allocates nothing.
  void merge(const Registry& other);
  // Back to zero; references stay valid. For the start of a measurement, and before a merge that publishes.
  void reset();

  const Shape& shape() const { return shape_; }
  // All series of one metric, numbered as the shape numbers them.
  std::span<const std::uint64_t> counters(CounterId id) const;
  std::span<const std::int64_t> gauges(GaugeId id) const;
  std::span<const Histogram> histograms(HistogramId id) const;

 private:
  std::size_t slot(std::size_t metric, const Selection& series) const;

  Shape shape_;
  std::array<std::size_t, catalog::kMetricCount>
      first_{};                          // slot of a metric's first series in its kind's vector
  std::vector<std::uint64_t> counters_;  // the three never change size after construction
  std::vector<std::int64_t> gauges_;
  std::vector<Histogram> histograms_;
};

}  // namespace netrig::metrics
