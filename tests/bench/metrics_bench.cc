// What it costs to record, and to read.
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "netrig/metrics/histogram.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/metrics/registry.h"

namespace {

using netrig::metrics::Histogram;

// Log-normal around 50 us, as tick times are.
std::vector<std::uint64_t> samples() {
  std::mt19937_64 generator{1};
  std::lognormal_distribution<double> nanoseconds{10.8, 0.5};
  std::vector<std::uint64_t> drawn(4'096);
  for (std::uint64_t& value : drawn) value = static_cast<std::uint64_t>(nanoseconds(generator));
  return drawn;
}

Histogram filled() {
  Histogram histogram;
  for (const std::uint64_t value : samples()) histogram.record(value);
  return histogram;
}

void histogram_record(benchmark::State& state) {
  const std::vector<std::uint64_t> values = samples();
  Histogram histogram;
  std::size_t next = 0;
  for (auto _ : state) {
    histogram.record(values[next]);
    next = (next + 1) % 4'096;
    benchmark::ClobberMemory();
  }
  benchmark::DoNotOptimize(histogram);
}
BENCHMARK(histogram_record);

void counter_increment(benchmark::State& state) {
  std::uint64_t counter = 0;
  for (auto _ : state) {
    ++counter;
    benchmark::DoNotOptimize(counter);
  }
}
BENCHMARK(counter_increment);

void histogram_p99(benchmark::State& state) {
  const Histogram histogram = filled();
  for (auto _ : state) benchmark::DoNotOptimize(histogram.quantile(990'000));
}
BENCHMARK(histogram_p99);

void histogram_merge(benchmark::State& state) {
  const Histogram from = filled();
  Histogram into;
  for (auto _ : state) {
    into.merge(from);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(histogram_merge);

// The whole way of one sample, from what a client says to its cohort's histogram.
void recorder_record(benchmark::State& state) {
  using namespace netrig::metrics;
  RecorderConfig config;
  config.cohorts = {"a", "b", "c", "d"};
  for (std::uint32_t client = 0; client < 1'000; ++client) config.cohort_of_client.push_back(client % 4);
  Recorder recorder{config};
  recorder.begin_measuring({});
  const std::vector<std::uint64_t> values = samples();
  std::uint32_t next = 0;
  for (auto _ : state) {
    recorder.state_received(next % 1'000, std::chrono::nanoseconds{values[next]});
    next = (next + 1) % 4'096;
    benchmark::ClobberMemory();
  }
}
BENCHMARK(recorder_record);

// What a shard does to publish: so many cohorts, every histogram in use.
void registry_publish(benchmark::State& state) {
  using namespace netrig::metrics;
  std::vector<std::string> cohorts;
  for (std::int64_t i = 0; i < state.range(0); ++i) cohorts.push_back("cohort-" + std::to_string(i));
  const Shape shape = *Shape::make({.cohorts = cohorts,
                                    .messages = {"ping", "pong", "input", "state"},
                                    .leave_causes = {"left"},
                                    .drop_causes = {"queue"},
                                    .error_causes = {"malformed"}});
  Registry live{shape}, published{shape};
  for (const Metric& metric : catalog::all())
    for (std::size_t i = 0; metric.kind == Kind::histogram && i < shape.series_count(metric); ++i)
      live.histogram(HistogramId{metric}, shape.series_at(metric, i)).merge(filled());
  for (auto _ : state) {
    published.reset();
    published.merge(live);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(registry_publish)->Arg(1)->Arg(4)->Arg(64);

}  // namespace

BENCHMARK_MAIN();
