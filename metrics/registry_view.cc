#include "netrig/metrics/registry_view.h"

#include <span>

namespace netrig::metrics {
namespace {

void add_to(Histogram& total, const Histogram& value) {
  total.merge(value);
}

template <class Integer>
void add_to(Integer& total, Integer value) {
  total += value;
}

template <class T>
T total_of(std::span<const T> all, const Metric& metric, const Shape& shape, const Selection& only) {
  NETRIG_ASSERT(only.within(metric.labels));
  T total{};
  for (std::size_t i = 0; i < all.size(); ++i)
    if (only.includes(shape.series_at(metric, i))) add_to(total, all[i]);
  return total;
}

}  // namespace

std::uint64_t RegistryView::counter(CounterId id, const Selection& only) const {
  return total_of(registry_.counters(id), id.metric(), shape(), only);
}

std::int64_t RegistryView::gauge(GaugeId id, const Selection& only) const {
  return total_of(registry_.gauges(id), id.metric(), shape(), only);
}

Histogram RegistryView::histogram(HistogramId id, const Selection& only) const {
  return total_of(registry_.histograms(id), id.metric(), shape(), only);
}

Value RegistryView::value(const Metric& metric, const Selection& only) const {
  switch (metric.kind) {
    case Kind::counter:
      return counter(CounterId{metric}, only);
    case Kind::gauge:
      return gauge(GaugeId{metric}, only);
    case Kind::histogram:
      return histogram(HistogramId{metric}, only);
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

std::optional<Value> RegistryView::value(std::string_view name, const Selection& only) const {
  const Metric* metric = catalog::find(name);
  if (metric == nullptr || !only.within(metric->labels)) return std::nullopt;
  return value(*metric, only);
}

std::vector<Selection> RegistryView::series(const Metric& metric) const {
  std::vector<Selection> all(shape().series_count(metric));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = shape().series_at(metric, i);
  return all;
}

}  // namespace netrig::metrics
