// The universe of a virtual run, one thread's: the virtual clock, the simulated network, the server's side,
// the clients' side, and a recorder. Runs a plan from its first event to its last; the run's driver only
// decides how far to go in one step.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "netrig/core/base/entropy.h"
#include "netrig/loadgen/run/app_messages.h"
#include "netrig/loadgen/run/client_names.h"
#include "netrig/loadgen/run/client_side.h"
#include "netrig/loadgen/run/link_side.h"
#include "netrig/loadgen/run/server_side.h"
#include "netrig/loadgen/run/summarise_run.h"
#include "netrig/loadgen/scenario/plan.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/sim/time/trace.h"
#include "netrig/sim/time/virtual_scheduler.h"
#include "netrig/transport/memory.h"
#include "netrig/transport/simulated.h"

namespace netrig::loadgen {

class Shard {
 public:
  // Scenario and plan outlive the shard. `capture`: which events the trace keeps whole, for naming a
  // divergence.
  // `inputs`, if given, hears every input and outlives the shard.
  Shard(const Scenario& scenario, const Plan& plan, std::uint64_t seed, sim::TraceWindow capture = {},
        InputRecorder* inputs = nullptr, Dialect dialect = Dialect::netrig);
  ~Shard();

  enum class Phase : std::uint8_t {
    warming_up,  // until everybody has joined, if the scenario waits for that
    measuring,
    done,  // the measured window is over, or never began within warm_up_max
  };

  // Before the first step: keeps what a scrape each second would see (recorder().history()).
  void keep_history() { recorder_.keep_history(); }

  // Runs one event, or ends the run when its time has come. Call until done.
  void step();
  // Ends the run here: what was measured so far is the result.
  void stop();

  Phase phase() const { return phase_; }
  Instant now() const { return scheduler_.now(); }
  // When the run ends, or ended: an upper bound until it measures.
  Instant end() const { return end_; }
  std::optional<Instant> measuring_since() const { return measuring_since_; }

  std::uint32_t clients_in_session() const { return clients_.clients_in_session(); }
  const Plan& plan() const { return plan_; }
  const sim::Trace& trace() const { return trace_; }
  const metrics::Recorder& recorder() const { return recorder_; }
  // Once the run is over. Valid as long as the shard.
  RunFacts facts() const;

 private:
  class Truth;

  void begin_measuring(Instant at);
  void finish(Instant at);

  const Scenario& scenario_;
  const Plan& plan_;
  sim::VirtualScheduler scheduler_;
  sim::Trace trace_;
  metrics::Recorder recorder_;
  AppMessageCounts app_messages_;
  SeededEntropy entropy_;
  LinkTaps link_taps_;
  PlannedLinks links_;
  transport::MemoryTransport memory_;
  transport::SimulatedTransport network_;
  PlannedNames names_;
  ServerSide server_;
  std::unique_ptr<Truth> truth_;
  ClientSide clients_;

  Phase phase_ = Phase::warming_up;
  Instant end_;
  std::optional<Instant> measuring_since_;
  std::optional<Instant> everybody_in_at_;
  std::map<sim::LinkId, sim::StreamFacts> stream_facts_;
};

}  // namespace netrig::loadgen
