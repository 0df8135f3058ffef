// One thread's whole universe: a scheduler, the simulated network, the server with its world, all clients,
// and a recorder. Runs a plan from its first event to its last; the run's driver only decides how far to go
// in one step.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "netrig/core/base/entropy.h"
#include "netrig/core/server/acceptor.h"
#include "netrig/core/server/server.h"
#include "netrig/core/world/world.h"
#include "netrig/loadgen/run/app_messages.h"
#include "netrig/loadgen/run/server_driver.h"
#include "netrig/loadgen/run/virtual_client.h"
#include "netrig/loadgen/scenario/plan.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/metrics/recorder/server_recorder.h"
#include "netrig/sim/time/trace.h"
#include "netrig/sim/time/virtual_scheduler.h"
#include "netrig/transport/memory.h"
#include "netrig/transport/simulated.h"

namespace netrig::loadgen {

class Shard {
 public:
  // Scenario and plan outlive the shard. `capture`: which events the trace keeps whole, for naming a
  // divergence.
  Shard(const Scenario& scenario, const Plan& plan, std::uint64_t seed, sim::TraceWindow capture = {});
  ~Shard();

  enum class Phase : std::uint8_t {
    warming_up,  // until everybody has joined, if the scenario waits for that
    measuring,
    done,  // the measured window is over, or never began within warm_up_max
  };

  // Runs one event, or ends the run when its time has come. Call until done.
  void step();
  // Ends the run here: what was measured so far is the result.
  void stop();

  Phase phase() const { return phase_; }
  Instant now() const { return scheduler_.now(); }
  // When the run ends, or ended: an upper bound until it measures.
  Instant end() const { return end_; }
  std::optional<Instant> measuring_since() const { return measuring_since_; }

  std::uint32_t clients_in_session() const;
  // Those that have had a state, whether they are still here or not.
  std::uint32_t clients_joined() const { return clients_joined_; }
  // Clients that the plan keeps connected at the end.
  std::uint32_t clients_planned() const;
  std::uint64_t events() const { return scheduler_.events(); }
  std::uint64_t world_digest() const { return world_->digest(); }
  const Plan& plan() const { return plan_; }
  const sim::Trace& trace() const { return trace_; }
  const metrics::Recorder& recorder() const { return recorder_; }
  const AppMessageCounts& app_messages() const { return app_messages_; }
  const RefereeDesk& desk() const { return desk_; }
  // Of the measured window, once the run is over; empty when no window is modelled.
  const std::map<sim::LinkId, sim::StreamFacts>& stream_facts() const { return stream_facts_; }

 private:
  class Taps;       // observers: what server and network report goes to recorder and trace
  class Directory;  // which conditions a client's link has

  void begin_measuring(Instant at);
  void finish(Instant at);

  const Scenario& scenario_;
  const Plan& plan_;
  sim::VirtualScheduler scheduler_;
  sim::Trace trace_;
  metrics::Recorder recorder_;
  AppMessageCounts app_messages_;
  std::vector<PeerId> peer_of_client_;
  std::unique_ptr<World> world_;
  SeededEntropy entropy_;
  std::unique_ptr<Taps> taps_;
  std::unique_ptr<Directory> directory_;
  transport::MemoryTransport memory_;
  transport::SimulatedTransport network_;
  Server server_;
  Acceptor acceptor_;
  DatagramAcceptor datagrams_;
  ServerDriver driver_;
  bool measuring_ = false;  // phase_ is measuring
  RefereeDesk desk_;
  std::uint32_t clients_joined_ = 0;  // that have had a state, whether they are still here or not
  std::optional<ClientEnvironment> environment_;
  std::vector<std::unique_ptr<VirtualClient>> clients_;

  Phase phase_ = Phase::warming_up;
  Instant end_;
  std::optional<Instant> measuring_since_;
  std::optional<Instant> everybody_in_at_;
  std::map<sim::LinkId, sim::StreamFacts> stream_facts_;
};

}  // namespace netrig::loadgen
