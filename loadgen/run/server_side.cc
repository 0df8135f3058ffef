#include "netrig/loadgen/run/server_side.h"

#include <algorithm>
#include <map>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/scenario/plan.h"
#include "netrig/metrics/recorder/server_recorder.h"

namespace netrig::loadgen {
namespace {

// The clients of the simulated network have names of their own.
bool is_own_machine(const Address& from) {
  return from.host.starts_with("127.") || from.host == "::1" || from.host.starts_with("client-");
}

}  // namespace

AdmissionPolicy admission_of(const Scenario& scenario) {
  AdmissionPolicy policy;
  policy.schema_digest = scenario.game->schema().digest();
  policy.lifts_limits_for = is_own_machine;
  policy.allows_plaintext = !scenario.encryption;
  return policy;
}

class ServerSide::Taps final : public metrics::ServerRecorder, public SeatObserver {
 public:
  Taps(const ServerSetting& setting, std::uint32_t tick_rate_hz)
      : ServerRecorder(setting.recorder, setting.records_alone),
        recorder_(setting.recorder),
        trace_(setting.trace),
        clients_(setting.clients),
        sent_states_(setting.sent_states),
        tick_rate_hz_(tick_rate_hz) {}

  // Before the server's first call.
  void listen(ServerSpeaker& speaker) {
    server_ = &speaker.server();
    desk_ = speaker.desk();
  }
  void listen(ServerLog& log) { log_ = &log; }
  PeerId peer_of(std::uint32_t client) const {
    return client < peer_of_client_.size() ? peer_of_client_[client] : PeerId{};
  }

  void on_seated(const Address& from, PeerId peer) override {
    if (!recognise(from, peer)) unnamed_[peer] = from;
  }
  bool recognise(const Address& from, PeerId peer) {
    const std::optional<std::uint32_t> client = clients_.client_at(from);
    if (!client) return false;
    bind(peer, *client);
    if (peer_of_client_.size() <= *client) peer_of_client_.resize(*client + 1);
    peer_of_client_[*client] = peer;
    client_of_peer_[peer] = *client;
    return true;
  }
  void on_unseated(PeerId peer) override {
    unnamed_.erase(peer);
    unbind(peer);
    const auto client = client_of_peer_.find(peer);
    if (client == client_of_peer_.end()) return;
    clients_.on_gone(client->second);
    client_of_peer_.erase(client);
  }
  // A tick that was not over when the next was due has overrun, whether it began late or took long.
  void on_ticks_run(Tick newest, std::uint32_t ran, Instant finished) override {
    for (std::uint32_t back = 0; back < ran; ++back) {
      const Instant next_due = tick_instant(Instant{}, newest.value - back + 1, tick_rate_hz_);
      if (finished > next_due) recorder_.tick_overran();
    }
  }
  void on_advanced() override {
    if (desk_ != nullptr) desk_->answer();
  }

  void on_tick(Tick tick, std::uint32_t entities, std::uint64_t world_digest, Instant now) override {
    record({now, sim::EventKind::tick, 0, tick.value, world_digest});
    recorder_.advance(now);
    recorder_.tick_lateness(now - tick_instant(Instant{}, tick.value, tick_rate_hz_));
    ServerRecorder::on_tick(tick, entities, world_digest, now);
  }
  // Who is seated without a word may have come before its name: it is asked for again with each state.
  void on_state_sent(PeerId peer, Tick tick, Instant now) override {
    if (const auto unnamed = unnamed_.find(peer); unnamed != unnamed_.end())
      if (recognise(unnamed->second, peer)) unnamed_.erase(unnamed);
    if (sent_states_ != nullptr) {
      if (const auto digest = server_->view_digest(peer, tick)) sent_states_->on_state_sent(tick, *digest);
    }
    ServerRecorder::on_state_sent(peer, tick, now);
  }
  void on_joined(PeerId peer, ClientId client, EntityId entity, Instant now) override {
    tell(ServerEvent::joined);
    record({now, sim::EventKind::open, peer.value, client.value, 0});
    ServerRecorder::on_joined(peer, client, entity, now);
  }
  void on_resumed(PeerId peer, ClientId client, EntityId entity, Instant now) override {
    tell(ServerEvent::resumed);
    record({now, sim::EventKind::open, peer.value, client.value, 1});
    ServerRecorder::on_resumed(peer, client, entity, now);
  }
  void on_detached(PeerId peer, ClientId client, Instant now) override {
    tell(ServerEvent::detached);
    record({now, sim::EventKind::close, peer.value, client.value, 0});
    ServerRecorder::on_detached(peer, client, now);
  }
  void on_left(PeerId peer, ClientId client, DisconnectReason reason, Instant now) override {
    tell(ServerEvent::left);
    record({now, sim::EventKind::close, peer.value, client.value, static_cast<std::uint64_t>(reason)});
    ServerRecorder::on_left(peer, client, reason, now);
  }
  void on_refused(RefuseReason reason, Instant now) override {
    tell(ServerEvent::refused);
    ServerRecorder::on_refused(reason, now);
  }
  void on_ticks_skipped(std::uint32_t count, Instant now) override {
    tell(ServerEvent::tick_skipped, count);
    ServerRecorder::on_ticks_skipped(count, now);
  }
  void on_state_skipped(PeerId peer, Tick tick, Instant now) override {
    tell(ServerEvent::state_skipped);
    ServerRecorder::on_state_skipped(peer, tick, now);
  }
  void on_input_dropped(PeerId peer, InputFate fate, Instant now) override {
    if (fate != InputFate::no_avatar) tell(ServerEvent::input_dropped);
    ServerRecorder::on_input_dropped(peer, fate, now);
  }
  void on_fault(PeerId peer, PeerFault fault, Instant now) override {
    tell(ServerEvent::faulty);
    ServerRecorder::on_fault(peer, fault, now);
  }
  void on_app_message(ClientId from, const AppMessage& message, Instant) override {
    if (desk_ != nullptr) desk_->on_message(from, message);
  }
  void on_latest_message(ClientId from, const LatestMessage& message, Instant) override {
    if (desk_ != nullptr) desk_->on_message(from, {message.key, message.bytes});
  }
  void on_world_event(Tick, std::uint16_t kind, EntityId subject, EntityId object) override {
    if (desk_ != nullptr) desk_->on_event(kind, subject, object);
  }

 private:
  void record(const sim::TraceEvent& event) {
    if (trace_ != nullptr) trace_->record(event);
  }

  void tell(ServerEvent event, std::uint64_t times = 1) {
    if (log_ != nullptr) log_->count(event, times);
  }

  metrics::Recorder& recorder_;
  ServerLog* log_ = nullptr;
  sim::Trace* trace_;
  ClientNames& clients_;
  SentStates* sent_states_;
  std::uint32_t tick_rate_hz_;
  const GameServer* server_ = nullptr;
  RefereeDesk* desk_ = nullptr;         // none: nobody hears the game's own messages
  std::vector<PeerId> peer_of_client_;  // by client index
  std::map<PeerId, std::uint32_t> client_of_peer_;
  std::map<PeerId, Address> unnamed_;
};

ServerSide::ServerSide(const Scenario& scenario, const ServerSetting& setting)
    : world_(scenario.game->make_world(Random{setting.seed}.fork("world", 0))),
      taps_(std::make_unique<Taps>(setting, scenario.server.horizon.tick_rate_hz)),
      speaker_(make_speaker(setting.dialect, {scenario, *world_, setting.entropy, *taps_, setting.admission,
                                              setting.tokens, setting.app_messages, measuring_})),
      driver_(setting.scheduler, *speaker_, *taps_, scenario.pace) {
  NETRIG_ASSERT(world_->schema().digest() == scenario.game->schema().digest());
  taps_->listen(*speaker_);
}

ServerSide::~ServerSide() = default;

void ServerSide::tell(ServerLog& log) {
  taps_->listen(log);
}

std::uint64_t ServerSide::referee_dropped() const {
  const RefereeDesk* const desk = speaker_->desk();
  return desk == nullptr ? 0 : desk->dropped();
}

PeerId ServerSide::peer_of(std::uint32_t client) const {
  return taps_->peer_of(client);
}

}  // namespace netrig::loadgen
