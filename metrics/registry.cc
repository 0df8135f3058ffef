#include "netrig/metrics/registry.h"

#include <algorithm>
#include <utility>

namespace netrig::metrics {
namespace {

template <class T, Kind kKind>
std::span<const T> series_of(const std::vector<T>& all, std::size_t first, MetricId<kKind> id,
                             const Shape& shape) {
  return std::span{all}.subspan(first, shape.series_count(id.metric()));
}

}  // namespace

Registry::Registry(Shape shape) : shape_(std::move(shape)) {
  std::array<std::size_t, 3> slots{};  // by kind
  for (std::size_t metric = 0; metric < catalog::kMetricCount; ++metric) {
    std::size_t& used = slots[static_cast<std::size_t>(catalog::kMetrics[metric].kind)];
    first_[metric] = used;
    used += shape_.series_count(catalog::kMetrics[metric]);
  }
  counters_.resize(slots[static_cast<std::size_t>(Kind::counter)]);
  gauges_.resize(slots[static_cast<std::size_t>(Kind::gauge)]);
  histograms_.resize(slots[static_cast<std::size_t>(Kind::histogram)]);
}

std::size_t Registry::slot(std::size_t metric, const Selection& series) const {
  return first_[metric] + shape_.series_index(catalog::kMetrics[metric], series);
}

std::uint64_t& Registry::counter(CounterId id, const Selection& series) {
  return counters_[slot(id.index(), series)];
}

std::int64_t& Registry::gauge(GaugeId id, const Selection& series) {
  return gauges_[slot(id.index(), series)];
}

Histogram& Registry::histogram(HistogramId id, const Selection& series) {
  return histograms_[slot(id.index(), series)];
}

void Registry::merge(const Registry& other) {
  NETRIG_ASSERT(shape_ == other.shape_);
  for (std::size_t i = 0; i < counters_.size(); ++i) counters_[i] += other.counters_[i];
  for (std::size_t i = 0; i < gauges_.size(); ++i) gauges_[i] += other.gauges_[i];
  for (std::size_t i = 0; i < histograms_.size(); ++i) histograms_[i].merge(other.histograms_[i]);
}

void Registry::reset() {
  std::fill(counters_.begin(), counters_.end(), 0);
  std::fill(gauges_.begin(), gauges_.end(), 0);
  for (Histogram& histogram : histograms_) histogram.reset();
}

std::span<const std::uint64_t> Registry::counters(CounterId id) const {
  return series_of(counters_, first_[id.index()], id, shape_);
}

std::span<const std::int64_t> Registry::gauges(GaugeId id) const {
  return series_of(gauges_, first_[id.index()], id, shape_);
}

std::span<const Histogram> Registry::histograms(HistogramId id) const {
  return series_of(histograms_, first_[id.index()], id, shape_);
}

}  // namespace netrig::metrics
