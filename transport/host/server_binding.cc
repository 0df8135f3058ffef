#include "netrig/transport/host/server_binding.h"

#include <algorithm>
#include <utility>

namespace netrig::transport {

class ServerBinding::Link final : public ConnectionHandler {
 public:
  Link(ServerBinding& binding, std::uint64_t number, std::unique_ptr<Connection> accepted)
      : connection(std::move(accepted)), id(number), binding_(binding) {}

  bool over_datagrams() const { return connection->delivery() == Delivery::datagram; }

  void on_open(Connection&) override {
    if (over_datagrams()) return;  // admitted already
    pending = binding_.acceptor_.open(connection->remote(), binding_.clock_.now());
    if (!pending) return connection->close();
    binding_.pending_[*pending] = this;
  }
  // Sockets deliver in one piece.
  void on_receive(Connection&, std::span<const Chunk> chunks) override {
    for (const Chunk& chunk : chunks)
      over_datagrams() ? binding_.on_datagram(*this, chunk.bytes) : binding_.on_stream(*this, chunk.bytes);
  }
  void on_close(Connection&, CloseReason) override { binding_.on_gone(*this); }

  std::unique_ptr<Connection> connection;
  const std::uint64_t id;
  std::optional<PendingId> pending;
  std::optional<PeerId> peer;

 private:
  ServerBinding& binding_;
};

ServerBinding::ServerBinding(const Clock& clock, Server& server, Acceptor& acceptor,
                             DatagramAcceptor& datagrams)
    : clock_(clock), server_(server), acceptor_(acceptor), datagrams_(datagrams) {}

ServerBinding::~ServerBinding() = default;

StrangerAnswer ServerBinding::on_stranger(const Address& from, std::span<const Chunk> message) {
  if (message.empty() || message[0].bytes.empty() || message[0].bytes[0] >= kSessionDatagram)
    return {.accept = false, .deliver = false, .reply = {}};
  DatagramAcceptor::Outcome outcome = datagrams_.receive(from, message[0].bytes, clock_.now());
  seated_stranger_ = outcome.seated;
  return {.accept = outcome.seated.has_value(), .deliver = false, .reply = std::move(outcome.reply)};
}

ConnectionHandler* ServerBinding::on_accept(std::unique_ptr<Connection> connection) {
  const std::uint64_t number = next_link_++;
  Link& link =
      *links_.emplace(number, std::make_unique<Link>(*this, number, std::move(connection))).first->second;
  if (seated_stranger_) seat(link, *std::exchange(seated_stranger_, std::nullopt));
  return &link;
}

void ServerBinding::expire(Instant now) {
  while (auto expired = acceptor_.expire(now)) {
    Link& link = *pending_.at(expired->first);
    pending_.erase(expired->first);
    link.pending.reset();
    link.connection->send(expired->second);
    link.connection->close();
  }
  while (const std::optional<Address> silent = datagrams_.expire(now))
    for (const auto& [number, link] : links_)
      if (link->connection->remote() == *silent) link->connection->close();
}

Instant ServerBinding::next_deadline() const {
  Instant next = *server_.next_deadline();
  if (const std::optional<Instant> silent = acceptor_.next_deadline()) next = std::min(next, *silent);
  if (const std::optional<Instant> silent = datagrams_.next_deadline()) next = std::min(next, *silent);
  return next;
}

void ServerBinding::close_all() {
  for (const auto& [number, link] : links_) link->connection->close();
}

void ServerBinding::on_stream(Link& link, Bytes bytes) {
  if (link.peer) return server_.receive(*link.peer, bytes, clock_.now());
  if (!link.pending) return;  // refused: whatever it still says is not heard
  const Acceptor::Outcome outcome = acceptor_.receive(*link.pending, bytes, clock_.now());
  if (outcome.reply.size() > 0) link.connection->send(outcome.reply);
  if (outcome.kind == Acceptor::Outcome::Kind::waiting) return;
  pending_.erase(*std::exchange(link.pending, std::nullopt));
  if (outcome.kind == Acceptor::Outcome::Kind::refused) return link.connection->close();
  seat(link, outcome.peer);
}

void ServerBinding::on_datagram(Link& link, Bytes datagram) {
  if (datagram.empty()) return;
  const Address& from = link.connection->remote();
  if (datagram[0] >= kSessionDatagram) {
    if (!link.peer) return;
    server_.receive(*link.peer, datagram, clock_.now());
    return datagrams_.on_session_datagram(from, *link.peer);
  }
  DatagramAcceptor::Outcome outcome = datagrams_.receive(from, datagram, clock_.now());
  if (outcome.reply.size() > 0) link.connection->send(outcome.reply);
  if (outcome.seated) seat(link, *outcome.seated);
}

void ServerBinding::seat(Link& link, PeerId peer) {
  if (link.peer) peers_.erase(*link.peer);  // it came again from the same address
  link.peer = peer;
  peers_[peer] = &link;
}

void ServerBinding::on_gone(Link& link) {
  if (link.pending) {
    acceptor_.close(*link.pending);
    pending_.erase(*link.pending);
  }
  if (link.over_datagrams()) datagrams_.close(link.connection->remote(), clock_.now());
  if (link.peer) {
    peers_.erase(*link.peer);
    server_.remove_peer(*link.peer, DisconnectReason::connection_lost, clock_.now());
  }
  links_.erase(link.id);
}

ServerBinding::Link* ServerBinding::find(PeerId peer) const {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? nullptr : found->second;
}

SendStatus ServerBinding::send(PeerId peer, const OutgoingMessage& message) {
  Link* const link = find(peer);
  return link == nullptr ? SendStatus::closed : link->connection->send(message);
}

std::size_t ServerBinding::backlog_bytes(PeerId peer) const {
  const Link* const link = find(peer);
  return link == nullptr ? 0 : link->connection->backlog_bytes();
}

void ServerBinding::close(PeerId peer) {
  if (Link* const link = find(peer)) link->connection->close();
}

}  // namespace netrig::transport
