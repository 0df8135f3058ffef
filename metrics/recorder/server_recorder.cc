#include "netrig/metrics/recorder/server_recorder.h"

#include <numeric>

namespace netrig::metrics {

void ServerRecorder::bind(PeerId peer, std::uint32_t client) {
  const auto known = newest_.find(client);
  if (known != newest_.end()) {
    if (Bound* const before = find(known->second)) before->left_behind = true;
  }
  newest_[client] = peer;
  bound_[peer] = {.client = client};
  if (entered_ && entered_->peer == peer) entered(peer, entered_->resumed);
}

void ServerRecorder::unbind(PeerId peer) {
  found_last_ = nullptr;
  bound_.erase(peer);
}

ServerRecorder::Bound* ServerRecorder::find(PeerId peer) {
  if (found_last_ != nullptr && found_last_->first == peer) return &found_last_->second;
  const auto found = bound_.find(peer);
  if (found == bound_.end()) return nullptr;
  found_last_ = &*found;
  return &found->second;
}

void ServerRecorder::on_phase(Tick, TickPhase phase) {
  const HostClock::time_point now = HostClock::now();
  if (phase_ != TickPhase::idle) phase_times_[static_cast<std::size_t>(phase_)] += now - phase_began_;
  if (phase_ == TickPhase::send && ticked_) {
    recorder_.tick_time(std::accumulate(phase_times_.begin(), phase_times_.end(), Duration{}), phase_times_);
    phase_times_ = {};
    ticked_ = false;
  }
  phase_ = phase;
  phase_began_ = now;
}

void ServerRecorder::on_tick(Tick, std::uint32_t entities, std::uint64_t, Instant) {
  ticked_ = true;
  recorder_.tick(entities);
}

void ServerRecorder::on_ticks_skipped(std::uint32_t count, Instant) {
  recorder_.ticks_skipped(count);
}

void ServerRecorder::on_joined(PeerId peer, ClientId, EntityId, Instant) {
  entered(peer, false);
}

void ServerRecorder::on_resumed(PeerId peer, ClientId, EntityId, Instant) {
  entered(peer, true);
}

void ServerRecorder::entered(PeerId peer, bool resumed) {
  if (!alone_) return;
  entered_ = {peer, resumed};
  Bound* const bound = find(peer);
  if (bound == nullptr) return;
  entered_.reset();
  bound->in_session = true;
  resumed ? recorder_.resumed(bound->client) : recorder_.joined(bound->client);
}

void ServerRecorder::on_refused(RefuseReason, Instant) {
  if (alone_) recorder_.error(0, ErrorCause::refused);
}

void ServerRecorder::on_rtt(PeerId peer, Duration rtt, Instant) {
  Bound* const bound = find(peer);
  if (bound == nullptr || !alone_) return;
  recorder_.rtt(bound->client, rtt);
  if (bound->rtt) recorder_.rtt_change(bound->client, rtt - *bound->rtt);
  bound->rtt = rtt;
}

// Nothing is sent to it until it resumes, as another peer.
void ServerRecorder::on_detached(PeerId peer, ClientId, Instant now) {
  Bound* const bound = find(peer);
  if (bound == nullptr) return;
  left(*bound, DisconnectReason::connection_lost);
  if (!bound->left_behind) recorder_.session_over(bound->client, now);
}

void ServerRecorder::on_left(PeerId peer, ClientId, DisconnectReason reason, Instant now) {
  Bound* const bound = find(peer);
  if (bound == nullptr) return;
  left(*bound, reason);
  if (!bound->left_behind) recorder_.session_over(bound->client, now);
}

void ServerRecorder::left(Bound& bound, DisconnectReason reason) {
  if (!bound.in_session) return;
  bound.in_session = false;
  recorder_.left(bound.client, reason);
}

void ServerRecorder::on_packet(PeerId peer, const PacketBreakdown& packet, Instant now) {
  const Bound* const bound = find(peer);
  if (bound == nullptr) return;
  const auto session = bound->left_behind ? Recorder::Session::left_behind : Recorder::Session::current;
  recorder_.sent(bound->client, Direction::downstream, packet, now, session);
}

void ServerRecorder::on_send_queue(PeerId peer, std::size_t bytes, Instant) {
  if (const Bound* const bound = find(peer))
    recorder_.send_queue(bound->client, Direction::downstream, bytes);
}

void ServerRecorder::on_input_queue(PeerId peer, std::size_t inputs, Instant) {
  if (const Bound* const bound = find(peer)) recorder_.input_queue(bound->client, inputs);
}

void ServerRecorder::on_state_sent(PeerId peer, Tick, Instant now) {
  Bound* const bound = find(peer);
  if (bound == nullptr || bound->has_state) return;
  bound->has_state = true;
  if (!bound->left_behind) recorder_.first_state_sent(bound->client, now);
}

void ServerRecorder::on_send_refused(PeerId peer, SendStatus status, Instant) {
  if (const Bound* const bound = find(peer))
    recorder_.send_refused(bound->client, Direction::downstream, status);
}

void ServerRecorder::on_state_skipped(PeerId peer, Tick, Instant) {
  if (const Bound* const bound = find(peer)) recorder_.state_skipped(bound->client);
}

void ServerRecorder::on_input_dropped(PeerId peer, InputFate, Instant) {
  if (const Bound* const bound = find(peer)) recorder_.input_dropped(bound->client);
}

void ServerRecorder::on_fault(PeerId peer, PeerFault fault, Instant) {
  if (const Bound* const bound = find(peer)) recorder_.error(bound->client, error_cause(fault));
}

}  // namespace netrig::metrics
