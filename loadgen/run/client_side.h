// The clients' half of a run: the plan's virtual clients on one scheduler and one transport. Knows the server
// as an address only; what a server in this process can tell besides comes in as ServerTruth.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "netrig/loadgen/run/virtual_client.h"
#include "netrig/loadgen/scenario/plan.h"
#include "netrig/loadgen/scenario/scenario.h"

namespace netrig::loadgen {

// All that is pointed to or referred to outlives the clients.
struct ClientSetting {
  std::uint64_t seed = 0;
  Scheduler& scheduler;
  transport::Transport& transport;
  Address server_address;
  metrics::Recorder& recorder;
  AppMessageCounts& app_messages;
  const ServerTruth* truth = nullptr;  // none: the server is not ours
  Entropy* entropy = nullptr;          // of keys; none: forks of the seed
  ClientPorts* ports = nullptr;        // whoever wants to know where clients connect from
  TokenPurse* tokens = nullptr;        // what clients show when they connect
  bool records_alone = false;          // the server's side has a recorder of its own, or is not here
  InputRecorder* inputs = nullptr;     // hears all that clients say; may be missing
  Dialect dialect = Dialect::netrig;
};

class ClientSide {
 public:
  // Scenario and plan outlive it. The clients' first joins are scheduled.
  ClientSide(const Scenario& scenario, const Plan& plan, const ClientSetting& setting);
  ~ClientSide();

  std::uint32_t clients() const { return static_cast<std::uint32_t>(clients_.size()); }
  std::uint32_t clients_in_session() const;
  // Those that have had a state, whether they are still here or not.
  std::uint32_t clients_joined() const { return counts_.joined; }
  bool everybody_was_in() const { return counts_.joined == clients_.size(); }
  // Nobody is here, and of those who should be nobody will try again: nothing more can happen.
  bool everybody_gave_up() const;
  // Why the first connection that could not be made could not, for people; empty: there was none.
  const std::string& connection_problem() const { return counts_.connection_problem; }
  // Starts of the server that clients have seen; at least 1 once somebody has joined.
  std::size_t server_epochs() const { return counts_.epochs.size(); }

 private:
  ClientCounts counts_;
  std::optional<ClientEnvironment> environment_;
  std::vector<std::unique_ptr<VirtualClient>> clients_;
};

// Clients that the plan keeps connected at `end`.
std::uint32_t clients_planned(const Plan& plan, Instant end);

}  // namespace netrig::loadgen
