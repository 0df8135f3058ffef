#include "netrig/loadgen/commands/live_metrics.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/version.h"
#include "netrig/metrics/recorder/recorder.h"

namespace netrig::loadgen {
namespace {

using HostClock = std::chrono::steady_clock;

metrics::RunState state_of(Shard::Phase phase) {
  switch (phase) {
    case Shard::Phase::warming_up:
      return metrics::RunState::warming_up;
    case Shard::Phase::measuring:
      return metrics::RunState::measuring;
    case Shard::Phase::done:
      return metrics::RunState::finished;
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

}  // namespace

metrics::RunInfo run_info(const Scenario& scenario, std::uint64_t seed) {
  metrics::RunInfo info{.version = std::string{kVersion},
                        .scenario = scenario.name,
                        .clock = "virtual",
                        .transport = std::string{name_of(scenario.transport, kTransportNames)},
                        .seed = seed,
                        .tick_interval = Duration{1s} / scenario.server.horizon.tick_rate_hz,
                        .cohorts = {}};
  for (const Cohort& cohort : scenario.cohorts) info.cohorts.emplace_back(cohort.name, cohort.count);
  return info;
}

Result<LiveMetrics, std::string> LiveMetrics::open(const std::string& address, const Scenario& scenario,
                                                   std::uint64_t seed) {
  std::vector<std::string> cohorts;
  for (const Cohort& cohort : scenario.cohorts) cohorts.push_back(cohort.name);
  auto exporter = metrics::PrometheusExporter::open(address, run_info(scenario, seed),
                                                    metrics::Recorder::shape_of(std::move(cohorts)));
  if (!exporter) return exporter.error();
  return LiveMetrics{*std::move(exporter)};
}

void LiveMetrics::publish(const Shard& shard, std::string_view verdict) {
  exporter_->publish(shard.recorder().registry(), {.state = state_of(shard.phase()),
                                                   .simulated = shard.now().time_since_epoch(),
                                                   .planned = shard.end().time_since_epoch(),
                                                   .wall = HostClock::now() - began_,
                                                   .verdict = std::string{verdict}});
}

void LiveMetrics::hold(Duration time, const volatile std::sig_atomic_t* interrupted) {
  const HostClock::time_point ends = HostClock::now() + time;
  while (HostClock::now() < ends && (interrupted == nullptr || *interrupted == 0))
    std::this_thread::sleep_for(std::min<Duration>(50ms, ends - HostClock::now()));
}

}  // namespace netrig::loadgen
