#include "netrig/tests/unit/core/session/session_testing.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <utility>

#include "netrig/core/protocol/codec.h"

namespace netrig::testing {
namespace {

std::string packet_said(Bytes packet, Sender from) {
  const auto view = decode_packet(packet, from);
  if (!view) return "?";
  std::string words = view->reliable_ack ? "ack" : "";
  std::string_view last;
  int repeated = 0;
  const auto finish_word = [&] {
    if (repeated > 1) words += "*" + std::to_string(repeated);
  };
  for (Bytes rest = view->messages; !rest.empty();) {
    const std::string_view name = kMessages[message_row(take_message(rest).type)].name;
    if (name == last) {
      ++repeated;
      continue;
    }
    finish_word();
    words += (words.empty() ? "" : " ") + std::string{name};
    last = name;
    repeated = 1;
  }
  finish_word();
  return words;
}

std::string number(auto id) {
  return std::to_string(id.value);
}

}  // namespace

std::string said(Bytes frames, Sender from) {
  std::string words;
  FrameReader reader;
  const bool in_step = reader.read(frames, [&](Bytes packet) {
    words += (words.empty() ? "" : " | ") + packet_said(packet, from);
    return true;
  });
  return in_step && reader.partial_bytes() == 0 ? words : words + " | ...";
}

Buffer bytes_of_write(const OutgoingMessage& message) {
  Buffer bytes;
  for (const PayloadRef& part : {message.head, message.body}) {
    if (part) bytes.insert(bytes.end(), part->bytes.begin(), part->bytes.end());
  }
  return bytes;
}

Buffer framed(Bytes packet) {
  Buffer bytes;
  ByteWriter writer{bytes};
  writer.u32(static_cast<std::uint32_t>(packet.size()));
  writer.bytes(packet);
  return bytes;
}

Input turn(std::int16_t by) {
  return DuelInput{.turn = by}.encode();
}

// --- sinks and observers

SendStatus CollectingSink::send(PeerId peer, const OutgoingMessage& message) {
  const auto answer = answers.find(peer);
  if (answer != answers.end() && answer->second != SendStatus::accepted) return answer->second;
  writes.push_back({peer, message});
  return SendStatus::accepted;
}

std::size_t CollectingSink::backlog_bytes(PeerId peer) const {
  const auto backlog = backlogs.find(peer);
  return backlog == backlogs.end() ? 0 : backlog->second;
}

void ServerLog::on_tick(Tick tick, std::uint32_t, std::uint64_t, Instant) {
  ticks.push_back(tick);
}
void ServerLog::on_ticks_skipped(std::uint32_t count, Instant) {
  ticks_skipped += count;
}
void ServerLog::on_joined(PeerId, ClientId client, EntityId, Instant) {
  life.push_back(number(client) + " joined");
}
void ServerLog::on_left(PeerId, ClientId client, DisconnectReason reason, Instant) {
  life.push_back(number(client) + " left: " + std::string{text(reason)});
}
void ServerLog::on_detached(PeerId, ClientId client, Instant) {
  life.push_back(number(client) + " detached");
}
void ServerLog::on_resumed(PeerId, ClientId client, EntityId, Instant) {
  life.push_back(number(client) + " resumed");
}
void ServerLog::on_refused(RefuseReason reason, Instant) {
  life.push_back("refused: " + std::string{text(reason)});
}
void ServerLog::on_packet(PeerId peer, const PacketBreakdown& packet, Instant) {
  sent[peer] += packet;
  ++writes[peer];
}
void ServerLog::on_state_sent(PeerId peer, Tick, Instant) {
  ++states_sent[peer];
}
void ServerLog::on_send_refused(PeerId peer, SendStatus, Instant) {
  ++sends_refused[peer];
}
void ServerLog::on_state_skipped(PeerId peer, Tick, Instant) {
  ++states_skipped[peer];
}
void ServerLog::on_input_dropped(PeerId, InputFate fate, Instant) {
  ++dropped[static_cast<std::size_t>(fate)];
}
void ServerLog::on_fault(PeerId peer, PeerFault fault, Instant) {
  faults.push_back(number(peer) + " " + std::string{text(fault)});
}
void ServerLog::on_app_message(ClientId from, const AppMessage& message, Instant) {
  heard.push_back(number(from) + ": " + std::string{text_of(message.bytes)});
}
void ServerLog::on_latest_message(ClientId from, const LatestMessage& message, Instant) {
  heard.push_back(number(from) + " #" + std::to_string(message.key) + ": " +
                  std::string{text_of(message.bytes)});
}
void ServerLog::on_world_event(Tick, std::uint16_t, EntityId, EntityId) {
  ++strikes;
}

void ClientLog::on_connected(const Welcome& welcome, Instant) {
  life.push_back(welcome.resumed ? "resumed" : "connected");
}
void ClientLog::on_session_lost(std::uint32_t unacked, Instant) {
  life.push_back("session lost, unacked: " + std::to_string(unacked));
}
void ClientLog::on_refused(const Refuse& refuse, Instant) {
  life.push_back("refused: " + std::string{text(refuse.reason)});
}
void ClientLog::on_closed(DisconnectReason reason, Instant) {
  life.push_back("closed: " + std::string{text(reason)});
}
void ClientLog::on_state(const Snapshot& state, const StateHeader& header, InputSequence, Instant) {
  states.push_back({state.tick(), header.input_ack, state.digest()});
}
void ClientLog::on_entity_removed(const EntityRemoved& entity, Instant) {
  removed.push_back(entity);
}
void ClientLog::on_app_message(const AppMessage& message, Instant) {
  heard.emplace_back(text_of(message.bytes));
}
void ClientLog::on_latest_message(const LatestMessage& message, Instant) {
  heard.push_back("#" + std::to_string(message.key) + ": " + std::string{text_of(message.bytes)});
}
void ClientLog::on_packet(const PacketBreakdown& packet, Instant) {
  sent += packet;
}
void ClientLog::on_send_refused(SendStatus, Instant) {
  ++sends_refused;
}
void ClientLog::on_input_overflow(InputSequence, Instant) {
  ++inputs_overflowed;
}
void ClientLog::on_fault(PeerFault fault, Instant) {
  faults.emplace_back(text(fault));
}

// --- the lab

ServerConfig lab_config() {
  ServerConfig config;
  config.horizon.tick_rate_hz = kLabTickRateHz;
  config.resume_grace = 0s;
  return config;
}

Lab::Lab(const ServerConfig& config, AdmissionPolicy policy, std::uint64_t seed)
    : entropy(Random{seed}),
      server(config, world, entropy, log, now),
      acceptor(server, with_schema(policy, world), derive_windows(config.horizon), log) {}

AdmissionPolicy Lab::with_schema(AdmissionPolicy policy, const World& world) {
  policy.schema_digest = world.schema().digest();
  return policy;
}

Seat& Lab::add_seat(const ClientConfig& config) {
  Address from{"client-" + std::to_string(seats.size()), 1};
  seats.push_back(std::make_unique<Seat>(config, world.schema(), std::move(from)));
  return *seats.back();
}

Seat& Lab::join() {
  Seat& seat = add_seat();
  connect(seat);
  tick();
  BOOST_REQUIRE(seat.client.connected());
  return seat;
}

void Lab::connect(Seat& seat) {
  seat.pending = acceptor.open(seat.address, now);
  if (seat.client.can_resume()) {
    seat.client.resume(now);
  } else {
    seat.client.connect(now);
  }
  if (!seat.pending) return seat.client.on_connection_lost(now);
  up(seat);
}

void Lab::up(Seat& seat) {
  seat.client.flush(seat.out);
  const auto writes = std::exchange(seat.out.writes, {});
  for (const CollectingSink::Write& write : writes) hear(seat, bytes_of_write(write.message));
  if (!std::exchange(seat.out.closed, {}).empty()) lose(seat);
}

void Lab::hear(Seat& seat, Bytes bytes) {
  if (seat.open) return server.receive(seat.peer, bytes, now);
  if (!seat.pending) return;
  const Acceptor::Outcome outcome = acceptor.receive(*seat.pending, bytes, now);
  if (outcome.kind == Acceptor::Outcome::Kind::waiting) return;
  seat.pending.reset();
  if (outcome.kind == Acceptor::Outcome::Kind::refused) {
    seat.client.receive(bytes_of_write(outcome.reply), now);
    return seat.client.on_connection_lost(now);
  }
  seat.peer = outcome.peer;
  seat.open = true;
}

void Lab::down() {
  server.flush(out);
  const auto writes = std::exchange(out.writes, {});
  const auto closed = std::exchange(out.closed, {});
  for (const auto& seat : seats) {
    for (const CollectingSink::Write& write : writes) {
      if (seat->open && write.peer == seat->peer) seat->client.receive(bytes_of_write(write.message), now);
    }
    if (seat->open && std::find(closed.begin(), closed.end(), seat->peer) != closed.end()) lose(*seat);
  }
}

void Lab::lose(Seat& seat) {
  if (seat.pending) acceptor.close(*seat.pending);
  if (seat.open) server.remove_peer(seat.peer, DisconnectReason::connection_lost, now);
  seat.pending.reset();
  seat.open = false;
  seat.client.on_connection_lost(now);
}

void Lab::tick() {
  now = *server.next_deadline();
  for (const auto& seat : seats) {
    seat->client.advance(now);
    up(*seat);
  }
  server.advance(now);
  down();
}

void Lab::run(Duration time) {
  const Instant end = now + time;
  while (*server.next_deadline() <= end) tick();
  now = end;
}

std::int32_t Lab::heading(EntityId entity) const {
  const Snapshot& state = server.state();
  const std::size_t row = state.find(entity);
  BOOST_REQUIRE(row < state.size());
  return state.row(row)[duel_column::heading];
}

}  // namespace netrig::testing
