// Binds a Server to a transport: accepts connections, admits them, passes their bytes in, and runs the ticks.
// One scheduler's own, whichever clock that follows.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "netrig/core/base/scheduler.h"
#include "netrig/core/server/acceptor.h"
#include "netrig/core/server/datagram_acceptor.h"
#include "netrig/core/server/server.h"
#include "netrig/transport/transport.h"

namespace netrig::loadgen {

// Hears which connection became which peer, before the server says anything about that peer's traffic, and
// when the connection is gone and the server will say no more.
class SeatObserver {
 public:
  virtual ~SeatObserver() = default;
  virtual void on_seated(const Address& from, PeerId peer) = 0;
  // The server has run what was due and is about to be flushed: what it is given now leaves at once.
  virtual void on_advanced() {}
  virtual void on_unseated(PeerId peer) = 0;
};

class ServerDriver final : transport::ListenerHandler, PacketSink, Task {
 public:
  // All of them outlive the driver.
  // `datagrams` admits those who come over datagrams, `acceptor` all others.
  ServerDriver(Scheduler& scheduler, Server& server, Acceptor& acceptor, DatagramAcceptor& datagrams,
               SeatObserver& seats);
  ~ServerDriver() override;

  // Listens and starts ticking.
  Result<Address, transport::TransportError> listen(transport::Transport& transport, const Address& at);

 private:
  // One accepted connection: pending until its hello is answered, then a peer.
  class Link;

  transport::StrangerAnswer on_stranger(const Address& from, std::span<const Chunk> message) override;
  transport::ConnectionHandler* on_accept(std::unique_ptr<transport::Connection> connection) override;
  void run(Instant now) override;
  void schedule_next();

  SendStatus send(PeerId peer, const OutgoingMessage& message) override;
  std::size_t backlog_bytes(PeerId peer) const override;
  void close(PeerId peer) override;

  void on_bytes(Link& link, std::span<const Chunk> chunks);
  void on_datagram(Link& link, Bytes datagram);
  void close_datagrams(const Address& address);
  void seat(Link& link, PeerId peer);
  Bytes joined(std::span<const Chunk> chunks);
  void on_gone(Link& link);
  Link* find(PeerId peer) const;

  Scheduler& scheduler_;
  Server& server_;
  Acceptor& acceptor_;
  DatagramAcceptor& datagrams_;
  SeatObserver& seats_;
  std::unique_ptr<transport::Listener> listener_;
  std::map<std::uint64_t, std::unique_ptr<Link>> links_;  // by the order in which they were accepted
  std::map<PendingId, Link*> pending_;
  std::map<PeerId, Link*> peers_;
  std::uint64_t next_link_ = 0;
  std::optional<PeerId> seated_stranger_;  // between on_stranger and the on_accept that follows
  std::vector<std::uint8_t> joined_;       // scratch
};

}  // namespace netrig::loadgen
