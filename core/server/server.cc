#include "netrig/core/server/server.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/message_writer.h"

namespace netrig {

namespace {

constexpr std::size_t kStateHeaderFrameBytes = kFrameHeaderBytes + 1 + 2 + 10;  // flags; tag and length; body

}  // namespace

Server::Server(const ServerConfig& config, World& world, Entropy& entropy, ServerObserver& observer,
               Instant start)
    : config_(config),
      windows_(derive_windows(config.horizon)),
      world_(world),
      observer_(observer),
      now_(start),
      epoch_(entropy.draw()),
      entropy_(entropy),
      avatars_(world, config.avatars, config.players_max),
      ticks_(world, observer, *this, config.horizon.tick_rate_hz, start),
      sent_states_(windows_.history_ticks),
      state_writer_(world.schema()) {
  NETRIG_ASSERT(config.players_max >= 1);
  NETRIG_ASSERT(config.resume_grace >= 0ns && config.resume_grace <= kResumeGraceMax);
}

Server::~Server() = default;

// --- peers

Session* Server::find(PeerId peer) const {
  const auto at =
      std::lower_bound(by_peer_.begin(), by_peer_.end(), peer,
                       [](const Session* session, PeerId wanted) { return session->id < wanted; });
  return at != by_peer_.end() && (*at)->id == peer ? *at : nullptr;
}

Session* Server::find(ClientId client) const {
  const auto at =
      std::lower_bound(sessions_.begin(), sessions_.end(), client,
                       [](const auto& session, ClientId wanted) { return session->client < wanted; });
  return at != sessions_.end() && (*at)->client == client && !(*at)->ending ? at->get() : nullptr;
}

Seats Server::seats(const Address& from) const {
  const auto same_host = std::count_if(sessions_.begin(), sessions_.end(), [&](const auto& session) {
    return session->info.address.host == from.host;
  });
  return {static_cast<std::uint32_t>(sessions_.size()), config_.players_max,
          static_cast<std::uint32_t>(same_host), stopping_};
}

void Server::give_back_avatar(Session& session) {
  if (session.entity == EntityId{}) return;
  std::erase(by_entity_, &session);
  if (!avatars_.give_back(session.entity)) return;
  const EntityRemoved removed{session.entity, next(tick())};
  for (const auto& other : sessions_) {
    if (other.get() == &session || other->ending) continue;
    const SendStatus status = other->peer.send_reliable(removed);
    if (status != SendStatus::accepted) observer_.on_send_refused(other->id, status, now_);
  }
}

std::optional<ResumeKey> Server::resume_key(const ResumeClaim& claim) const {
  const Session* const session = find(claim.client);
  const bool may_resume = session != nullptr && claim.epoch == epoch_ && config_.resume_grace > 0ns &&
                          session->peer.could_resume(claim.received);
  return may_resume ? std::optional{session->resume_key} : std::nullopt;
}

PeerId Server::add_peer(const PeerInfo& info, Instant now) {
  if (info.resume) return resume(*find(info.resume->client), info, now);
  NETRIG_ASSERT(sessions_.size() < config_.players_max);
  const ClientId client{next_client_++};
  const EntityId entity = avatars_.take(client);
  sessions_.push_back(std::make_unique<Session>(client, entity, windows_, config_.horizon.tick_rate_hz, now));
  Session& session = *sessions_.back();
  session.resume_key = {entropy_.draw(), entropy_.draw()};
  if (entity != EntityId{}) {
    const auto at = std::lower_bound(by_entity_.begin(), by_entity_.end(), entity,
                                     [](const Session* other, EntityId id) { return other->entity < id; });
    by_entity_.insert(at, &session);
  }
  connect(session, info);
  observer_.on_joined(session.id, client, entity, now);
  return session.id;
}

void Server::connect(Session& session, const PeerInfo& info) {
  session.id = PeerId{next_peer_++};
  std::optional<TokenHolder> known = std::move(session.info.holder);
  session.info = info;
  if (!session.info.holder) session.info.holder = std::move(known);  // who comes back needs no token
  if (info.delivery == Delivery::datagram) {
    session.peer.open_datagrams({Sender::client, info.version, info.keys, info.rtt});
  }
  by_peer_.push_back(&session);
}

PeerId Server::resume(Session& session, const PeerInfo& info, Instant now) {
  if (!session.detached) {  // it noticed before we did
    to_close_.push_back(session.id);
    detach(session, DisconnectReason::connection_lost, now);
  }
  session.detached.reset();
  session.outbox.clear();
  session.bad_packets = 0;
  session.welcome_due = true;
  session.resumed = true;
  session.peer.restart(now);
  const bool fits = session.peer.resume(info.resume->received);
  NETRIG_ASSERT(fits);
  connect(session, info);
  observer_.on_resumed(session.id, session.client, session.entity, now);
  return session.id;
}

// The player stays, without a connection, until its grace is over.
void Server::detach(Session& session, DisconnectReason reason, Instant now) {
  std::erase(by_peer_, &session);
  session.detached = Detached{now + config_.resume_grace, reason};
  observer_.on_detached(session.id, session.client, now);
}

void Server::end(Session& session, DisconnectReason reason, Instant now) {
  if (session.ending) return;
  session.ending = reason;
  give_back_avatar(session);
  observer_.on_left(session.id, session.client, reason, now);
}

void Server::remove_peer(PeerId peer, DisconnectReason reason, Instant now) {
  Session* const session = find(peer);
  if (session == nullptr) return;
  lose(*session, reason, now);
  if (!session->ending) return;
  std::erase(by_peer_, session);
  std::erase_if(sessions_, [session](const auto& candidate) { return candidate.get() == session; });
}

// The connection is gone or as good as gone: the player may come back when that was nobody's will.
void Server::lose(Session& session, DisconnectReason reason, Instant now) {
  const bool may_come_back =
      reason == DisconnectReason::connection_lost || reason == DisconnectReason::timeout;
  // Over datagrams a newcomer is nobody until it has proved that it heard the answer.
  const bool is_somebody = session.resumed || !session.peer.over_datagrams() || has_heard(session.id);
  if (session.ending || !may_come_back || !is_somebody || config_.resume_grace == 0ns) {
    return end(session, reason, now);
  }
  detach(session, reason, now);
}

// --- incoming

void Server::receive(PeerId peer, Bytes bytes, Instant now) {
  now_ = now;
  Session* const session = find(peer);
  if (session == nullptr || session->ending) return;
  if (session->peer.over_datagrams()) return receive_datagram(*session, bytes, now);
  const bool in_step = session->peer.read(bytes, now, [&](Bytes packet) {
    on_packet(*session, packet, now);
    return !session->ending;
  });
  if (!in_step) fault(*session, PeerFault::out_of_step, now);
}

void Server::fault(Session& session, PeerFault fault, Instant now) {
  observer_.on_fault(session.id, fault, now);
  const bool forgivable = fault == PeerFault::undecodable || fault == PeerFault::unexpected;
  if (!forgivable) return end(session, DisconnectReason::protocol_error, now);
  if (++session.bad_packets < kBadPacketsMax) return;
  observer_.on_fault(session.id, PeerFault::too_many_bad_packets, now);
  end(session, DisconnectReason::protocol_error, now);
}

void Server::on_packet(Session& session, Bytes packet, Instant now) {
  const Result<PacketView, DecodeFault> view = decode_packet(packet, Sender::client);
  if (!view) return fault(session, PeerFault::undecodable, now);
  if (view->reliable_ack && !session.peer.on_reliable_ack(*view->reliable_ack)) {
    return fault(session, PeerFault::false_ack, now);
  }
  Bytes rest = view->messages;
  while (!rest.empty() && !session.ending) on_message(session, take_message(rest), now);
}

void Server::on_message(Session& session, const RawMessage& message, Instant now) {
  switch (message.type) {
    case MessageType::input:
      return on_input(session, *decode_input(message.body), now);
    case MessageType::ping:
      return session.peer.on_ping(*decode_ping(message.body), now);
    case MessageType::pong:
      return on_pong(session, *decode_pong(message.body), now);
    case MessageType::leave:
      return end(session, DisconnectReason::left, now);
    case MessageType::app_reliable:
      session.peer.on_reliable_message();
      return observer_.on_app_message(session.client, *decode_app_reliable(message.body), now);
    case MessageType::app_latest: {
      const LatestMessage latest = *decode_app_latest(message.body);
      if (session.peer.is_latest(latest)) observer_.on_latest_message(session.client, latest, now);
      return;
    }
    default:
      return fault(session, PeerFault::unexpected, now);  // a second hello
  }
}

void Server::on_pong(Session& session, const Pong& pong, Instant now) {
  const PongFate fate = session.peer.on_pong(pong, now);
  if (fate == PongFate::false_answer) return fault(session, PeerFault::false_ack, now);
  if (fate == PongFate::measured) observer_.on_rtt(session.id, session.peer.rtt().latest(), now);
}

void Server::on_input(Session& session, const InputMessage& input, Instant now) {
  if (input.acked > tick()) return fault(session, PeerFault::false_ack, now);
  const bool may_play = session.entity != EntityId{} || config_.avatars == Avatars::unseen;
  if (!may_play) return observer_.on_input_dropped(session.id, InputFate::no_avatar, now);
  const std::optional<InputFate> fate = session.inputs.push(input, now);
  if (fate == InputFate::repeated && session.peer.over_datagrams()) return;  // said more than once on purpose
  if (fate) observer_.on_input_dropped(session.id, *fate, now);
  const bool is_taken = !fate || fate == InputFate::queue_overflow;  // then an older one went
  if (is_taken) observer_.on_input(session.id, session.client, input, now);
}

// --- ticks

std::optional<Instant> Server::next_deadline() const {
  return ticks_.next_at();
}

void Server::advance(Instant now) {
  now_ = now;
  ticks_.advance(now);
  for (const auto& session : sessions_) check_timeouts(*session, now);
}

void Server::check_timeouts(Session& session, Instant now) {
  if (session.ending) return;
  if (session.detached) {
    if (now >= session.detached->until) end(session, session.detached->reason, now);
  } else if (session.peer.is_idle(now) || session.peer.dribbles(now)) {
    lose(session, DisconnectReason::timeout, now);
    if (session.detached) to_close_.push_back(session.id);
  }
}

void Server::collect_inputs(std::vector<PlayerInput>& into) {
  for (Session* const session : by_entity_) {
    observer_.on_input_queue(session->id, session->inputs.size(), now_);
    session->inputs.begin_tick();
    while (const InputMessage* const input = session->inputs.next()) {
      into.push_back({session->client, session->entity, input->input, ticks_.instant_of(input->acked)});
      session->inputs.pop();
    }
  }
  if (config_.avatars != Avatars::unseen) return;
  for (Session* const session : by_peer_) {
    session->inputs.begin_tick();
    while (session->inputs.next() != nullptr) session->inputs.pop();
  }
}

// Once for all peers of a kind.
void Server::encode_state() {
  sent_states_[tick().value % sent_states_.size()] = {tick(), state().digest()};
  const auto server_time_ns = static_cast<std::uint64_t>(ns_since_start(ticks_.instant_of(tick())));
  const auto over_datagrams = [](const Session* session) { return session->peer.over_datagrams(); };
  const auto datagrams = std::count_if(by_peer_.begin(), by_peer_.end(), over_datagrams);
  is_encoded_ = true;
  body_.reset();
  parts_.clear();
  if (datagrams > 0) {
    state_writer_.write_parts(state(), server_time_ns, kStatePartBytesMax, bodies_, parts_);
  }
  if (datagrams == std::ssize(by_peer_)) return;
  std::shared_ptr<Payload> body = bodies_.acquire();
  body_breakdown_ = {};
  state_writer_.write(state(), server_time_ns, body->bytes, body_breakdown_);
  body_ = PayloadPool::seal(std::move(body));
}

// --- outgoing

void Server::flush(PacketSink& sink) {
  observer_.on_phase(tick(), TickPhase::send);
  for (const auto& session : sessions_) {
    if (session->detached) continue;
    session->peer.over_datagrams() ? deliver_datagrams(*session, sink) : deliver(*session, sink);
  }
  is_encoded_ = false;
  body_.reset();
  parts_.clear();
  for (const PeerId peer : to_close_) sink.close(peer);
  to_close_.clear();
  const auto is_done = [](const auto& session) { return session->ending.has_value(); };
  if (std::any_of(sessions_.begin(), sessions_.end(), is_done)) {
    std::erase_if(by_peer_, is_done);
    std::erase_if(sessions_, is_done);
  }
  observer_.on_phase(tick(), TickPhase::idle);
}

Welcome Server::welcome_of(const Session& session) const {
  const auto server_time_ns = static_cast<std::uint64_t>(ns_since_start(ticks_.instant_of(tick())));
  const auto grace_ms = std::chrono::duration_cast<std::chrono::milliseconds>(config_.resume_grace).count();
  return {session.info.version,
          session.info.features,
          epoch_,
          session.client,
          session.entity,
          static_cast<std::uint16_t>(config_.horizon.tick_rate_hz),
          tick(),
          server_time_ns,
          session.resume_key,
          static_cast<std::uint32_t>(grace_ms),
          session.peer.reliable_received(),
          session.resumed};
}

void Server::fill_outbox(Session& session) {
  const bool is_free = session.outbox.empty();
  FrameWriter writer{session.outbox.frames, session.outbox.breakdown};
  if (session.welcome_due) {
    session.welcome_due = false;
    writer.write(welcome_of(session));
  }
  if (is_free && session.peer.has_due(now_)) session.peer.write_due(writer, now_);
  const bool says_goodbye = session.ending && *session.ending != DisconnectReason::connection_lost;
  if (says_goodbye) writer.write(Disconnect{*session.ending, session.ending_message});
  writer.finish();
}

// The least round trip, not the smoothed one: over a stream pings wait behind the states, so a round trip
// that is measured grows with the backlog, and would allow the next.
bool Server::is_over_backlog(const Session& session, const PacketSink& sink) const {
  const std::size_t backlog = sink.backlog_bytes(session.id);
  if (backlog == 0) return false;
  const Duration rtt = session.peer.rtt().least();
  const auto ticks_per_rtt =
      static_cast<std::size_t>(rtt.count() * config_.horizon.tick_rate_hz / 1'000'000'000);
  return backlog > std::max<std::size_t>(2, ticks_per_rtt) * (kStateHeaderFrameBytes + body_->bytes.size());
}

void Server::deliver(Session& session, PacketSink& sink) {
  fill_outbox(session);
  bool sends_state = body_ != nullptr && !session.ending;
  if (sends_state && is_over_backlog(session, sink)) {
    sends_state = false;
    observer_.on_state_skipped(session.id, tick(), now_);
  }
  if (!session.outbox.empty() || sends_state) {
    std::shared_ptr<Payload> head = session.heads.acquire();
    PacketBreakdown breakdown = session.outbox.breakdown;
    head->bytes.insert(head->bytes.end(), session.outbox.frames.begin(), session.outbox.frames.end());
    if (sends_state) {
      FrameWriter writer{head->bytes, breakdown};
      writer.write(
          StateHeader{state().tick(), session.inputs.applied(), static_cast<std::uint16_t>(state().size())});
      writer.finish();
      breakdown += body_breakdown_;
    }
    const SendStatus status =
        sink.send(session.id, {PayloadPool::seal(std::move(head)), sends_state ? body_ : PayloadRef{}});
    if (status == SendStatus::accepted) {
      session.outbox.clear();
      if (sends_state) observer_.on_state_sent(session.id, tick(), now_);
      observer_.on_packet(session.id, breakdown, now_);
      observer_.on_send_queue(session.id, sink.backlog_bytes(session.id), now_);
    } else {
      observer_.on_send_refused(session.id, status, now_);
      if (status == SendStatus::closed) lose(session, DisconnectReason::connection_lost, now_);
    }
  }
  if (session.ending) sink.close(session.id);
}

}  // namespace netrig
