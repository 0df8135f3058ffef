#include "netrig/metrics/prometheus_exporter.h"

#include <limits>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <utility>
#include <vector>

#include "netrig/metrics/published.h"
#include "netrig/metrics/scrape_listener.h"

namespace netrig::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricType type_of(Kind kind) {
  switch (kind) {
    case Kind::counter:
      return MetricType::Counter;
    case Kind::gauge:
      return MetricType::Gauge;
    case Kind::histogram:
      return MetricType::Histogram;
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

ClientMetric labelled(const ExposedLabels& labels) {
  ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

ClientMetric::Histogram histogram_of(const Histogram& histogram, const Metric& metric) {
  const double steps = steps_per_unit(metric.unit);
  const std::span<const std::uint64_t> bounds = exposed_bounds(metric);
  const std::vector<std::uint64_t> counts = cumulative_counts(histogram, bounds);
  ClientMetric::Histogram exposed;
  exposed.sample_count = histogram.count();
  exposed.sample_sum = histogram.sum().to_double() / steps;
  for (std::size_t i = 0; i < bounds.size(); ++i)
    exposed.bucket.push_back({counts[i], static_cast<double>(bounds[i]) / steps});
  exposed.bucket.push_back({histogram.count(), std::numeric_limits<double>::infinity()});
  return exposed;
}

// One series' value; false: it does not exist yet.
bool fill(ClientMetric& to, const Registry& registry, const Metric& metric, std::size_t series) {
  switch (metric.kind) {
    case Kind::counter: {
      const std::uint64_t value = registry.counters(CounterId{metric})[series];
      to.counter.value = static_cast<double>(value);
      return value > 0 || exists_at_zero(metric);
    }
    case Kind::gauge:
      to.gauge.value = static_cast<double>(registry.gauges(GaugeId{metric})[series]);
      return true;
    case Kind::histogram:
      to.histogram = histogram_of(registry.histograms(HistogramId{metric})[series], metric);
      return true;
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

MetricFamily family_of(const Registry& registry, const Metric& metric) {
  MetricFamily family{exposed_name(metric.name), std::string{metric.help}, type_of(metric.kind), {}};
  const Shape& shape = registry.shape();
  for (std::size_t series = 0; series < shape.series_count(metric); ++series) {
    ClientMetric exposed = labelled(exposed_labels(shape, metric, shape.series_at(metric, series)));
    if (fill(exposed, registry, metric, series)) family.metric.push_back(std::move(exposed));
  }
  return family;
}

MetricFamily family_of(const RunMetric& metric) {
  MetricFamily family{exposed_name(metric.name), std::string{metric.help}, type_of(metric.kind), {}};
  for (const auto& [labels, value] : metric.series) {
    family.metric.push_back(labelled(labels));
    (metric.kind == Kind::counter ? family.metric.back().counter.value : family.metric.back().gauge.value) =
        value;
  }
  return family;
}

// Of one snapshot.
class SnapshotFamilies final : public prometheus::Collectable {
 public:
  SnapshotFamilies(const RunInfo& info, const Published::Snapshot& snapshot)
      : info_(info), snapshot_(snapshot) {}

  std::vector<MetricFamily> Collect() const override {
    std::vector<MetricFamily> families;
    for (const RunMetric& metric : run_metrics(info_, snapshot_.facts)) families.push_back(family_of(metric));
    for (const Metric& metric : catalog::all()) families.push_back(family_of(snapshot_.registry, metric));
    std::erase_if(families, [](const MetricFamily& family) { return family.metric.empty(); });
    return families;
  }

 private:
  const RunInfo& info_;
  const Published::Snapshot& snapshot_;
};

}  // namespace

// What the listener serves: made once for each snapshot, however many scrape it.
class PrometheusExporter::Pages {
 public:
  Pages(RunInfo info, const Shape& shape) : info_(std::move(info)), published_(shape) {}

  Published& published() { return published_; }
  std::shared_ptr<const std::string> page() {
    const Published::Snapshot& latest = published_.latest();
    if (page_ == nullptr || latest.number != number_) {
      const SnapshotFamilies families{info_, latest};
      page_ = std::make_shared<const std::string>(prometheus::TextSerializer{}.Serialize(families.Collect()));
      number_ = latest.number;
    }
    return page_;
  }

 private:
  RunInfo info_;
  Published published_;
  std::shared_ptr<const std::string> page_;  // this and the next: the listener's thread's
  std::uint64_t number_ = 0;
};

struct PrometheusExporter::Parts {
  Pages pages;
  std::unique_ptr<ScrapeListener> listener;  // ends before the pages that it serves
};

Result<std::unique_ptr<PrometheusExporter>, std::string> PrometheusExporter::open(const std::string& address,
                                                                                  RunInfo info,
                                                                                  const Shape& shape) {
  std::unique_ptr<Parts> parts{new Parts{Pages{std::move(info), shape}, nullptr}};
  auto listener = ScrapeListener::open(address, [pages = &parts->pages] { return pages->page(); });
  if (!listener) return listener.error();
  parts->listener = *std::move(listener);
  return std::unique_ptr<PrometheusExporter>{new PrometheusExporter{std::move(parts)}};
}

PrometheusExporter::PrometheusExporter(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PrometheusExporter::~PrometheusExporter() = default;

void PrometheusExporter::publish(const Registry& live, const RunFacts& facts) {
  parts_->pages.published().publish(live, facts);
}

void PrometheusExporter::publish(const RunFacts& facts) {
  parts_->pages.published().publish(facts);
}

const std::string& PrometheusExporter::url() const {
  return parts_->listener->url();
}

}  // namespace netrig::metrics
