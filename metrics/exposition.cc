#include "netrig/metrics/exposition.h"

#include <algorithm>
#include <array>

#include "netrig/core/base/assert.h"

namespace netrig::metrics {
namespace {

constexpr std::uint64_t us(std::uint64_t count) {
  return count * 1'000;
}
constexpr std::uint64_t ms(std::uint64_t count) {
  return count * 1'000'000;
}

constexpr std::array kLatencyBounds{ms(25),    ms(50),    ms(100),   ms(200),   ms(300),    ms(400),
                                    ms(500),   ms(750),   ms(1'000), ms(1'500), ms(2'000),  ms(2'500),
                                    ms(3'000), ms(4'000), ms(5'000), ms(7'500), ms(10'000), ms(30'000)};
constexpr std::array kTickBounds{us(50),     us(100),    us(200),    us(500),    us(1'000),
                                 us(2'000),  us(5'000),  us(10'000), us(16'667), us(20'000),
                                 us(33'333), us(50'000), us(100'000)};
constexpr std::array kSmallTimeBounds{ms(1),   ms(2),   ms(5),   ms(10),    ms(20),    ms(50),
                                      ms(100), ms(200), ms(500), ms(1'000), ms(2'000), ms(5'000)};
constexpr std::array<std::uint64_t, 14> kBandwidthBounds{1'000,   2'000,   5'000,     10'000,   20'000,
                                                         50'000,  75'000,  100'000,   120'000,  150'000,
                                                         200'000, 500'000, 1'000'000, 5'000'000};

// Few: there are a thousand series for three cohorts and no more.
constexpr std::array<std::uint64_t, 5> kQueueBytesBounds{0, 1'000, 10'000, 100'000, 1'000'000};
constexpr std::array<std::uint64_t, 5> kCountBounds{0, 1, 2, 8, 32};

constexpr std::array<std::string_view, 6> kSmallTimes{"rtt_jitter_seconds", "clock_offset_error_seconds",
                                                      "tick_lateness_seconds", "generator_lateness_seconds"};
constexpr std::array<std::string_view, 3> kStates{"warming_up", "measuring", "finished"};
constexpr std::array<std::string_view, 5> kVerdicts{"passed", "failed", "regressed", "interrupted", "error"};

template <std::size_t kCount>
std::vector<std::pair<ExposedLabels, double>> one_of(const char* label,
                                                     const std::array<std::string_view, kCount>& values,
                                                     std::string_view current) {
  std::vector<std::pair<ExposedLabels, double>> series;
  for (const std::string_view value : values)
    series.push_back({{{label, std::string{value}}}, value == current ? 1.0 : 0.0});
  return series;
}

std::vector<std::pair<ExposedLabels, double>> planned_by_cohort(const RunInfo& info) {
  std::vector<std::pair<ExposedLabels, double>> series;
  for (const auto& [cohort, clients] : info.cohorts)
    series.push_back({{{"cohort", cohort}}, static_cast<double>(clients)});
  return series;
}

std::string_view compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "gcc " __VERSION__;
#else
  return "unknown";
#endif
}

}  // namespace

std::string exposed_name(std::string_view metric) {
  return std::string{kExposedPrefix}.append(metric);
}

ExposedLabels exposed_labels(const Shape& shape, const Metric& metric, const Selection& series) {
  ExposedLabels labels;
  for_each_label([&](Label label) {
    if (!metric.labels.has(label)) return;
    labels.emplace_back(name_of(label), shape.values(label)[*series.at(label)]);
  });
  return labels;
}

std::span<const std::uint64_t> exposed_bounds(const Metric& metric) {
  NETRIG_ASSERT(metric.kind == Kind::histogram);
  if (metric.unit == Unit::count) return kCountBounds;
  if (metric.unit == Unit::bytes) return kQueueBytesBounds;
  if (metric.unit == Unit::bytes_per_second) return kBandwidthBounds;
  if (metric.traits.has(Trait::host)) return kTickBounds;
  if (std::ranges::count(kSmallTimes, metric.name) > 0) return kSmallTimeBounds;
  return kLatencyBounds;
}

std::vector<std::uint64_t> cumulative_counts(const Histogram& histogram,
                                             std::span<const std::uint64_t> bounds) {
  std::vector<std::uint64_t> counts(bounds.size());
  const Histogram::Buckets used = histogram.used();
  std::uint64_t passed = 0;
  std::size_t bucket = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    while (bucket < used.counts.size() && Histogram::middle_of(used.first + bucket) <= bounds[i])
      passed += used.counts[bucket++];
    counts[i] = passed;
  }
  return counts;
}

std::vector<RunMetric> run_metrics(const RunInfo& info, const RunFacts& facts) {
  using enum Kind;
  const double wall = seconds(facts.wall);
  const std::string_view state = kStates[static_cast<std::size_t>(facts.state)];
  return {
      {"build_info",
       gauge,
       "What was built; the value is always 1.",
       false,
       {{{{"version", info.version}, {"compiler", std::string{compiler()}}}, 1.0}}},
      {"run_info",
       gauge,
       "What is run; the value is always 1.",
       false,
       {{{{"scenario", info.scenario},
          {"clock", info.clock},
          {"transport", info.transport},
          {"seed", std::to_string(info.seed)}},
         1.0}}},
      {"run_state", gauge,
       "1 for what the run does now: wait until all have joined, measure, or nothing more.", false,
       one_of("state", kStates, state)},
      {"run_verdict", gauge, "1 for the verdict, once there is one.", false,
       one_of("verdict", kVerdicts, facts.verdict)},
      {"run_seconds_total",
       counter,
       "Time of the run since its start, on its own clock.",
       false,
       {{{}, seconds(facts.simulated)}}},
      {"run_planned_seconds",
       gauge,
       "Time of the run at its end, as far as it is known.",
       false,
       {{{}, seconds(facts.planned)}}},
      {"clients_planned", gauge, "Clients that the scenario has.", false, planned_by_cohort(info)},
      {"tick_interval_seconds",
       gauge,
       "Time that a server tick may take.",
       false,
       {{{}, seconds(info.tick_interval)}}},
      {"speed_ratio",
       gauge,
       "Seconds of the run for each second of this machine, since the start.",
       true,
       {{{}, wall > 0 ? seconds(facts.simulated) / wall : 0.0}}},
  };
}

}  // namespace netrig::metrics
