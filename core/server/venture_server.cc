#include "netrig/core/server/venture_server.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/venture/input_command.h"

namespace netrig {

struct VentureServer::Player {
  Player(PeerId peer, const Address& from, const Windows& windows, std::uint32_t tick_rate_hz, Instant now)
      : id(peer), address(from), inputs(windows, tick_rate_hz, now), heard_at(now) {}

  PeerId id;
  ClientId client() const { return ClientId{id.value}; }  // who it is says its connection, never a command
  Address address;
  EntityId entity;  // 0: it watches
  FrameReader frames{kVentureCommandBytesMax};
  InputQueue inputs;
  Input last_input;
  std::optional<std::uint32_t> sequence;  // of its newest command
  InputSequence taken;                    // commands, as the queue counts them
  bool has_spoken = false;                // a command that decodes
  Instant heard_at;                       // the newest of them, or when it came
  std::optional<Instant> partial_since;   // a frame has begun
  std::optional<Instant> stuck_since;     // its connection takes nothing
  std::uint32_t bad_packets = 0;
  std::optional<DisconnectReason> ending;  // closed in the next flush, hears nothing more
};

VentureServer::VentureServer(const ServerConfig& config, const AdmissionPolicy& policy, World& world,
                             const V1Inputs& inputs, ServerObserver& observer, Instant start)
    : config_(config),
      policy_(policy),
      windows_(derive_windows(config.horizon)),
      v1_inputs_(inputs),
      observer_(observer),
      now_(start),
      avatars_(world, config.avatars, config.players_max),
      ticks_(world, observer, *this, config.horizon.tick_rate_hz, start),
      writer_(world.schema()) {
  NETRIG_ASSERT(config.players_max >= 1);
}

VentureServer::~VentureServer() = default;

// --- who comes and goes

std::optional<RefuseReason> VentureServer::why_refused(const Address& from) const {
  if (stopping_) return RefuseReason::stopping;
  // Those who are leaving still have a connection until the next flush.
  if (players_.size() >= 2 * std::size_t{config_.players_max}) return RefuseReason::server_full;
  if (is_lifted(policy_, from)) return std::nullopt;
  std::uint32_t same_host = 0;
  std::uint32_t silent = 0;
  for (const auto& [id, player] : players_) {
    if (player->ending || player->address.host != from.host) continue;
    ++same_host;
    if (!player->has_spoken) ++silent;
  }
  const std::uint32_t seats = policy_.seats_per_address_max > 0 ? policy_.seats_per_address_max
                                                                : std::max(1u, config_.players_max / 8);
  const bool is_over = same_host >= seats || silent >= policy_.pending_per_address_max;
  return is_over ? std::optional{RefuseReason::address_limit} : std::nullopt;
}

// Who has never said anything goes first, then who has fallen silent for so long that its connection may be
// dead: nothing else tells.
bool VentureServer::make_room(Instant now) {
  if (seated_ < config_.players_max) return true;
  Player* silent = nullptr;
  for (const auto& [id, player] : players_) {
    const bool may_be_dead = !player->has_spoken || now - player->heard_at >= windows_.idle_timeout;
    if (player->ending || !may_be_dead) continue;
    const auto rank = [](const Player& each) { return std::pair{each.has_spoken, each.heard_at}; };
    if (silent == nullptr || rank(*player) < rank(*silent)) silent = player.get();
  }
  if (silent == nullptr) return false;
  end(*silent, DisconnectReason::timeout, now);
  return true;
}

Entrance::Outcome VentureServer::enter(const Address& from, Instant now) {
  std::optional<RefuseReason> reason = why_refused(from);
  if (!reason && !make_room(now)) reason = RefuseReason::server_full;
  if (reason) {
    observer_.on_refused(*reason, now);
    return {Outcome::Kind::refused, {}, {}};
  }
  const PeerId id{next_peer_++};
  Player& player =
      *players_.emplace(id, std::make_unique<Player>(id, from, windows_, config_.horizon.tick_rate_hz, now))
           .first->second;
  ++seated_;
  player.entity = avatars_.take(player.client());
  if (player.entity != EntityId{}) {
    const auto at = std::ranges::lower_bound(by_entity_, player.entity, {}, &Player::entity);
    by_entity_.insert(at, &player);
  }
  observer_.on_joined(id, player.client(), player.entity, now);
  return {Outcome::Kind::seated, id, {}};
}

void VentureServer::end(Player& player, DisconnectReason reason, Instant now) {
  if (player.ending) return;
  player.ending = reason;
  --seated_;
  if (player.entity != EntityId{}) {
    std::erase(by_entity_, &player);
    avatars_.give_back(player.entity);  // the protocol cannot tell the others
  }
  observer_.on_left(player.id, player.client(), reason, now);
}

void VentureServer::remove_peer(PeerId peer, DisconnectReason reason, Instant now) {
  const auto found = players_.find(peer);
  if (found == players_.end()) return;
  end(*found->second, reason, now);
  players_.erase(found);
}

void VentureServer::stop(Instant now) {
  stopping_ = true;
  for (const auto& [id, player] : players_) end(*player, DisconnectReason::stopping, now);
}

std::size_t VentureServer::connected() const {
  return seated_;
}

// --- incoming

void VentureServer::receive(PeerId peer, Bytes bytes, Instant now) {
  now_ = now;
  const auto found = players_.find(peer);
  if (found == players_.end() || found->second->ending) return;
  Player& player = *found->second;
  const bool in_step = player.frames.read(bytes, [&](Bytes packet) {
    player.partial_since.reset();
    on_command(player, packet, now);
    return !player.ending;
  });
  if (!in_step) fault(player, PeerFault::out_of_step, now);
  if (player.frames.partial_bytes() > 0 && !player.partial_since) player.partial_since = now;
}

// What does not decode as the very first comes from somebody who speaks something else.
void VentureServer::fault(Player& player, PeerFault fault, Instant now) {
  observer_.on_fault(player.id, fault, now);
  const bool forgivable = fault == PeerFault::undecodable && player.has_spoken;
  if (!forgivable) return end(player, DisconnectReason::protocol_error, now);
  if (++player.bad_packets < kBadPacketsMax) return;
  observer_.on_fault(player.id, PeerFault::too_many_bad_packets, now);
  end(player, DisconnectReason::protocol_error, now);
}

void VentureServer::on_command(Player& player, Bytes packet, Instant now) {
  const auto command = venture::decode_input_command(packet);
  if (!command || command->type.size() > kVentureTypeBytesMax)
    return fault(player, PeerFault::undecodable, now);
  player.has_spoken = true;
  player.heard_at = now;
  const bool may_play = player.entity != EntityId{} || config_.avatars == Avatars::unseen;
  if (!may_play) return observer_.on_input_dropped(player.id, InputFate::no_avatar, now);
  const auto input = v1_inputs_.input_of(command->type, command->data, player.last_input);
  if (!input) return observer_.on_input_dropped(player.id, InputFate::unknown, now);
  if (const auto fate = take_command(player, command->sequence, *input, now))
    observer_.on_input_dropped(player.id, *fate, now);
}

// A client's own numbers may begin anywhere, wrap and leave some out, but never go back.
std::optional<InputFate> VentureServer::take_command(Player& player, std::uint32_t sequence,
                                                     const Input& input, Instant now) {
  if (player.sequence) {
    const std::uint32_t step = sequence - *player.sequence;
    if (step == 0 || step > INT32_MAX) return InputFate::repeated;
    if (step > kInputSequenceJumpMax) return InputFate::jumped;
  }
  player.sequence = sequence;
  const InputSequence number{player.taken.value + 1};
  const std::optional<InputFate> fate = player.inputs.push({number, {}, input}, now);
  if (fate == InputFate::over_rate) return fate;
  player.taken = number;
  player.last_input = input;
  return fate;
}

// --- ticks

void VentureServer::advance(Instant now) {
  now_ = now;
  ticks_.advance(now);
  for (const auto& [id, player] : players_) check_timeouts(*player, now);
}

// Silence is no fault: there is no keep-alive, and who only watches says nothing.
void VentureServer::check_timeouts(Player& player, Instant now) {
  if (player.ending) return;
  if (player.partial_since && now - *player.partial_since >= kVentureFrameTimeout + config_.horizon.rtt_max) {
    observer_.on_fault(player.id, PeerFault::out_of_step, now);
    return end(player, DisconnectReason::timeout, now);
  }
  if (player.stuck_since && now - *player.stuck_since >= windows_.idle_timeout)
    end(player, DisconnectReason::timeout, now);
}

void VentureServer::collect_inputs(std::vector<PlayerInput>& into) {
  for (Player* const player : by_entity_) {
    observer_.on_input_queue(player->id, player->inputs.size(), now_);
    player->inputs.begin_tick();
    while (const InputMessage* const input = player->inputs.next()) {
      into.push_back({player->client(), player->entity, input->input, ticks_.instant_of(tick())});
      player->inputs.pop();
    }
  }
  if (config_.avatars != Avatars::unseen) return;
  for (const auto& [id, player] : players_) {
    player->inputs.begin_tick();
    while (player->inputs.next() != nullptr) player->inputs.pop();
  }
}

// Once for everybody.
void VentureServer::encode_state() {
  std::shared_ptr<Payload> body = bodies_.acquire();
  body_breakdown_ = {};
  const auto time_ns = static_cast<std::uint64_t>(ns_since_start(ticks_.instant_of(tick())));
  writer_.write(state(), time_ns, next_sequence_, body->bytes, body_breakdown_);
  next_sequence_ += static_cast<std::uint32_t>(state().size());
  body_ = PayloadPool::seal(std::move(body));
}

// --- outgoing

void VentureServer::flush(PacketSink& sink) {
  observer_.on_phase(tick(), TickPhase::send);
  for (const auto& [id, player] : players_)
    if (!player->ending && body_ != nullptr) deliver(*player, sink);
  body_.reset();
  for (const auto& [id, player] : players_)
    if (player->ending) sink.close(id);
  std::erase_if(players_, [](const auto& entry) { return entry.second->ending.has_value(); });
  observer_.on_phase(tick(), TickPhase::idle);
}

// Nobody measures the round trip here, so how much may wait is a time and not one of those.
bool VentureServer::is_over_backlog(std::size_t backlog_bytes) const {
  const std::size_t ticks = std::max(kVentureBacklogTicksMin, config_.horizon.tick_rate_hz / 4);
  return backlog_bytes > ticks * body_->bytes.size();
}

void VentureServer::deliver(Player& player, PacketSink& sink) {
  if (body_->bytes.empty()) return;  // an empty world: there is nothing to say
  if (is_over_backlog(sink.backlog_bytes(player.id))) {
    if (!player.stuck_since) player.stuck_since = now_;
    return observer_.on_state_skipped(player.id, tick(), now_);
  }
  const SendStatus status = sink.send(player.id, {nullptr, body_});
  if (status == SendStatus::accepted) {
    player.stuck_since.reset();
    observer_.on_state_sent(player.id, tick(), now_);
    observer_.on_packet(player.id, body_breakdown_, now_);
    return observer_.on_send_queue(player.id, sink.backlog_bytes(player.id), now_);
  }
  observer_.on_send_refused(player.id, status, now_);
  if (status == SendStatus::closed) end(player, DisconnectReason::connection_lost, now_);
  if (status == SendStatus::queue_full && !player.stuck_since) player.stuck_since = now_;
}

}  // namespace netrig
