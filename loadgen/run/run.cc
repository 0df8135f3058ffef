#include "netrig/loadgen/run/run.h"

#include <chrono>
#include <utility>

#include "netrig/loadgen/run/host_use.h"
#include "netrig/loadgen/run/summarise_run.h"

namespace netrig::loadgen {
namespace {

using HostClock = std::chrono::steady_clock;

// Events between two looks at the wall clock and the signal: a few microseconds apart.
constexpr std::uint64_t kEventsPerLook = 64;
constexpr Duration kProgressInterval = 50ms;  // of wall time, as is the next
constexpr Duration kPublishInterval = 100ms;

// Steps until the run is over. True: it was interrupted before that.
bool run_to_end(Shard& shard, const RunControls& controls) {
  HostClock::time_point last_progress = HostClock::now();
  HostClock::time_point last_publish = last_progress;
  if (controls.on_publish) controls.on_publish(shard);
  for (std::uint64_t events = 1; shard.phase() != Shard::Phase::done; ++events) {
    shard.step();
    if (events % kEventsPerLook != 0) continue;
    if (controls.interrupted != nullptr && *controls.interrupted != 0) {
      shard.stop();
      return true;
    }
    if (!controls.on_progress && !controls.on_publish) continue;
    const HostClock::time_point now = HostClock::now();
    if (controls.on_publish && now - last_publish >= kPublishInterval) {
      last_publish = now;
      controls.on_publish(shard);
    }
    if (!controls.on_progress || now - last_progress < kProgressInterval) continue;
    last_progress = now;
    controls.on_progress({shard.now().time_since_epoch(), shard.end().time_since_epoch(),
                          shard.phase() == Shard::Phase::warming_up, shard.clients_in_session(), &shard});
  }
  return false;
}

}  // namespace

FinishedRun run_virtual(const Scenario& scenario, std::uint64_t seed, const RunControls& controls,
                        sim::TraceWindow capture) {
  auto plan = std::make_unique<Plan>(make_plan(scenario, seed));
  const HostUse before = host_use();
  auto shard = std::make_unique<Shard>(scenario, *plan, seed, capture, controls.inputs);
  if (controls.keep_history) shard->keep_history();
  const bool interrupted = run_to_end(*shard, controls);

  const HostResult host = host_since(before);
  RunFacts facts = shard->facts();
  facts.interrupted = interrupted;
  RunResult result = summarise_run(scenario, {}, seed, facts, host);
  return {std::move(plan), std::move(shard), std::move(result)};
}

}  // namespace netrig::loadgen
