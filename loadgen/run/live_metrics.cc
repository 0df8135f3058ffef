#include "netrig/loadgen/run/live_metrics.h"

#include <algorithm>
#include <thread>

#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/version.h"

namespace netrig::loadgen {
namespace {

using HostClock = std::chrono::steady_clock;

}  // namespace

metrics::RunInfo run_info(const Scenario& scenario, const RunMode& mode, std::uint64_t seed) {
  metrics::RunInfo info{.version = std::string{kVersion},
                        .scenario = scenario.name,
                        .clock = mode.real_clock ? "real" : "virtual",
                        .transport = std::string{name_of(scenario.transport, kTransportNames)},
                        .seed = seed,
                        .tick_interval = Duration{1s} / scenario.server.horizon.tick_rate_hz,
                        .cohorts = {}};
  for (const Cohort& cohort : scenario.cohorts) info.cohorts.emplace_back(cohort.name, cohort.count);
  return info;
}

Result<LiveMetrics, std::string> LiveMetrics::open(const std::string& address, metrics::RunInfo info,
                                                   const metrics::Shape& shape) {
  auto exporter = metrics::PrometheusExporter::open(address, std::move(info), shape);
  if (!exporter) return exporter.error();
  return LiveMetrics{*std::move(exporter)};
}

void LiveMetrics::publish(const metrics::Registry& registry, metrics::RunFacts facts) {
  facts_ = std::move(facts);
  facts_.wall = HostClock::now() - began_;
  exporter_->publish(registry, facts_);
}

void LiveMetrics::judge(std::string_view verdict) {
  facts_.verdict = verdict;
  exporter_->publish(facts_);
}

void LiveMetrics::hold(Duration time, const volatile std::sig_atomic_t* interrupted,
                       std::sig_atomic_t expected) const {
  const HostClock::time_point ends = HostClock::now() + time;
  while (HostClock::now() < ends && (interrupted == nullptr || *interrupted <= expected))
    std::this_thread::sleep_for(std::min<Duration>(50ms, ends - HostClock::now()));
}

}  // namespace netrig::loadgen
