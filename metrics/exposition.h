// How metrics look to Prometheus, whichever way they get there: names, labels, buckets, and the facts of a
// run that no registry knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "netrig/core/base/time.h"
#include "netrig/metrics/catalog.h"
#include "netrig/metrics/histogram.h"
#include "netrig/metrics/shape.h"

namespace netrig::metrics {

constexpr std::string_view kExposedPrefix = "netrig_";

using ExposedLabels = std::vector<std::pair<std::string, std::string>>;

std::string exposed_name(std::string_view metric);
ExposedLabels exposed_labels(const Shape& shape, const Metric& metric, const Selection& series);

// Upper bounds of a histogram's buckets, ascending, in the integers that are recorded; the last bucket has
// none. Round trips and ages: 25 ms to 30 s, closest from 200 ms to 5 s. Ticks: 50 us to 100 ms, with the
// budgets of 60 and 30 Hz among them. Lateness, jitter and offsets: 1 ms to 5 s. Bandwidth: 1 kB/s to 5 MB/s.
// Queues: 0 to 1 MB, 0 to 32 inputs.
std::span<const std::uint64_t> exposed_bounds(const Metric& metric);

// How many samples did not exceed each bound. A sample counts as the middle of its fine bucket, so those
// within 0.4 % of a bound may stand on its other side.
std::vector<std::uint64_t> cumulative_counts(const Histogram& histogram,
                                             std::span<const std::uint64_t> bounds);

// Most message types go one way only: a series by message type exists from its first message on. All others
// exist from the start, at 0.
constexpr bool exists_at_zero(const Metric& metric) {
  return !metric.labels.has(Label::message);
}

// ---- the run

enum class RunState : std::uint8_t { warming_up, measuring, finished };

// Known before the run. Label values may be any UTF-8.
struct RunInfo {
  std::string version;
  std::string scenario;
  std::string clock;
  std::string transport;
  std::uint64_t seed = 0;
  Duration tick_interval{};
  std::vector<std::pair<std::string, std::uint64_t>> cohorts;  // name, clients planned
};

struct RunFacts {
  RunState state = RunState::warming_up;
  Duration simulated{};   // since the start
  Duration planned{};     // at the end, as far as it is known
  Duration wall{};        // of this machine
  std::string verdict{};  // once the run is judged
};

struct RunMetric {
  std::string_view name;  // without the prefix
  Kind kind;              // a counter or a gauge
  std::string_view help;
  bool host;  // of this machine: in nothing that is to be repeatable
  std::vector<std::pair<ExposedLabels, double>> series;
};

// In a fixed order, with the same series each time.
std::vector<RunMetric> run_metrics(const RunInfo& info, const RunFacts& facts);

}  // namespace netrig::metrics
