// The server's half of a run: a server with its world and referee, bound to a transport, and everything it
// reports recorded. Knows neither who its clients are nor which clock it runs on; one scheduler's own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "netrig/core/base/entropy.h"
#include "netrig/core/world/world.h"
#include "netrig/loadgen/run/app_messages.h"
#include "netrig/loadgen/run/dialect.h"
#include "netrig/loadgen/run/server_driver.h"
#include "netrig/loadgen/run/server_log.h"
#include "netrig/loadgen/run/server_speaker.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/sim/time/trace.h"
#include "netrig/transport/transport.h"

namespace netrig::loadgen {

// Which client of the plan connects from an address.
class ClientNames {
 public:
  virtual ~ClientNames() = default;
  // Nothing: a stranger, whose traffic is served and not recorded.
  virtual std::optional<std::uint32_t> client_at(const Address& from) = 0;
  // It has no connection any more.
  virtual void on_gone(std::uint32_t /*client*/) {}
};

// Told what a state was when it has been sent to a client.
class SentStates {
 public:
  virtual ~SentStates() = default;
  virtual void on_state_sent(Tick tick, std::uint64_t digest) = 0;
};

// All that is pointed to or referred to outlives the server's side.
struct ServerSetting {
  std::uint64_t seed = 0;  // of the world
  Scheduler& scheduler;
  Entropy& entropy;
  metrics::Recorder& recorder;
  AppMessageCounts& app_messages;
  ClientNames& clients;
  AdmissionPolicy admission;
  Dialect dialect = Dialect::netrig;
  TokenGate* tokens = nullptr;
  sim::Trace* trace = nullptr;        // every event of the server, if it is to repeat
  SentStates* sent_states = nullptr;  // whoever holds the clients' views against them
  bool records_alone = false;         // sessions and round trips, too, which else the clients' side records
};

// What loadgen's own servers let in. Under the virtual clock each client has an address of its own; in real
// time all of a load test come from one machine, so limits per address do not hold for loopback.
AdmissionPolicy admission_of(const Scenario& scenario);

class ServerSide {
 public:
  // `scenario` outlives it.
  ServerSide(const Scenario& scenario, const ServerSetting& setting);
  ~ServerSide();

  // Listens and starts ticking.
  Result<Address, transport::TransportError> listen(transport::Transport& transport, const Address& at) {
    return driver_.listen(transport, at);
  }

  // From now on, what happens is told there too. It outlives the server's side.
  void tell(ServerLog& log);
  // What the recorder counts is the caller's to begin and end; this is what the game's referee counts.
  void measure(bool measuring) { measuring_ = measuring; }

  GameServer& server() { return speaker_->server(); }
  const GameServer& server() const { return speaker_->server(); }
  // As whom a client came last; nobody is PeerId{}.
  PeerId peer_of(std::uint32_t client) const;
  std::uint64_t world_digest() const { return world_->digest(); }
  std::uint64_t referee_dropped() const;

 private:
  class Taps;  // observers: what the server reports goes to recorder and trace

  std::unique_ptr<World> world_;
  std::unique_ptr<Taps> taps_;
  bool measuring_ = false;
  std::unique_ptr<ServerSpeaker> speaker_;
  ServerDriver driver_;
};

}  // namespace netrig::loadgen
