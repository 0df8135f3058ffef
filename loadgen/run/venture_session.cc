#include "netrig/loadgen/run/venture_session.h"

namespace netrig::loadgen {

VentureSession::VentureSession(const ClientEnvironment& environment, const VirtualClientPlan& plan,
                               SessionOwner& owner)
    : environment_(environment),
      index_(plan.index),
      owner_(owner),
      inputs_(environment.game.make_v1_inputs()),
      client_({.horizon = plan.horizon}, *this),
      watch_(environment.recorder, plan.index, stall_after(environment.tick_rate_hz)),
      nothing_(environment.schema.columns()) {}

void VentureSession::open(Instant local) {
  watch_.restart();
  timestamp_.reset();
  client_.connect(local);
}

void VentureSession::on_input_time() {
  if (in_session_) watch_.look(owner_.run_now());
}

void VentureSession::push_input(const Input& input, Instant, Instant local) {
  const V1Command command = inputs_->command_of(input);
  client_.push_command(command.type, command.data.bytes(), local);
}

void VentureSession::on_connected(Instant) {
  in_session_ = true;
  environment_.recorder.joined(index_);
}

// A timestamp has no known unit and no known zero, except our own server's: nanoseconds of the run.
void VentureSession::on_update(const venture::StateUpdateView& update, Instant) {
  const Instant now = owner_.run_now();
  owner_.on_state_seen();
  watch_.on_update(update.header.entity, update.header.sequence, now);
  const bool is_news = timestamp_ != update.header.timestamp;
  timestamp_ = update.header.timestamp;
  if (environment_.truth == nullptr || !is_news) return;
  environment_.recorder.state_received(
      index_, now - instant_from_ns(static_cast<std::int64_t>(update.header.timestamp)));
}

// The protocol has no goodbye: whoever is left without its connection was left early.
void VentureSession::on_closed(DisconnectReason reason, Instant) {
  metrics::Recorder& recorder = environment_.recorder;
  const bool is_lost = reason == DisconnectReason::connection_lost && !owner_.is_accounted_for();
  if (reason == DisconnectReason::timeout) recorder.error(index_, metrics::ErrorCause::timeout);
  if (is_lost) recorder.error(index_, metrics::ErrorCause::connection_lost);
  if (is_lost) recorder.closed_early(index_);
  owner_.may_come_back(reason == DisconnectReason::timeout || reason == DisconnectReason::connection_lost);
  if (in_session_) recorder.left(index_, reason);
  if (in_session_ && environment_.records_alone) recorder.session_over(index_, owner_.run_now());
  in_session_ = false;
}

void VentureSession::on_packet(const PacketBreakdown& packet, Instant) {
  environment_.recorder.sent(index_, metrics::Direction::upstream, packet, owner_.run_now());
  environment_.recorder.send_queue(index_, metrics::Direction::upstream, owner_.queued_bytes());
}

void VentureSession::on_packet_received(const PacketBreakdown& packet, Instant) {
  if (environment_.truth != nullptr) return;  // counted by our server, where it was sent
  environment_.recorder.sent(index_, metrics::Direction::downstream, packet, owner_.run_now());
}

void VentureSession::on_send_refused(SendStatus status, Instant) {
  environment_.recorder.send_refused(index_, metrics::Direction::upstream, status);
}

void VentureSession::on_fault(PeerFault fault, Instant) {
  environment_.recorder.error(index_, metrics::error_cause(fault));
}

}  // namespace netrig::loadgen
