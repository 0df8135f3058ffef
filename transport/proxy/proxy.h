// A proxy that puts a modelled link between clients and a server of any kind: plain streams and datagrams,
// whatever they mean. README.md says what a link does to each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "netrig/core/base/scheduler.h"
#include "netrig/transport/simulated.h"
#include "netrig/transport/transport.h"

namespace netrig::transport {

class ProxySession;

// Why a client is gone.
enum class ProxyEnd : std::uint8_t {
  closed,       // both sides ended it
  broken_off,   // one of them, in the middle: a reset, or a machine that is gone
  refused,      // the server did not take it
  unreachable,  // the server could not be reached
  idle,         // datagrams: nothing came for too long
  stopped,      // the proxy ended
};
constexpr std::size_t kProxyEnds = 6;
std::string_view text(ProxyEnd end);

struct ProxyOptions {
  std::size_t clients_max = 1'024;  // at once; who comes then is turned away
  // Per client and direction, with what messages take besides their bytes: 10 s of 1.6 MB/s. A stream is not
  // read any further then; datagrams are dropped.
  std::size_t buffer_bytes_max = 16 * 1024 * 1024;
  Duration idle_max = 60s;                  // datagrams: six times the longest round trip
  std::size_t datagram_bytes_max = 65'507;  // 65535 - 20 IPv4 - 8 UDP; both transports take as much
  std::uint32_t first_task_owner = 1;       // client c's tasks are this network-class owner's, plus c
};

// `client` is the number of a place, below clients_max; whoever comes later may get it again.
class ProxyObserver {
 public:
  virtual ~ProxyObserver() = default;
  virtual void on_client_came(std::uint32_t /*client*/, const Address& /*from*/, Instant /*now*/) {}
  // The server took a stream; of datagrams, the first answer came.
  virtual void on_server_reached(std::uint32_t /*client*/, Instant /*now*/) {}
  // Payload that was taken from its sender, and that was given to its receiver.
  virtual void on_taken(std::uint32_t /*client*/, sim::Direction, std::size_t /*bytes*/, Instant /*now*/) {}
  virtual void on_given(std::uint32_t /*client*/, sim::Direction, std::size_t /*bytes*/, Instant /*now*/) {}
  // Something became due, and is so late. Measured for each thing that the links do.
  virtual void on_due(std::uint32_t /*client*/, Duration /*late*/) {}
  virtual void on_paused(std::uint32_t /*client*/, sim::Direction) {}  // a stream, by a full buffer
  // A datagram that the socket had no room for.
  virtual void on_send_refused(std::uint32_t /*client*/, sim::Direction) {}
  virtual void on_client_gone(std::uint32_t /*client*/, ProxyEnd, std::string_view /*detail*/,
                              Instant /*now*/) {}
  virtual void on_turned_away(const Address& /*from*/) {}  // clients_max were there
};

class Proxy final : private ListenerHandler {
 public:
  // The link of a client: `place` is what LinkSetup::client must be, `number` counts all that ever came.
  using Links = std::function<LinkSetup(std::uint32_t place, std::uint64_t number)>;

  // Everything outlives it. `near` and `far` deliver alike, and may be the same transport.
  Proxy(Transport& near, Transport& far, Address server, Scheduler& scheduler, sim::NetworkObserver& network,
        ProxyObserver& observer, Links links, ProxyOptions options = {});
  ~Proxy() override;

  Result<Address, TransportError> listen(const Address& at);  // once
  // Asks for the links anew, for those who are here and for all who will come.
  void change_links(Links links);
  // Nobody comes any more, and everybody is told to go.
  void stop();
  std::size_t clients() const { return sessions_.size(); }

 private:
  friend class ProxySession;

  class Sweep final : public Task {
   public:
    Sweep(Proxy& proxy, TaskOrder order) : Task(order), proxy_(proxy) {}
    void run(Instant now) override { proxy_.sweep(now); }

   private:
    Proxy& proxy_;
  };

  StrangerAnswer on_stranger(const Address& from, std::span<const Chunk> message) override;
  ConnectionHandler* on_accept(std::unique_ptr<Connection> connection) override;
  void forget(ProxySession& session);
  void sweep(Instant now);

  struct Guest {
    std::uint64_t number = 0;
    std::unique_ptr<ProxySession> session;
  };

  Transport& near_;
  Transport& far_;
  const Address server_;
  Scheduler& scheduler_;
  sim::NetworkObserver& network_;
  ProxyObserver& observer_;
  Links links_;
  const ProxyOptions options_;
  std::unique_ptr<Listener> listener_;
  std::map<std::uint32_t, Guest> sessions_;  // by place
  std::vector<std::uint32_t> free_places_;   // the next one at the back
  std::uint64_t came_ = 0;
  Sweep sweep_;
};

}  // namespace netrig::transport
