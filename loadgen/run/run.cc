#include "netrig/loadgen/run/run.h"

#include <chrono>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/run/host_use.h"
#include "netrig/loadgen/run/live_metrics.h"
#include "netrig/loadgen/run/summarise_run.h"

namespace netrig::loadgen {
namespace {

using HostClock = std::chrono::steady_clock;

// Events between two looks at the wall clock and the signal: a few microseconds apart.
constexpr std::uint64_t kEventsPerLook = 64;
constexpr Duration kProgressInterval = 50ms;  // of wall time

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

RunProgress progress_of(const Shard& shard) {
  return {.simulated = shard.now().time_since_epoch(),
          .planned = shard.end().time_since_epoch(),
          .state = state_of(shard.phase()),
          .clients = shard.clients_in_session(),
          .plan = shard.plan(),
          .registry = &shard.recorder().registry(),
          .timeline = &shard.recorder().timeline()};
}

// Steps until the run is over. True: it was interrupted before that.
bool run_to_end(Shard& shard, const RunControls& controls) {
  HostClock::time_point last_progress = HostClock::now();
  HostClock::time_point last_publish = last_progress;
  if (controls.on_publish) controls.on_publish(progress_of(shard));
  for (std::uint64_t events = 1; shard.phase() != Shard::Phase::done; ++events) {
    shard.step();
    if (events % kEventsPerLook != 0) continue;
    if (controls.interrupted != nullptr && *controls.interrupted != 0) {
      shard.stop();
      return true;
    }
    if (!controls.on_progress && !controls.on_publish) continue;
    const HostClock::time_point now = HostClock::now();
    if (controls.on_publish && now - last_publish >= LiveMetrics::kInterval) {
      last_publish = now;
      controls.on_publish(progress_of(shard));
    }
    if (!controls.on_progress || now - last_progress < kProgressInterval) continue;
    last_progress = now;
    controls.on_progress(progress_of(shard));
  }
  return false;
}

}  // namespace

metrics::RunFacts published_facts(const RunProgress& now) {
  return {.state = now.state, .simulated = now.simulated, .planned = now.planned};
}

FinishedRun run_virtual(const Scenario& scenario, std::uint64_t seed, const RunControls& controls,
                        sim::TraceWindow capture) {
  auto plan = std::make_unique<Plan>(make_plan(scenario, seed));
  const HostUse before = host_use();
  auto shard = std::make_unique<Shard>(scenario, *plan, seed, capture, controls.inputs, controls.dialect);
  if (controls.keep_history) shard->keep_history();
  const bool interrupted = run_to_end(*shard, controls);
  if (controls.on_publish) controls.on_publish(progress_of(*shard));

  const HostResult host = host_since(before);
  RunFacts facts = shard->facts();
  facts.interrupted = interrupted;
  RunResult result = summarise_run(scenario, {.dialect = controls.dialect}, seed, facts, host);
  return {std::move(plan), std::move(shard), std::move(result)};
}

}  // namespace netrig::loadgen
