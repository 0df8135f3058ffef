#include "netrig/loadgen/run/netrig_session.h"

#include "netrig/core/protocol/refusal.h"

namespace netrig::loadgen {
namespace {

// Whether trying again may be answered otherwise.
bool may_return_after(DisconnectReason reason) {
  return reason == DisconnectReason::timeout || reason == DisconnectReason::stopping ||
         reason == DisconnectReason::connection_lost;
}

ClientConfig config_of(const VirtualClientPlan& plan, Entropy& entropy, bool reports_received) {
  ClientConfig config;
  config.reports_received = reports_received;
  config.horizon = plan.horizon;
  if (plan.delivery == Delivery::datagram) config.datagrams = {&entropy, plan.encrypted};
  return config;
}

}  // namespace

NetrigSession::NetrigSession(const ClientEnvironment& environment, const VirtualClientPlan& plan,
                             SessionOwner& owner)
    : environment_(environment),
      index_(plan.index),
      horizon_(plan.horizon),
      plays_unseen_(plan.plays_unseen),
      owner_(owner),
      entropy_(plan.random.fork("entropy", 0)),
      client_(config_of(plan, environment.entropy != nullptr ? *environment.entropy : entropy_,
                        environment.truth == nullptr),
              environment.schema, *this) {}

void NetrigSession::open(Instant local) {
  if (client_.can_resume()) return client_.resume(local);
  if (environment_.tokens != nullptr) {
    if (const auto token = environment_.tokens->take(index_)) client_.use_token(*token);
  }
  client_.connect(local);
}

EntityId NetrigSession::own() const {
  return client_.welcome() ? client_.welcome()->entity : EntityId{};
}

void NetrigSession::push_input(const Input& input, Instant planned, Instant local) {
  const InputSequence sequence = client_.push_input(input, local);
  if (planned_at_.empty()) planned_at_.resize(derive_windows(horizon_).inputs_in_flight_max);
  newest_input_ = sequence;
  planned_at_[sequence.value % planned_at_.size()] = planned;
}

void NetrigSession::on_connected(const Welcome& welcome, Instant) {
  previous_rtt_.reset();
  std::set<std::uint64_t>& epochs = environment_.counts.epochs;
  if (epochs.size() < ClientCounts::kEpochsMax) epochs.insert(welcome.epoch);
  if (welcome.resumed) {
    environment_.recorder.resumed(index_);
  } else {
    environment_.recorder.joined(index_);
  }
}

void NetrigSession::on_session_lost(std::uint32_t unacked, Instant) {
  environment_.recorder.session_lost(index_, unacked);
}

void NetrigSession::on_states_given_up(std::uint64_t count, Instant) {
  environment_.recorder.states_incomplete(index_, count);
}

void NetrigSession::on_refused(const Refuse& refuse, Instant) {
  owner_.may_come_back(may_pass(refuse.reason));
  environment_.recorder.error(index_, metrics::ErrorCause::refused);
}

void NetrigSession::on_closed(DisconnectReason reason, Instant) {
  metrics::Recorder& recorder = environment_.recorder;
  if (reason == DisconnectReason::timeout) recorder.error(index_, metrics::ErrorCause::timeout);
  owner_.may_come_back(may_return_after(reason));
  if (reason == DisconnectReason::connection_lost && !owner_.is_accounted_for())
    recorder.error(index_, metrics::ErrorCause::connection_lost);
  if (client_.welcome()) recorder.left(index_, reason);
  if (environment_.records_alone) recorder.session_over(index_, owner_.run_now());
}

void NetrigSession::on_state(const Snapshot& state, const StateHeader& header, InputSequence acked_before,
                             Instant) {
  const Instant now = owner_.run_now();
  metrics::Recorder& recorder = environment_.recorder;
  owner_.on_state_seen();
  if (const std::optional<Duration> age = age_of(state.tick())) recorder.state_received(index_, *age);
  for (std::uint32_t acked = acked_before.value + 1; acked <= header.input_ack.value; ++acked) {
    if (newest_input_.value - acked >= planned_at_.size()) continue;  // overwritten by a later one's
    recorder.input_acked(index_, now - planned_at_[acked % planned_at_.size()]);
  }
  if (environment_.truth == nullptr) return;
  const auto sent = environment_.truth->sent_digest(index_, state.tick());
  if (sent && *sent != client_.view_digest(state.tick())) recorder.desync(index_);
}

// Of a server elsewhere by this client's estimate of its clock, which is off by half of what the two
// directions differ in.
std::optional<Duration> NetrigSession::age_of(Tick tick) const {
  if (environment_.truth != nullptr)
    return owner_.run_now() - tick_instant(Instant{}, tick.value, environment_.tick_rate_hz);
  const std::optional<Duration> offset = client_.rtt().clock_offset();
  if (!offset) return std::nullopt;
  const Welcome& welcome = *client_.welcome();
  const Instant start = Instant{} - (tick_instant(Instant{}, welcome.tick.value, welcome.tick_rate_hz) -
                                     instant_from_ns(static_cast<std::int64_t>(welcome.server_time_ns)));
  return owner_.local_now() + *offset - tick_instant(start, tick.value, welcome.tick_rate_hz);
}

void NetrigSession::on_app_message(const AppMessage& message, Instant) {
  owner_.hear(message);
}

void NetrigSession::on_latest_message(const LatestMessage& message, Instant) {
  owner_.hear({message.key, message.bytes});
}

void NetrigSession::on_packet(const PacketBreakdown& packet, Instant) {
  environment_.recorder.sent(index_, metrics::Direction::upstream, packet, owner_.run_now());
  environment_.recorder.send_queue(index_, metrics::Direction::upstream, owner_.queued_bytes());
}

// Of a server elsewhere, which tells nobody what it sent: counted where it arrives.
void NetrigSession::on_packet_received(const PacketBreakdown& packet, Instant) {
  environment_.recorder.sent(index_, metrics::Direction::downstream, packet, owner_.run_now());
}

void NetrigSession::on_send_refused(SendStatus status, Instant) {
  environment_.recorder.send_refused(index_, metrics::Direction::upstream, status);
}

void NetrigSession::on_rtt(Duration rtt, Instant now) {
  metrics::Recorder& recorder = environment_.recorder;
  recorder.rtt(index_, rtt);
  if (previous_rtt_) recorder.rtt_change(index_, rtt - *previous_rtt_);
  previous_rtt_ = rtt;
  if (environment_.truth == nullptr) return;
  const Duration true_offset = owner_.run_now() - now;  // the server's clock is the run's
  recorder.clock_offset_error(index_, *client_.rtt().clock_offset() - true_offset);
}

void NetrigSession::on_fault(PeerFault fault, Instant) {
  environment_.recorder.error(index_, metrics::error_cause(fault));
}

}  // namespace netrig::loadgen
