// Binds a Server to the connections of one listener: admits them, passes their bytes in, carries its output.
// Private to transport/host.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "netrig/core/base/scheduler.h"
#include "netrig/core/server/acceptor.h"
#include "netrig/core/server/datagram_acceptor.h"
#include "netrig/core/server/server.h"
#include "netrig/transport/transport.h"

namespace netrig::transport {

class ServerBinding final : public ListenerHandler, public PacketSink {
 public:
  // All of them outlive the binding.
  ServerBinding(const Clock& clock, Server& server, Acceptor& acceptor, DatagramAcceptor& datagrams);
  ~ServerBinding() override;

  void expire(Instant now);       // who has kept silent for too long
  Instant next_deadline() const;  // of the server or of those who wait
  void close_all();
  std::size_t size() const { return links_.size(); }

  StrangerAnswer on_stranger(const Address& from, std::span<const Chunk> message) override;
  ConnectionHandler* on_accept(std::unique_ptr<Connection> connection) override;

  SendStatus send(PeerId peer, const OutgoingMessage& message) override;
  std::size_t backlog_bytes(PeerId peer) const override;
  void close(PeerId peer) override;

 private:
  class Link;

  void on_stream(Link& link, Bytes bytes);
  void on_datagram(Link& link, Bytes datagram);
  void seat(Link& link, PeerId peer);
  void on_gone(Link& link);
  Link* find(PeerId peer) const;

  const Clock& clock_;
  Server& server_;
  Acceptor& acceptor_;
  DatagramAcceptor& datagrams_;
  std::map<std::uint64_t, std::unique_ptr<Link>> links_;  // in the order in which they were accepted
  std::map<PendingId, Link*> pending_;
  std::map<PeerId, Link*> peers_;
  std::uint64_t next_link_ = 0;
  std::optional<PeerId> seated_stranger_;  // between on_stranger and the on_accept that follows
};

}  // namespace netrig::transport
