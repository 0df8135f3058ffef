#include "netrig/transport/serving/server_binding.h"

#include <algorithm>
#include <utility>

namespace netrig::transport {

class ServerBinding::Link final : public ConnectionHandler {
 public:
  Link(ServerBinding& binding, ServerLinkId number, std::unique_ptr<Connection> accepted)
      : connection(std::move(accepted)), id(number), binding_(binding) {}

  bool over_datagrams() const { return connection->delivery() == Delivery::datagram; }

  void on_open(Connection&) override {
    if (over_datagrams()) return binding_.observer_.on_waiting();  // admitted already
    binding_.enter(*this);
    binding_.observer_.on_waiting();
  }
  void on_receive(Connection&, std::span<const Chunk> chunks) override {
    if (!binding_.observer_.keeps(id, *connection, chunks)) binding_.on_bytes(*this, chunks);
  }
  void on_close(Connection&, CloseReason) override {
    if (!binding_.observer_.keeps_end(id)) binding_.on_gone(*this);
  }

  std::unique_ptr<Connection> connection;
  const ServerLinkId id;
  std::optional<PendingId> pending;
  std::optional<PeerId> peer;

 private:
  ServerBinding& binding_;
};

ServerBinding::ServerBinding(const Clock& clock, GameServer& server, Entrance& entrance,
                             DatagramAcceptor* datagrams, BindingObserver& observer)
    : clock_(clock), server_(server), entrance_(entrance), datagrams_(datagrams), observer_(observer) {}

ServerBinding::~ServerBinding() = default;

// Whatever comes from an address without a connection: only a request may lead to one.
StrangerAnswer ServerBinding::on_stranger(const Address& from, std::span<const Chunk> message) {
  const Bytes datagram = joined(message);
  if (datagrams_ == nullptr || datagram.empty() || datagram[0] >= kSessionDatagram)
    return {.accept = false, .deliver = false, .reply = {}};
  DatagramAcceptor::Outcome outcome = datagrams_->receive(from, datagram, clock_.now());
  seated_stranger_ = outcome.seated;
  return {.accept = outcome.seated.has_value(), .deliver = false, .reply = std::move(outcome.reply)};
}

ConnectionHandler* ServerBinding::on_accept(std::unique_ptr<Connection> connection) {
  const ServerLinkId number{next_link_++};
  Link& link =
      *links_.emplace(number, std::make_unique<Link>(*this, number, std::move(connection))).first->second;
  if (seated_stranger_) seat(link, *std::exchange(seated_stranger_, std::nullopt));
  return &link;
}

void ServerBinding::expire_pending(Instant now) {
  while (auto expired = entrance_.expire(now)) {
    Link& link = *pending_.at(expired->first);
    pending_.erase(expired->first);
    link.pending.reset();
    link.connection->send(expired->second);
    link.connection->close();
  }
}

void ServerBinding::expire(Instant now) {
  expire_pending(now);
  if (datagrams_ == nullptr) return;
  while (const std::optional<Address> silent = datagrams_->expire(now))
    for (const auto& [number, link] : links_)
      if (link->connection->remote() == *silent) link->connection->close();
}

Instant ServerBinding::next_deadline() const {
  Instant next = *server_.next_deadline();
  if (const std::optional<Instant> silent = entrance_.next_deadline()) next = std::min(next, *silent);
  if (datagrams_ == nullptr) return next;
  if (const std::optional<Instant> silent = datagrams_->next_deadline()) next = std::min(next, *silent);
  return next;
}

void ServerBinding::close_all() {
  for (const auto& [number, link] : links_) link->connection->close();
}

void ServerBinding::deliver(ServerLinkId id, std::span<const Chunk> chunks) {
  if (const auto link = links_.find(id); link != links_.end()) on_bytes(*link->second, chunks);
}

void ServerBinding::end(ServerLinkId id) {
  if (const auto link = links_.find(id); link != links_.end()) on_gone(*link->second);
}

void ServerBinding::on_bytes(Link& link, std::span<const Chunk> chunks) {
  if (link.over_datagrams()) return on_datagram(link, joined(chunks));
  for (const Chunk& chunk : chunks) on_stream(link, chunk.bytes);
}

// One datagram, whose pieces usually are one.
Bytes ServerBinding::joined(std::span<const Chunk> chunks) {
  if (chunks.size() == 1) return chunks.front().bytes;
  joined_.clear();
  for (const Chunk& chunk : chunks) joined_.insert(joined_.end(), chunk.bytes.begin(), chunk.bytes.end());
  return joined_;
}

void ServerBinding::enter(Link& link) {
  const Entrance::Outcome outcome = entrance_.enter(link.connection->remote(), clock_.now());
  switch (outcome.kind) {
    case Entrance::Outcome::Kind::waiting:
      link.pending = outcome.pending;
      pending_[outcome.pending] = &link;
      return expire_pending(clock_.now());
    case Entrance::Outcome::Kind::seated:
      return seat(link, outcome.peer);
    case Entrance::Outcome::Kind::refused:
      return link.connection->close();
  }
}

void ServerBinding::on_stream(Link& link, Bytes bytes) {
  if (link.peer) return server_.receive(*link.peer, bytes, clock_.now());
  if (!link.pending) return;  // refused: whatever it still says is not heard
  const Entrance::Outcome outcome = entrance_.receive(*link.pending, bytes, clock_.now());
  if (outcome.reply.size() > 0) link.connection->send(outcome.reply);
  if (outcome.kind == Entrance::Outcome::Kind::waiting) return;
  pending_.erase(*std::exchange(link.pending, std::nullopt));
  if (outcome.kind == Entrance::Outcome::Kind::refused) return link.connection->close();
  seat(link, outcome.peer);
}

void ServerBinding::on_datagram(Link& link, Bytes datagram) {
  if (datagram.empty()) return;
  const Address& from = link.connection->remote();
  if (datagram[0] >= kSessionDatagram) {
    if (!link.peer) return;
    server_.receive(*link.peer, datagram, clock_.now());
    return datagrams_->on_session_datagram(from, *link.peer);
  }
  DatagramAcceptor::Outcome outcome = datagrams_->receive(from, datagram, clock_.now());
  if (outcome.reply.size() > 0) link.connection->send(outcome.reply);
  if (outcome.seated) seat(link, *outcome.seated);
}

void ServerBinding::seat(Link& link, PeerId peer) {
  if (link.peer) {  // it came again from the same address
    peers_.erase(*link.peer);
    observer_.on_unseated(*link.peer);
  }
  link.peer = peer;
  peers_[peer] = &link;
  observer_.on_seated(link.connection->remote(), peer);
}

void ServerBinding::on_gone(Link& link) {
  if (link.pending) {
    entrance_.close(*link.pending);
    pending_.erase(*link.pending);
  }
  if (link.over_datagrams()) datagrams_->close(link.connection->remote(), clock_.now());
  if (link.peer) {
    peers_.erase(*link.peer);
    server_.remove_peer(*link.peer, DisconnectReason::connection_lost, clock_.now());
    observer_.on_unseated(*link.peer);
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
