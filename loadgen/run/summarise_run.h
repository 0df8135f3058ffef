// From what a shard recorded to the result that reports are written from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "netrig/loadgen/report/run_result.h"
#include "netrig/loadgen/run/run_mode.h"
#include "netrig/loadgen/scenario/plan.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/sim/network/stream.h"

namespace netrig::loadgen {

// What a run leaves behind, whichever parts it was made of.
struct RunFacts {
  const metrics::Recorder& recorder;  // of all its parts
  const Plan& plan;
  std::optional<std::uint64_t> digest{};  // of every event; none under the real clock
  Instant end;
  std::optional<Instant> measuring_since{};
  std::uint64_t events = 0;
  std::optional<std::uint64_t> world_digest{};
  std::uint32_t clients_in_session = 0;
  std::uint32_t clients_joined = 0;  // that have had a state, whether they are still here or not
  std::uint64_t server_starts = 0;   // that clients have met, by its epochs
  std::string connection_problem{};  // why the first that could not be made could not
  std::uint64_t referee_dropped = 0;
  std::vector<AppMessageResult> app_messages{};
  std::map<sim::LinkId, sim::StreamFacts> stream_facts{};  // of the measured window
  bool interrupted = false;
};

// What is known before the run: identity, description and the cohorts' links. For the report's header.
RunResult describe_run(const Scenario& scenario, const RunMode& mode, std::uint64_t seed,
                       std::uint64_t file_digest);

// What a recorder alone knows of the cohorts that `result` describes, and what the caller measured of this
// machine: everything but identity, verdict and what only a run's parts can tell.
void fill_in_recorded(RunResult& result, const metrics::Recorder& recorder, const HostResult& host);

// The run is over. `host`: what the caller measured of this machine; tick times are filled in here.
RunResult summarise_run(const Scenario& scenario, const RunMode& mode, std::uint64_t seed,
                        const RunFacts& facts, const HostResult& host);

}  // namespace netrig::loadgen
