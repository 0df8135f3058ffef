#include "netrig/loadgen/run/server_driver.h"

#include <algorithm>
#include <utility>

namespace netrig::loadgen {

class ServerDriver::Link final : public transport::ConnectionHandler {
 public:
  Link(ServerDriver& driver, std::uint64_t number, std::unique_ptr<transport::Connection> opened)
      : connection(std::move(opened)), id(number), driver_(driver) {}

  bool over_datagrams() const { return connection->delivery() == Delivery::datagram; }

  void on_open(transport::Connection&) override {
    if (over_datagrams()) return driver_.schedule_next();  // admitted already
    pending = driver_.acceptor_.open(connection->remote(), driver_.scheduler_.now());
    if (!pending) return connection->close();
    driver_.pending_[*pending] = this;
    driver_.schedule_next();
  }
  void on_receive(transport::Connection&, std::span<const Chunk> chunks) override {
    if (driver_.is_away(driver_.scheduler_.now())) return driver_.hold(*this, chunks);
    driver_.on_bytes(*this, chunks);
  }
  void on_close(transport::Connection&, transport::CloseReason) override {
    if (driver_.is_away(driver_.scheduler_.now())) return driver_.hold(*this, {});
    driver_.on_gone(*this);
  }

  std::unique_ptr<transport::Connection> connection;
  std::uint64_t id;
  std::optional<PendingId> pending;
  std::optional<PeerId> peer;

 private:
  ServerDriver& driver_;
};

ServerDriver::ServerDriver(Scheduler& scheduler, Server& server, Acceptor& acceptor,
                           DatagramAcceptor& datagrams, SeatObserver& seats, const ServerPace& pace)
    : Task(TaskOrder{TaskClass::tick, 0, 0}),
      scheduler_(scheduler),
      server_(server),
      acceptor_(acceptor),
      datagrams_(datagrams),
      seats_(seats),
      pace_(pace) {}

ServerDriver::~ServerDriver() {
  scheduler_.cancel(*this);
}

Result<Address, transport::TransportError> ServerDriver::listen(transport::Transport& transport,
                                                                const Address& at) {
  auto listener = transport.listen(at, *this);
  if (!listener) return listener.error();
  listener_ = *std::move(listener);
  schedule_next();
  return listener_->local();
}

transport::ConnectionHandler* ServerDriver::on_accept(std::unique_ptr<transport::Connection> connection) {
  const std::uint64_t number = next_link_++;
  const auto added = links_.emplace(number, std::make_unique<Link>(*this, number, std::move(connection)));
  Link& link = *added.first->second;
  if (seated_stranger_) seat(link, *std::exchange(seated_stranger_, std::nullopt));
  return &link;
}

// Whatever comes from an address without a connection: only a request may lead to one.
transport::StrangerAnswer ServerDriver::on_stranger(const Address& from, std::span<const Chunk> message) {
  const Bytes datagram = joined(message);
  if (datagram.empty() || datagram[0] >= kSessionDatagram) return {false, false, {}};
  DatagramAcceptor::Outcome outcome = datagrams_.receive(from, datagram, scheduler_.now());
  seated_stranger_ = outcome.seated;
  return {outcome.seated.has_value(), false, std::move(outcome.reply)};
}

// --- time

void ServerDriver::schedule_next() {
  if (flush_due_) return scheduler_.schedule(*this, busy_until_);
  Instant next = *server_.next_deadline();
  if (const std::optional<Instant> silent = acceptor_.next_deadline()) next = std::min(next, *silent);
  if (const std::optional<Instant> silent = datagrams_.next_deadline()) next = std::min(next, *silent);
  if (!held_.empty()) next = scheduler_.now();
  scheduler_.schedule(*this, running_from(pace_, next));
}

bool ServerDriver::is_away(Instant now) const {
  return now < busy_until_ || running_from(pace_, now) > now;
}

void ServerDriver::run(Instant now) {
  if (flush_due_ && now >= busy_until_) flush(now);
  if (!is_away(now)) {
    read_held();
    expire_pending(now);
    run_ticks(now);
  }
  schedule_next();
}

void ServerDriver::expire_pending(Instant now) {
  while (auto expired = acceptor_.expire(now)) {
    Link& link = *pending_.at(expired->first);
    pending_.erase(expired->first);
    link.pending.reset();
    link.connection->send(expired->second);
    link.connection->close();
  }
  while (const std::optional<Address> silent = datagrams_.expire(now)) close_datagrams(*silent);
}

void ServerDriver::run_ticks(Instant now) {
  const Tick before = server_.tick();
  server_.advance(now);
  seats_.on_advanced();
  const std::uint32_t ran = std::min(server_.tick().value - before.value, Server::kCatchUpTicksMax);
  busy_until_ = now;
  flush_due_ = true;
  if (ran > 0) {
    busy_until_ =
        finished_at(pace_, now, work_of(pace_.tick_cost, ran, server_.state().size(), peers_.size()));
  }
  const Instant finished = busy_until_;
  if (busy_until_ == now) flush(now);
  if (ran > 0) seats_.on_ticks_run(server_.tick(), ran, std::max(finished, scheduler_.now()));
}

void ServerDriver::flush(Instant) {
  flush_due_ = false;
  server_.flush(*this);
}

// --- what arrives while the server is away

void ServerDriver::hold(const Link& link, std::span<const Chunk> chunks) {
  if (chunks.empty()) held_.push_back({link.id, {}});
  const bool is_whole = chunks.size() <= 1 || !link.over_datagrams();
  const Chunk datagram{is_whole ? Bytes{} : joined(chunks), nullptr};
  for (const Chunk& chunk : is_whole ? chunks : std::span{&datagram, 1}) {
    held_bytes_ += chunk.bytes.size();
    if (held_bytes_ > kHeldBytesMax) return link.connection->close();
    Chunk& held = held_.emplace_back(Held{link.id, chunk}).chunk;
    if (held.owner) continue;
    auto copy = std::make_shared<Payload>();
    copy->bytes.assign(chunk.bytes.begin(), chunk.bytes.end());
    held.owner = PayloadPool::seal(std::move(copy));
    held.bytes = held.owner->bytes;
  }
  schedule_next();
}

void ServerDriver::read_held() {
  while (!held_.empty()) {
    const Held held = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= held.chunk.bytes.size();
    const auto link = links_.find(held.link);
    if (link == links_.end()) continue;
    if (held.chunk.bytes.empty()) {
      on_gone(*link->second);
    } else {
      on_bytes(*link->second, {&held.chunk, 1});
    }
  }
}

// --- connections

void ServerDriver::on_bytes(Link& link, std::span<const Chunk> chunks) {
  const Instant now = scheduler_.now();
  if (link.over_datagrams()) return on_datagram(link, joined(chunks));
  for (const Chunk& chunk : chunks) {
    if (link.peer) {
      server_.receive(*link.peer, chunk.bytes, now);
      continue;
    }
    if (!link.pending) return;  // refused: whatever it still says is not heard
    const Acceptor::Outcome outcome = acceptor_.receive(*link.pending, chunk.bytes, now);
    if (outcome.kind == Acceptor::Outcome::Kind::waiting) {
      if (outcome.reply.size() > 0) link.connection->send(outcome.reply);
      continue;
    }
    pending_.erase(*link.pending);
    link.pending.reset();
    if (outcome.kind == Acceptor::Outcome::Kind::refused) {
      link.connection->send(outcome.reply);
      return link.connection->close();
    }
    seat(link, outcome.peer);
  }
}

void ServerDriver::seat(Link& link, PeerId peer) {
  if (link.peer) {  // it came again from the same address
    peers_.erase(*link.peer);
    seats_.on_unseated(*link.peer);
  }
  link.peer = peer;
  peers_[peer] = &link;
  seats_.on_seated(link.connection->remote(), peer);
}

void ServerDriver::on_datagram(Link& link, Bytes datagram) {
  const Instant now = scheduler_.now();
  if (datagram.empty()) return;
  if (datagram[0] >= kSessionDatagram) {
    if (!link.peer) return;
    server_.receive(*link.peer, datagram, now);
    return datagrams_.on_session_datagram(link.connection->remote(), *link.peer);
  }
  DatagramAcceptor::Outcome outcome = datagrams_.receive(link.connection->remote(), datagram, now);
  if (outcome.reply.head) link.connection->send(outcome.reply);
  if (outcome.seated) seat(link, *outcome.seated);
}

// One datagram, whose pieces usually are one.
Bytes ServerDriver::joined(std::span<const Chunk> chunks) {
  if (chunks.size() == 1) return chunks.front().bytes;
  joined_.clear();
  for (const Chunk& chunk : chunks) joined_.insert(joined_.end(), chunk.bytes.begin(), chunk.bytes.end());
  return joined_;
}

void ServerDriver::close_datagrams(const Address& address) {
  for (const auto& [number, link] : links_) {
    if (link->connection->remote() == address) link->connection->close();
  }
}

void ServerDriver::on_gone(Link& link) {
  if (link.pending) {
    acceptor_.close(*link.pending);
    pending_.erase(*link.pending);
  }
  if (link.over_datagrams()) datagrams_.close(link.connection->remote(), scheduler_.now());
  if (link.peer) {
    peers_.erase(*link.peer);
    server_.remove_peer(*link.peer, DisconnectReason::connection_lost, scheduler_.now());
    seats_.on_unseated(*link.peer);
  }
  links_.erase(link.id);
}

ServerDriver::Link* ServerDriver::find(PeerId peer) const {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? nullptr : found->second;
}

SendStatus ServerDriver::send(PeerId peer, const OutgoingMessage& message) {
  Link* const link = find(peer);
  return link == nullptr ? SendStatus::closed : link->connection->send(message);
}

std::size_t ServerDriver::backlog_bytes(PeerId peer) const {
  const Link* const link = find(peer);
  return link == nullptr ? 0 : link->connection->backlog_bytes();
}

void ServerDriver::close(PeerId peer) {
  if (Link* const link = find(peer)) link->connection->close();
}

}  // namespace netrig::loadgen
