#include "netrig/loadgen/run/virtual_client.h"

#include <algorithm>
#include <string>
#include <utility>

#include "netrig/core/protocol/refusal.h"

namespace netrig::loadgen {
namespace {

enum Lane : std::uint16_t { kJoin, kLeave, kWake, kCut, kRetry };

TaskOrder order(const VirtualClientPlan& plan, Lane lane) {
  return {TaskClass::timer, plan.index, lane};
}

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

Address client_address(std::uint32_t index) {
  return {"client-" + std::to_string(index), 0};
}

VirtualClient::VirtualClient(const ClientEnvironment& environment, const VirtualClientPlan& plan,
                             std::unique_ptr<Behaviour> behaviour)
    : environment_(environment),
      plan_(plan),
      clock_(plan.clock_offset, plan.drift_ppb),
      behaviour_(std::move(behaviour)),
      entropy_(plan.random.fork("entropy", 0)),
      client_(config_of(plan, environment.entropy != nullptr ? *environment.entropy : entropy_,
                        environment.truth == nullptr),
              environment.schema, *this),
      join_timer_(*this, &VirtualClient::join, order(plan, kJoin)),
      leave_timer_(*this, &VirtualClient::leave, order(plan, kLeave)),
      wake_timer_(*this, &VirtualClient::wake, order(plan, kWake)),
      cut_timer_(*this, &VirtualClient::cut, order(plan, kCut)),
      retry_timer_(*this, &VirtualClient::retry, order(plan, kRetry)) {
  stay_ = plan_.stays.next();
  if (stay_) first_join_ = stay_->from;
  if (plan_.reconnect) backoff_.emplace(*plan_.reconnect, plan_.random.fork("backoff", 0));
  pass_input_time();
}

VirtualClient::~VirtualClient() {
  for (Timer* timer : {&join_timer_, &leave_timer_, &wake_timer_, &cut_timer_, &retry_timer_})
    environment_.scheduler.cancel(*timer);
}

void VirtualClient::start() {
  plan_next_stay();
  if (const std::optional<Instant> at = plan_.cuts.next()) environment_.scheduler.schedule(cut_timer_, *at);
}

// --- the plan

void VirtualClient::plan_next_stay() {
  if (!stay_) return;
  environment_.scheduler.schedule(join_timer_, stay_->from);
  if (stay_->until) environment_.scheduler.schedule(leave_timer_, *stay_->until);
}

void VirtualClient::join(Instant) {
  is_here_ = true;
  comes_back_ = true;
  connect();
}

void VirtualClient::leave(Instant) {
  is_here_ = false;
  lost_at_.reset();
  environment_.scheduler.cancel(retry_timer_);
  if (backoff_) backoff_->reset();
  client_.advance(local_now());
  if (connection_ && client_.state() == ClientState::idle) connection_.reset();  // still being made
  client_.disconnect(local_now());
  flush();
  stay_ = plan_.stays.next();
  plan_next_stay();
}

void VirtualClient::connect() {
  if (connection_) lose_connection();  // a goodbye that never found room
  awaits_first_state_ = true;
  auto connection =
      environment_.transport.connect(client_address(plan_.index), environment_.server_address, *this);
  if (connection) {
    connection_ = *std::move(connection);
  } else {
    environment_.recorder.error(plan_.index, metrics::ErrorCause::connection_failed);
    come_back();
  }
}

// --- losing the connection and coming back

void VirtualClient::cut(Instant) {
  if (const std::optional<Instant> at = plan_.cuts.next()) environment_.scheduler.schedule(cut_timer_, *at);
  if (!is_here_ || !connection_) return;
  is_cutting_ = true;
  const bool is_open = client_.state() != ClientState::idle;
  if (plan_.cut == CutKind::silent && is_open) {
    if (left_open_.size() == kLeftOpenMax) left_open_.erase(left_open_.begin());
    left_open_.push_back(std::move(connection_));
  }
  lose_connection();
  is_cutting_ = false;
  come_back();
}

void VirtualClient::lose_connection() {
  connection_.reset();
  client_.on_connection_lost(local_now());
  schedule_wake(run_now());
}

// Counts from the first loss: attempts that fail do not restart the clock.
void VirtualClient::come_back() {
  if (!is_here_ || !comes_back_ || !backoff_) return;
  if (has_joined_ && !lost_at_) lost_at_ = run_now();
  environment_.scheduler.schedule(retry_timer_, run_now() + backoff_->next());
}

void VirtualClient::retry(Instant) {
  if (lost_at_) environment_.recorder.reconnect_tried(plan_.index);
  connect();
}

// --- inputs

// Input times are on the client's own clock, from its join on.
void VirtualClient::pass_input_time() {
  ++input_times_passed_;
  const Duration since_join =
      plan_.phase + plan_.input_interval * static_cast<std::int64_t>(input_times_passed_);
  next_input_ = clock_.run(clock_.local(first_join_) + since_join);
}

// Those before `now` are past: there was no session to send them on. The first to come is found by
// arithmetic, because a client may have been away for hours.
void VirtualClient::skip_input_times(Instant now) {
  if (next_input_ > now) return;
  const Duration since = clock_.local(now) - clock_.local(first_join_) - plan_.phase;
  const auto passed = static_cast<std::uint64_t>(std::max(since, Duration{0}) / plan_.input_interval);
  if (passed > input_times_passed_ + 1) input_times_passed_ = passed - 1;
  while (next_input_ <= now) pass_input_time();
}

void VirtualClient::wake(Instant now) {
  client_.advance(local_now());
  if (watches_stream()) {
    skip_input_times(now);
  } else {
    for (; next_input_ <= now; pass_input_time()) act(now);
  }
  flush();
  schedule_wake(now);
}

void VirtualClient::act(Instant now) {
  const EntityId own = client_.welcome() ? client_.welcome()->entity : EntityId{};
  if (!plays()) return;
  behaviour_->on_input_time(input_times_passed_);
  const std::optional<Input> input = behaviour_->act(client_.view(), own);
  behaviour_->talk(client_.view(), own, *this);
  if (!input) return;
  const InputSequence sequence = client_.push_input(*input, local_now());
  if (environment_.inputs != nullptr)
    environment_.inputs->record(plan_.index, input_times_passed_, next_input_, *input);
  if (planned_at_.empty()) planned_at_.resize(derive_windows(plan_.horizon).inputs_in_flight_max);
  newest_input_ = sequence;
  planned_at_[sequence.value % planned_at_.size()] = next_input_;
  environment_.recorder.generator_lateness(plan_.index, now - next_input_, plan_.input_interval);
}

void VirtualClient::schedule_wake(Instant now) {
  const std::optional<Instant> deadline = client_.next_deadline();
  if (!deadline) return environment_.scheduler.cancel(wake_timer_);
  Instant next = clock_.run(*deadline);
  if (wakes_for_inputs()) {
    if (!plays()) skip_input_times(now);
    next = std::min(next, next_input_);
  }
  environment_.scheduler.schedule(wake_timer_, next);
}

// Then an input time that has passed is one that the generator is late for, and not to be skipped.
bool VirtualClient::plays() const {
  return client_.connected() && (plan_.plays_unseen || client_.welcome()->entity != EntityId{});
}

// A spectator on a stream wakes only when there is something to send, at the times at which players send.
bool VirtualClient::wakes_for_inputs() const {
  return !watches_stream() || client_.has_due(local_now());
}

bool VirtualClient::watches_stream() const {
  return client_.connected() && !plays() && connection_ &&
         connection_->delivery() == Delivery::reliable_ordered;
}

void VirtualClient::flush() {
  if (connection_) client_.flush(*this);
}

// --- the session

void VirtualClient::on_connected(const Welcome& welcome, Instant) {
  previous_rtt_.reset();
  std::set<std::uint64_t>& epochs = environment_.counts.epochs;
  if (epochs.size() < ClientCounts::kEpochsMax) epochs.insert(welcome.epoch);
  if (welcome.resumed) {
    environment_.recorder.resumed(plan_.index);
  } else {
    environment_.recorder.joined(plan_.index);
  }
}

void VirtualClient::on_session_lost(std::uint32_t unacked, Instant) {
  environment_.recorder.session_lost(plan_.index, unacked);
}

void VirtualClient::on_states_given_up(std::uint64_t count, Instant) {
  environment_.recorder.states_incomplete(plan_.index, count);
}

void VirtualClient::on_refused(const Refuse& refuse, Instant) {
  comes_back_ = may_pass(refuse.reason);
  environment_.recorder.error(plan_.index, metrics::ErrorCause::refused);
}

void VirtualClient::on_closed(DisconnectReason reason, Instant) {
  if (reason == DisconnectReason::timeout)
    environment_.recorder.error(plan_.index, metrics::ErrorCause::timeout);
  comes_back_ = may_return_after(reason);
  if (reason == DisconnectReason::connection_lost && !is_cutting_ && !failed_to_connect_) {
    environment_.recorder.error(plan_.index, metrics::ErrorCause::connection_lost);
  }
  if (client_.welcome()) environment_.recorder.left(plan_.index, reason);
  if (environment_.records_alone) environment_.recorder.session_over(plan_.index, run_now());
}

void VirtualClient::on_state(const Snapshot& state, const StateHeader& header, InputSequence acked_before,
                             Instant) {
  const Instant now = run_now();
  metrics::Recorder& recorder = environment_.recorder;
  if (awaits_first_state_) count_first_state();
  if (const std::optional<Duration> age = age_of(state.tick())) recorder.state_received(plan_.index, *age);
  for (std::uint32_t acked = acked_before.value + 1; acked <= header.input_ack.value; ++acked) {
    if (newest_input_.value - acked >= planned_at_.size()) continue;  // overwritten by a later one's
    recorder.input_acked(plan_.index, now - planned_at_[acked % planned_at_.size()]);
  }
  if (environment_.truth == nullptr) return;
  const auto sent = environment_.truth->sent_digest(plan_.index, state.tick());
  if (sent && *sent != client_.view_digest(state.tick())) recorder.desync(plan_.index);
}

// Of a server elsewhere by this client's estimate of its clock, which is off by half of what the two
// directions differ in.
std::optional<Duration> VirtualClient::age_of(Tick tick) const {
  const Instant now = run_now();
  if (environment_.truth != nullptr)
    return now - tick_instant(Instant{}, tick.value, environment_.tick_rate_hz);
  const std::optional<Duration> offset = client_.rtt().clock_offset();
  if (!offset) return std::nullopt;
  const Welcome& welcome = *client_.welcome();
  const Instant start = Instant{} - (tick_instant(Instant{}, welcome.tick.value, welcome.tick_rate_hz) -
                                     instant_from_ns(static_cast<std::int64_t>(welcome.server_time_ns)));
  return local_now() + *offset - tick_instant(start, tick.value, welcome.tick_rate_hz);
}

void VirtualClient::on_app_message(const AppMessage& message, Instant) {
  if (environment_.recorder.measuring())
    environment_.app_messages.received(metrics::Direction::downstream, message);
  behaviour_->hear(message);
}

void VirtualClient::on_latest_message(const LatestMessage& message, Instant now) {
  on_app_message({message.key, message.bytes}, now);
}

void VirtualClient::count_first_state() {
  const Instant now = run_now();
  awaits_first_state_ = false;
  if (!has_joined_) ++environment_.counts.joined;
  has_joined_ = true;
  if (environment_.records_alone) environment_.recorder.first_state_sent(plan_.index, now);
  if (backoff_) backoff_->reset();
  if (lost_at_) {
    environment_.recorder.reconnected(plan_.index, now - *lost_at_);
    lost_at_.reset();
  } else {
    environment_.recorder.first_state_received(plan_.index, now - stay_->from);
  }
}

void VirtualClient::on_packet(const PacketBreakdown& packet, Instant) {
  metrics::Recorder& recorder = environment_.recorder;
  recorder.sent(plan_.index, metrics::Direction::upstream, packet, run_now());
  recorder.send_queue(plan_.index, metrics::Direction::upstream, connection_->backlog_bytes());
}

// Of a server elsewhere, which tells nobody what it sent: counted where it arrives.
void VirtualClient::on_packet_received(const PacketBreakdown& packet, Instant) {
  environment_.recorder.sent(plan_.index, metrics::Direction::downstream, packet, run_now());
}

void VirtualClient::on_send_refused(SendStatus status, Instant) {
  environment_.recorder.send_refused(plan_.index, metrics::Direction::upstream, status);
}

void VirtualClient::on_rtt(Duration rtt, Instant now) {
  metrics::Recorder& recorder = environment_.recorder;
  recorder.rtt(plan_.index, rtt);
  if (previous_rtt_) recorder.rtt_change(plan_.index, rtt - *previous_rtt_);
  previous_rtt_ = rtt;
  if (environment_.truth == nullptr) return;
  const Duration true_offset = run_now() - now;  // the server's clock is the run's
  recorder.clock_offset_error(plan_.index, *client_.rtt().clock_offset() - true_offset);
}

void VirtualClient::on_fault(PeerFault fault, Instant) {
  environment_.recorder.error(plan_.index, metrics::error_cause(fault));
}

// --- the connection

void VirtualClient::on_open(transport::Connection& connection) {
  if (environment_.ports != nullptr) {
    if (const std::optional<Address> local = connection.local())
      environment_.ports->on_connected_from(plan_.index, *local);
  }
  if (client_.can_resume()) {
    client_.resume(local_now());
  } else {
    if (environment_.tokens != nullptr) {
      if (const auto token = environment_.tokens->take(plan_.index)) client_.use_token(*token);
    }
    client_.connect(local_now());
  }
  flush();
  schedule_wake(run_now());
}

void VirtualClient::on_receive(transport::Connection& connection, std::span<const Chunk> chunks) {
  if (&connection != connection_.get()) return;  // left open: nobody is there any more
  if (connection.delivery() == Delivery::datagram) return receive_datagram(chunks);
  const ClientState before = client_.state();
  for (const Chunk& chunk : chunks) client_.receive(chunk.bytes, local_now());
  const bool goes_on = client_.state() == before && !client_.has_proof_due();
  if (goes_on && !(watches_stream() && client_.has_due(local_now()))) return;
  if (!goes_on) flush();
  schedule_wake(run_now());
}

// One datagram, whose pieces usually are one. It may bring the next deadline forward: an ack is due, or the
// next word of the handshake.
void VirtualClient::receive_datagram(std::span<const Chunk> chunks) {
  const ClientState before = client_.state();
  Bytes datagram = chunks.empty() ? Bytes{} : chunks.front().bytes;
  if (chunks.size() > 1) {
    joined_.clear();
    for (const Chunk& chunk : chunks) joined_.insert(joined_.end(), chunk.bytes.begin(), chunk.bytes.end());
    datagram = joined_;
  }
  client_.receive(datagram, local_now());
  const std::optional<Instant> deadline = client_.next_deadline();
  if (client_.state() != before || (deadline && *deadline <= local_now())) flush();
  schedule_wake(run_now());
}

void VirtualClient::on_close(transport::Connection& connection, transport::CloseReason reason) {
  if (&connection != connection_.get()) {
    std::erase_if(left_open_, [&](const auto& open) { return open.get() == &connection; });
    return;
  }
  using Reason = transport::CloseReason;
  const bool failed =
      reason == Reason::refused || reason == Reason::unreachable || reason == Reason::layer_failed;
  // Over datagrams nothing is made before the server answers: until then the client is connecting.
  const bool never_was = client_.state() == ClientState::idle || client_.state() == ClientState::connecting;
  failed_to_connect_ = failed && never_was;
  if (failed_to_connect_) {
    std::string& problem = environment_.counts.connection_problem;
    if (problem.empty()) problem = connection.close_detail();
    environment_.recorder.error(plan_.index, metrics::ErrorCause::connection_failed);
  }
  lose_connection();
  failed_to_connect_ = false;
  come_back();
}

SendStatus VirtualClient::send(PeerId, const OutgoingMessage& message) {
  return connection_->send(message);
}
std::size_t VirtualClient::backlog_bytes(PeerId) const {
  return connection_->backlog_bytes();
}
void VirtualClient::close(PeerId) {
  connection_->close();
}

// --- the game's own messages

SendStatus VirtualClient::send(const AppMessage& message) {
  const SendStatus status = client_.send(message);
  if (status == SendStatus::accepted) note_said(false, message);
  return status;
}
SendStatus VirtualClient::send_latest(std::uint16_t kind, Bytes bytes) {
  const SendStatus status = client_.send_latest(kind, bytes);
  if (status == SendStatus::accepted) note_said(true, {kind, bytes});
  return status;
}

void VirtualClient::note_said(bool is_latest, const AppMessage& message) {
  if (environment_.inputs != nullptr)
    environment_.inputs->record(plan_.index, input_times_passed_, next_input_, is_latest, message);
  if (environment_.recorder.measuring())
    environment_.app_messages.sent(metrics::Direction::upstream, message);
}

}  // namespace netrig::loadgen
