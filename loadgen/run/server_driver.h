// Binds a Server to a transport: accepts connections, admits them, passes their bytes in, and runs the ticks.
// One scheduler's own, whichever clock that follows. Under the virtual clock, where nothing takes time of
// itself, a pace makes the server slow: while it stands still or works on a tick it reads nothing, and what a
// tick made leaves when its time is over. Only strangers' datagrams are answered at once: the transport asks
// for the answer on the spot.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "netrig/core/base/scheduler.h"
#include "netrig/core/server/acceptor.h"
#include "netrig/core/server/datagram_acceptor.h"
#include "netrig/core/server/server.h"
#include "netrig/loadgen/scenario/server_pace.h"
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
  // The server has run this many ticks up to `newest`, and what they made leaves at `finished`.
  virtual void on_ticks_run(Tick newest, std::uint32_t ran, Instant finished) = 0;
};

class ServerDriver final : transport::ListenerHandler, PacketSink, Task {
 public:
  // All of them outlive the driver.
  // `datagrams` admits those who come over datagrams, `acceptor` all others.
  ServerDriver(Scheduler& scheduler, Server& server, Acceptor& acceptor, DatagramAcceptor& datagrams,
               SeatObserver& seats, const ServerPace& pace);
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

  bool is_away(Instant now) const;
  void hold(const Link& link, std::span<const Chunk> chunks);
  void read_held();
  void expire_pending(Instant now);
  void run_ticks(Instant now);
  void flush(Instant now);

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

  // What arrived while the server was away, in order, as its sockets would keep it. At most kHeldBytesMax: a
  // connection that sends more is closed.
  struct Held {
    std::uint64_t link = 0;
    Chunk chunk;  // owns its bytes; empty: the connection is gone
  };
  static constexpr std::size_t kHeldBytesMax = 64 * 1024 * 1024;

  const ServerPace& pace_;
  std::deque<Held> held_;
  std::size_t held_bytes_ = 0;
  Instant busy_until_;      // with the tick that was run last
  bool flush_due_ = false;  // at busy_until_
};

}  // namespace netrig::loadgen
