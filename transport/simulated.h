// The simulated network as a decorator over any transport: what a connection sends goes through a modelled
// link before the other side hears it. One shape for two uses: both ends in this process (the virtual clock),
// or only the connecting end (real sockets behind a modelled link).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "netrig/core/base/payload.h"
#include "netrig/core/base/random.h"
#include "netrig/core/base/scheduler.h"
#include "netrig/sim/network/bottleneck.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/header_model.h"
#include "netrig/sim/network/network_observer.h"
#include "netrig/sim/network/stream.h"
#include "netrig/transport/transport.h"

namespace netrig::transport {

class Pipe;
class SimulatedPath;

// A connecting side whose Address leaves the port 0 gets one of these, as an operating system would give it.
constexpr std::uint16_t kEphemeralPortFirst = 49'152;  // RFC 6335, section 6: 49152 to 65535
constexpr std::uint16_t kEphemeralPorts = 8'192;       // connections of one client that exist at once

// What arrived at the next stage when its queue was full, per connection and direction; more is an overflow.
// Only connections to a plain listener have such a stage. 16 MiB: 10 s at 1.6 MB/s.
constexpr std::size_t kHeldBytesMax = 16 * 1024 * 1024;
constexpr Duration kHeldRetry = 1ms;  // no transport tells when it has room again

// A request that meets an outage is sent again after this long, then twice as long, and so on (RFC 6298);
// after as many of them as Linux sends, 127 s in all, nobody is reachable.
constexpr Duration kConnectRetry = 1s;
constexpr int kConnectRetries = 6;
constexpr Duration kConnectGivenUpAfter = 127s;  // 1 + 2 + 4 + 8 + 16 + 32 + 64

// The link of one client, as the plan has it.
struct LinkSetup {
  std::uint32_t client = 0;  // LinkId::client, and what numbers its tasks: one Address, one client
  sim::TransportKind kind = sim::TransportKind::tcp;  // delivers as the inner transport does
  sim::LinkConditions up;
  sim::LinkConditions down;
  sim::Congestion congestion = sim::Congestion::ideal;
  sim::TcpOptions tcp{};  // unless the congestion is ideal
  Random random;  // the client's own fork of the run's seed; each connection and direction forks it again
  sim::SharedQueues up_queues{};  // that it shares with other clients, before its own
  sim::SharedQueues down_queues{};
};

class LinkDirectory {
 public:
  virtual ~LinkDirectory() = default;
  // The link of whoever connects from there; nothing when nobody may.
  virtual std::optional<LinkSetup> link_of(const Address& from) const = 0;
};

struct SimulatedOptions {
  // Client c's tasks are lanes of the network-class owner `first_task_owner + c`.
  std::uint32_t first_task_owner = 1;
  std::size_t datagram_bytes_max = 1200;  // 1280 IPv6 minimum - 40 IP - 8 UDP - 32 reserve
};

// Connecting, links, closing and backlog: README.md says what is modelled and how.
class SimulatedTransport final : public Transport {
 public:
  // All four outlive the transport.
  SimulatedTransport(Transport& inner, Scheduler& scheduler, const LinkDirectory& links,
                     sim::NetworkObserver& observer, SimulatedOptions options = {});
  ~SimulatedTransport() override;

  Result<std::unique_ptr<Listener>, TransportError> listen(const Address& at,
                                                           ListenerHandler& handler) override;
  // The listener knows the new connection as `from`, with a port of its own when that is 0.
  Result<std::unique_ptr<Connection>, TransportError> connect(const Address& from, const Address& to,
                                                              ConnectionHandler& handler) override;

  // What every stream with windows was doing until `now`, from restart_stream_facts() or its first byte on:
  // all connections of a client and direction together. Empty for models without windows.
  std::map<sim::LinkId, sim::StreamFacts> stream_facts(Instant now) const;
  void restart_stream_facts(Instant now);

  // Connections of which a side still exists, or bytes are still under way.
  std::size_t connection_count() const override { return paths_.size(); }

 private:
  friend class SimulatedPath;
  class Door;  // the Listener

  Result<Address, TransportError> caller_address(const Address& from, std::uint32_t connection) const;
  SimulatedPath* path_from(const Address& caller);
  void forget(const Address& caller);
  void keep_facts(const Pipe& pipe);

  Transport& inner_;
  Scheduler& scheduler_;
  const LinkDirectory& links_;
  sim::NetworkObserver& observer_;
  SimulatedOptions options_;
  PayloadPool pool_;                                         // for bytes that have no owner of their own
  std::map<std::uint32_t, std::uint32_t> connections_made_;  // by client
  std::map<Address, std::unique_ptr<SimulatedPath>> paths_;  // by the caller's address
  std::map<sim::LinkId, sim::StreamFacts> finished_streams_;
};

}  // namespace netrig::transport
