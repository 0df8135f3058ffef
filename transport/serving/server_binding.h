// Binds a Server to the connections of one listener: admits them, passes their bytes in, carries its output.
// When the server runs is whoever owns the binding's to say. One thread's own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "netrig/core/base/scheduler.h"
#include "netrig/core/server/datagram_acceptor.h"
#include "netrig/core/server/entrance.h"
#include "netrig/core/server/game_server.h"
#include "netrig/transport/transport.h"

namespace netrig::transport {

// Connections in the order in which they were accepted.
using ServerLinkId = Id<struct ServerLinkTag, std::uint64_t>;

// Hears what becomes of connections. Called from scheduler turns only.
class BindingObserver {
 public:
  virtual ~BindingObserver() = default;
  // Which connection became which peer, before the server says anything about that peer's traffic, and when
  // the connection is gone and the server will say no more.
  virtual void on_seated(const Address& /*from*/, PeerId) {}
  virtual void on_unseated(PeerId) {}
  // next_deadline() may have come nearer.
  virtual void on_waiting() {}
  // What arrived, or that the connection has ended, before the server hears of it. True: the observer keeps
  // it, and hands it to deliver() or end() later, in the order in which it came.
  virtual bool keeps(ServerLinkId, Connection&, std::span<const Chunk>) { return false; }
  virtual bool keeps_end(ServerLinkId) { return false; }
};

class ServerBinding final : public ListenerHandler, public PacketSink {
 public:
  // All of them outlive the binding.
  // `datagrams` may be null: then none are taken.
  ServerBinding(const Clock& clock, GameServer& server, Entrance& entrance, DatagramAcceptor* datagrams,
                BindingObserver& observer);
  ~ServerBinding() override;

  // What an observer kept. Of a connection that has gone meanwhile, nothing is heard.
  void deliver(ServerLinkId id, std::span<const Chunk> chunks);
  void end(ServerLinkId id);

  void expire(Instant now);       // who has kept silent for too long
  Instant next_deadline() const;  // of the server or of those who wait
  void close_all();
  std::size_t size() const { return links_.size(); }  // connections
  std::size_t peers() const { return peers_.size(); }

  StrangerAnswer on_stranger(const Address& from, std::span<const Chunk> message) override;
  ConnectionHandler* on_accept(std::unique_ptr<Connection> connection) override;

  SendStatus send(PeerId peer, const OutgoingMessage& message) override;
  std::size_t backlog_bytes(PeerId peer) const override;
  void close(PeerId peer) override;

 private:
  class Link;

  void on_bytes(Link& link, std::span<const Chunk> chunks);
  void enter(Link& link);
  void on_stream(Link& link, Bytes bytes);
  void on_datagram(Link& link, Bytes datagram);
  void seat(Link& link, PeerId peer);
  void on_gone(Link& link);
  void expire_pending(Instant now);
  Link* find(PeerId peer) const;
  Bytes joined(std::span<const Chunk> chunks);

  const Clock& clock_;
  GameServer& server_;
  Entrance& entrance_;
  DatagramAcceptor* datagrams_;
  BindingObserver& observer_;
  std::map<ServerLinkId, std::unique_ptr<Link>> links_;
  std::map<PendingId, Link*> pending_;
  std::map<PeerId, Link*> peers_;
  std::uint64_t next_link_ = 0;
  std::optional<PeerId> seated_stranger_;  // between on_stranger and the on_accept that follows
  std::vector<std::uint8_t> joined_;       // scratch
};

}  // namespace netrig::transport
