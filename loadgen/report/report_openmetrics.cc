#include "netrig/loadgen/report/report_openmetrics.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "netrig/loadgen/io/json_writer.h"
#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {
namespace {

using metrics::History;
using metrics::Kind;
using metrics::Metric;

// `escapes`: a quoted label value; help texts are of the catalogue, one line without a backslash.
std::string quoted(std::string_view value) {
  std::string text(1, '"');
  for (const char letter : valid_utf8(value)) {
    if (letter == '\n') {
      text.append("\\n");
      continue;
    }
    if (letter == '"' || letter == '\\') text += '\\';
    text += letter;
  }
  return text + '"';
}

std::string braces(const metrics::ExposedLabels& labels, const metrics::ExposedLabels& of_run) {
  std::string text;
  for (const metrics::ExposedLabels* const each : {&labels, &of_run})
    for (const auto& [name, value] : *each)
      text.append(text.empty() ? "{" : ",").append(name).append("=").append(quoted(value));
  return text.append("}");
}

metrics::ExposedLabels with_bound(metrics::ExposedLabels labels, const std::string& bound) {
  labels.emplace_back("le", bound);
  return labels;
}

// Seconds with milliseconds, which is what Prometheus keeps.
std::string time_text(Instant at) {
  const std::int64_t ms = ns_since_start(at) / 1'000'000;
  std::string fraction = std::to_string(1'000 + ms % 1'000);
  fraction[0] = '.';
  return std::to_string(kOpenMetricsEpochSeconds + ms / 1'000) + (ms % 1'000 == 0 ? "" : fraction);
}

class Writer {
 public:
  Writer(const metrics::RunInfo& info, const History& history, std::optional<Instant> measuring_since,
         std::string_view verdict)
      : info_(info),
        history_(history),
        measuring_since_(measuring_since),
        verdict_(verdict),
        of_run_{{"job", "netrig"}, {"instance", info.scenario + "/seed-" + std::to_string(info.seed)}} {
    for (std::size_t row = 0; row < history.rows(); ++row) times_.push_back(time_text(history.at(row)));
  }

  std::string text() {
    write_run();
    const std::span<const History::Series> all = history_.series();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i == 0 || all[i].metric != all[i - 1].metric)
        head(all[i].metric->name, all[i].metric->kind, all[i].metric->help);
      write(all[i]);
    }
    return out_.append("# EOF\n");
  }

 private:
  void head(std::string_view metric, Kind kind, std::string_view help) {
    constexpr std::string_view kTotal = "_total";
    if (kind == Kind::counter && metric.ends_with(kTotal)) metric.remove_suffix(kTotal.size());
    const std::string name = metrics::exposed_name(metric);
    const char* const type = kind == Kind::counter ? "counter" : kind == Kind::gauge ? "gauge" : "histogram";
    out_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
    out_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  }

  void sample(const std::string& series, std::size_t row, std::string_view value) {
    out_.append(series).append(" ").append(value).append(" ").append(times_[row]).append("\n");
  }

  void write_run() {
    std::vector<std::vector<metrics::RunMetric>> by_row;
    for (std::size_t row = 0; row < history_.rows(); ++row) by_row.push_back(run_metrics(info_, facts(row)));
    for (std::size_t metric = 0; metric < by_row[0].size(); ++metric) {
      const metrics::RunMetric& first = by_row[0][metric];
      if (first.host) continue;
      head(first.name, first.kind, first.help);
      for (std::size_t each = 0; each < first.series.size(); ++each) {
        const std::string series =
            metrics::exposed_name(first.name) + braces(first.series[each].first, of_run_);
        for (std::size_t row = 0; row < by_row.size(); ++row)
          sample(series, row, number_text(by_row[row][metric].series[each].second));
      }
    }
  }

  metrics::RunFacts facts(std::size_t row) const {
    const Instant at = history_.at(row);
    const bool is_last = row + 1 == history_.rows();
    metrics::RunFacts facts;
    facts.state = is_last                                       ? metrics::RunState::finished
                  : measuring_since_ && at >= *measuring_since_ ? metrics::RunState::measuring
                                                                : metrics::RunState::warming_up;
    facts.simulated = at.time_since_epoch();
    facts.planned = history_.at(history_.rows() - 1).time_since_epoch();
    if (is_last) facts.verdict = verdict_;
    return facts;
  }

  void write(const History::Series& series) {
    const Metric& metric = *series.metric;
    const auto labels =
        exposed_labels(history_.shape(), metric, history_.shape().series_at(metric, series.index));
    const std::string name = metrics::exposed_name(metric.name);
    if (metric.kind == Kind::histogram) return write_histogram(series, name, labels);
    const std::string one = name + braces(labels, of_run_);
    for (std::size_t row = 0; row < history_.rows(); ++row) {
      const std::uint64_t value = history_.values(row, series)[0];
      if (value > 0 || exists_at_zero(metric)) sample(one, row, std::to_string(value));
    }
  }

  void write_histogram(const History::Series& series, const std::string& name,
                       const metrics::ExposedLabels& labels) {
    const double steps = steps_per_unit(series.metric->unit);
    const std::span<const std::uint64_t> bounds = exposed_bounds(*series.metric);
    std::vector<std::string> buckets;
    for (const std::uint64_t bound : bounds)
      buckets.push_back(name + "_bucket" +
                        braces(with_bound(labels, number_text(static_cast<double>(bound) / steps)), of_run_));
    buckets.push_back(name + "_bucket" + braces(with_bound(labels, "+Inf"), of_run_));
    const std::string count = name + "_count" + braces(labels, of_run_);
    const std::string sum = name + "_sum" + braces(labels, of_run_);
    for (std::size_t row = 0; row < history_.rows(); ++row) {
      const std::span<const std::uint64_t> values = history_.values(row, series);
      for (std::size_t i = 0; i < buckets.size(); ++i) sample(buckets[i], row, std::to_string(values[i]));
      sample(count, row, std::to_string(values[bounds.size()]));
      sample(sum, row, number_text(static_cast<double>(values[bounds.size() + 1]) / steps));
    }
  }

  const metrics::RunInfo& info_;
  const History& history_;
  std::optional<Instant> measuring_since_;
  std::string verdict_;
  metrics::ExposedLabels of_run_;
  std::vector<std::string> times_;
  std::string out_;
};

}  // namespace

std::string run_openmetrics(const metrics::RunInfo& info, const History& history,
                            std::optional<Instant> measuring_since, std::string_view verdict) {
  return Writer{info, history, measuring_since, verdict}.text();
}

}  // namespace netrig::loadgen
