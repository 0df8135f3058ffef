#include "netrig/loadgen/run/virtual_client.h"

#include <algorithm>
#include <string>
#include <utility>

#include "netrig/loadgen/run/netrig_session.h"
#include "netrig/loadgen/run/stranger.h"
#include "netrig/loadgen/run/venture_session.h"

namespace netrig::loadgen {
namespace {

enum Lane : std::uint16_t { kJoin, kLeave, kWake, kCut, kRetry };

TaskOrder order(const VirtualClientPlan& plan, Lane lane) {
  return {TaskClass::timer, plan.index, lane};
}

std::unique_ptr<ClientSession> make_session(const ClientEnvironment& environment,
                                            const VirtualClientPlan& plan, SessionOwner& owner) {
  if (environment.dialect == Dialect::venture)
    return std::make_unique<VentureSession>(environment, plan, owner);
  return std::make_unique<NetrigSession>(environment, plan, owner);
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
      session_(make_session(environment, plan, *this)),
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
  given_up_ = false;
  connect();
}

void VirtualClient::leave(Instant) {
  is_here_ = false;
  lost_at_.reset();
  environment_.scheduler.cancel(retry_timer_);
  if (backoff_) backoff_->reset();
  session_->advance(local_now());
  if (connection_ && session_->is_idle()) connection_.reset();  // still being made
  session_->leave(local_now());
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
  const bool is_open = !session_->is_idle();
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
  session_->on_connection_lost(local_now());
  schedule_wake(run_now());
}

// Counts from the first loss: attempts that fail do not restart the clock.
void VirtualClient::come_back() {
  given_up_ = !comes_back_ || !backoff_;
  if (!is_here_ || given_up_) return;
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
  session_->advance(local_now());
  if (watches_stream()) {
    skip_input_times(now);
  } else {
    for (; next_input_ <= now; pass_input_time()) act(now);
  }
  flush();
  schedule_wake(now);
}

void VirtualClient::act(Instant now) {
  session_->on_input_time();
  if (!session_->sends_inputs()) return;
  const EntityId own = session_->own();
  behaviour_->on_input_time(input_times_passed_);
  const std::optional<Input> input = behaviour_->act(session_->view(), own);
  behaviour_->talk(session_->view(), own, *this);
  if (!input) return;
  session_->push_input(*input, next_input_, local_now());
  if (environment_.inputs != nullptr)
    environment_.inputs->record(plan_.index, input_times_passed_, next_input_, *input);
  environment_.recorder.generator_lateness(plan_.index, now - next_input_, plan_.input_interval);
}

void VirtualClient::schedule_wake(Instant now) {
  const std::optional<Instant> deadline = session_->next_deadline();
  if (!deadline) return environment_.scheduler.cancel(wake_timer_);
  Instant next = clock_.run(*deadline);
  if (wakes_for_inputs()) {
    // Otherwise an input time that has passed is one that the generator is late for, and not to be skipped.
    if (!session_->sends_inputs()) skip_input_times(now);
    next = std::min(next, next_input_);
  }
  environment_.scheduler.schedule(wake_timer_, next);
}

// A spectator on a stream wakes only when there is something to send, at the times at which players send.
bool VirtualClient::wakes_for_inputs() const {
  return !watches_stream() || session_->has_due(local_now());
}

bool VirtualClient::watches_stream() const {
  return session_->watches() && connection_ && connection_->delivery() == Delivery::reliable_ordered;
}

void VirtualClient::flush() {
  if (connection_) session_->flush(*this);
}

// --- the session

void VirtualClient::on_state_seen() {
  if (awaits_first_state_) count_first_state();
}

void VirtualClient::hear(const AppMessage& message) {
  if (environment_.recorder.measuring())
    environment_.app_messages.received(metrics::Direction::downstream, message);
  behaviour_->hear(message);
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

// --- the connection

void VirtualClient::on_open(transport::Connection& connection) {
  if (environment_.ports != nullptr) {
    if (const std::optional<Address> local = connection.local())
      environment_.ports->on_connected_from(plan_.index, *local);
  }
  first_.clear();
  session_->open(local_now());
  flush();
  schedule_wake(run_now());
}

void VirtualClient::on_receive(transport::Connection& connection, std::span<const Chunk> chunks) {
  if (&connection != connection_.get()) return;  // left open: nobody is there any more
  if (connection.delivery() == Delivery::datagram) return receive_datagram(chunks);
  const ClientState before = session_->state();
  if (before == ClientState::connecting) keep_first(chunks);
  for (const Chunk& chunk : chunks) session_->receive(chunk.bytes, local_now());
  if (before == ClientState::connecting && session_->is_idle())
    note_problem(describe_stranger(first_, environment_.dialect));
  if (session_->connected() && !first_.empty()) std::vector<std::uint8_t>{}.swap(first_);
  const bool goes_on = session_->state() == before && !session_->answers();
  if (goes_on && !(watches_stream() && session_->has_due(local_now()))) return;
  if (!goes_on) flush();
  schedule_wake(run_now());
}

void VirtualClient::keep_first(std::span<const Chunk> chunks) {
  for (const Chunk& chunk : chunks) {
    const Bytes kept = chunk.bytes.first(std::min(chunk.bytes.size(), kFirstBytesMax - first_.size()));
    first_.insert(first_.end(), kept.begin(), kept.end());
  }
}

void VirtualClient::note_problem(std::string problem) {
  std::string& first = environment_.counts.connection_problem;
  if (first.empty()) first = std::move(problem);
}

// One datagram, whose pieces usually are one. It may bring the next deadline forward: an ack is due, or the
// next word of the handshake.
void VirtualClient::receive_datagram(std::span<const Chunk> chunks) {
  const ClientState before = session_->state();
  Bytes datagram = chunks.empty() ? Bytes{} : chunks.front().bytes;
  if (chunks.size() > 1) {
    joined_.clear();
    for (const Chunk& chunk : chunks) joined_.insert(joined_.end(), chunk.bytes.begin(), chunk.bytes.end());
    datagram = joined_;
  }
  session_->receive(datagram, local_now());
  const std::optional<Instant> deadline = session_->next_deadline();
  if (session_->state() != before || (deadline && *deadline <= local_now())) flush();
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
  const bool never_was = session_->is_idle() || session_->state() == ClientState::connecting;
  failed_to_connect_ = failed && never_was;
  if (failed_to_connect_) {
    note_problem(std::string{connection.close_detail()});
    environment_.recorder.error(plan_.index, metrics::ErrorCause::connection_failed);
  }
  if (reason == Reason::remote && session_->state() == ClientState::connecting && first_.empty())
    note_problem(describe_silence(environment_.dialect));
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
  const SendStatus status = session_->send(message);
  if (status == SendStatus::accepted) note_said(false, message);
  return status;
}
SendStatus VirtualClient::send_latest(std::uint16_t kind, Bytes bytes) {
  const SendStatus status = session_->send_latest(kind, bytes);
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
