#include "netrig/metrics/recorder/server_recorder.h"

#include <numeric>

namespace netrig::metrics {

void ServerRecorder::bind(PeerId peer, std::uint32_t client) {
  if (bound_.size() <= peer.value) bound_.resize(peer.value + 1);
  bound_[peer.value] = {client, false};
}

std::uint32_t ServerRecorder::client_of(PeerId peer) const {
  return peer.value < bound_.size() ? bound_[peer.value].client : kNobody;
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

void ServerRecorder::on_left(PeerId peer, ClientId, DisconnectReason, Instant now) {
  const std::uint32_t client = client_of(peer);
  if (client != kNobody) recorder_.session_over(client, now);
}

void ServerRecorder::on_packet(PeerId peer, const PacketBreakdown& packet, Instant now) {
  const std::uint32_t client = client_of(peer);
  if (client != kNobody) recorder_.sent(client, Direction::downstream, packet, now);
}

void ServerRecorder::on_state_sent(PeerId peer, Tick, Instant now) {
  const std::uint32_t client = client_of(peer);
  if (client == kNobody || bound_[peer.value].has_state) return;
  bound_[peer.value].has_state = true;
  recorder_.first_state_sent(client, now);
}

void ServerRecorder::on_send_refused(PeerId peer, SendStatus, Instant) {
  const std::uint32_t client = client_of(peer);
  if (client != kNobody) recorder_.send_refused(client, Direction::downstream);
}

void ServerRecorder::on_state_skipped(PeerId peer, Tick, Instant) {
  const std::uint32_t client = client_of(peer);
  if (client != kNobody) recorder_.state_skipped(client);
}

void ServerRecorder::on_input_dropped(PeerId peer, InputFate, Instant) {
  const std::uint32_t client = client_of(peer);
  if (client != kNobody) recorder_.input_dropped(client);
}

void ServerRecorder::on_fault(PeerId peer, PeerFault fault, Instant) {
  const std::uint32_t client = client_of(peer);
  if (client != kNobody) recorder_.error(client, error_cause(fault));
}

}  // namespace netrig::metrics
