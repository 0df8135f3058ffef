#include "netrig/metrics/recorder/recorder.h"

#include "netrig/core/base/assert.h"

namespace netrig::metrics {
namespace {

constexpr std::array<std::string_view, kErrorCauses> kErrorCauseNames{
    "undecodable", "out_of_step",       "false_ack", "unexpected",      "too_many_bad_packets", "forged",
    "refused",     "connection_failed", "timeout",   "connection_lost", "message_too_large"};

constexpr std::array<DisconnectReason, 6> kLeaveCauses{
    DisconnectReason::left,           DisconnectReason::kicked,   DisconnectReason::timeout,
    DisconnectReason::protocol_error, DisconnectReason::stopping, DisconnectReason::connection_lost};

constexpr std::size_t index(Direction direction) {
  return static_cast<std::size_t>(direction);
}

std::uint64_t as_nanoseconds(Duration duration) {
  return duration.count() < 0 ? 0 : static_cast<std::uint64_t>(duration.count());
}

}  // namespace

ErrorCause error_cause(PeerFault fault) {
  static_assert(static_cast<int>(ErrorCause::forged) == static_cast<int>(PeerFault::forged));
  static_assert(static_cast<int>(ErrorCause::forged) + 1 == kPeerFaults);
  return static_cast<ErrorCause>(fault);
}

Shape Recorder::shape_of(std::vector<std::string> cohorts) {
  LabelValues values;
  values.cohorts = std::move(cohorts);
  for (const MessageInfo& message : kMessages) values.messages.emplace_back(message.name);
  for (const DisconnectReason reason : kLeaveCauses) values.leave_causes.emplace_back(netrig::text(reason));
  for (std::size_t cause = 1; cause < sim::kDropCauses;
       ++cause)  // without loss, which is a metric of its own
    values.drop_causes.emplace_back(sim::text(static_cast<sim::DropCause>(cause)));
  for (const std::string_view cause : kErrorCauseNames) values.error_causes.emplace_back(cause);
  Result<Shape, ShapeError> shape = Shape::make(std::move(values));
  NETRIG_ASSERT(shape.has_value());  // the scenario's loader has checked the cohorts' names
  return *std::move(shape);
}

Recorder::Recorder(const RecorderConfig& config)
    : registry_(shape_of(config.cohorts)),
      timeline_(registry_),
      cohort_of_client_(config.cohort_of_client),
      transport_(config.transport),
      hears_(config.hears),
      cohorts_(config.cohorts.size()),
      seconds_(config.cohort_of_client.size()),
      in_session_(config.cohort_of_client.size()),
      in_flight_before_(config.cohorts.size()) {
  using namespace catalog;
  for (std::size_t cohort = 0; cohort < cohorts_.size(); ++cohort) resolve(cohort);
  ticks_ = &registry_.counter(kTicksTotal);
  overruns_ = &registry_.counter(kTickOverrunsTotal);
  ticks_skipped_ = &registry_.counter(kTicksSkippedTotal);
  tick_lateness_ = &registry_.histogram(kTickLatenessSeconds);
  entities_encoded_ = &registry_.counter(kEntitiesEncodedTotal);
  tick_duration_ = &registry_.histogram(kTickDurationSeconds);
  for (std::size_t phase = 0; phase < tick_phases_.size(); ++phase) {
    tick_phases_[phase] =
        &registry_.histogram(kTickPhaseDurationSeconds, {.phase = static_cast<Phase>(phase)});
  }
}

void Recorder::resolve(std::size_t cohort) {
  using namespace catalog;
  PerCohort& series = cohorts_[cohort];
  const Selection only{.cohort = cohort};
  for (const Direction direction : {Direction::downstream, Direction::upstream}) {
    PerDirection& to = series.direction[index(direction)];
    const Selection both{.cohort = cohort, .direction = direction};
    for (std::size_t message = 0; message < kMessages.size(); ++message) {
      Selection one = both;
      one.message = message;
      to.message_bytes[message] = &registry_.counter(kMessageBytesTotal, one);
      to.messages[message] = &registry_.counter(kMessagesTotal, one);
    }
    for (const Layer layer : {Layer::payload, Layer::protocol, Layer::transport_model}) {
      Selection one = both;
      one.layer = layer;
      to.wire_bytes[static_cast<std::size_t>(layer)] = &registry_.counter(kWireBytesTotal, one);
    }
    to.send_queue = &registry_.histogram(kSendQueueBytes, both);
    to.send_queue_full = &registry_.counter(kSendQueueFullTotal, both);
    resolve_network(to, both);
  }
  series.direction[index(Direction::downstream)].per_second =
      &registry_.histogram(kClientDownstreamBytesPerSecond, only);
  series.direction[index(Direction::upstream)].per_second =
      &registry_.histogram(kClientUpstreamBytesPerSecond, only);
  series.connect = &registry_.histogram(kConnectSeconds, only);
  series.reconnect = &registry_.histogram(kReconnectSeconds, only);
  series.rtt = &registry_.histogram(kRttSeconds, only);
  series.rtt_jitter = &registry_.histogram(kRttJitterSeconds, only);
  series.clock_offset_error = &registry_.histogram(kClockOffsetErrorSeconds, only);
  series.input_to_ack = &registry_.histogram(kInputToAckSeconds, only);
  series.state_age = &registry_.histogram(kStateAgeSeconds, only);
  series.updates_per_second = &registry_.histogram(kClientStateUpdatesPerSecond, only);
  resolve_updates(series, only);
  series.generator_lateness = &registry_.histogram(kGeneratorLatenessSeconds, only);
  series.input_queue = &registry_.histogram(kInputQueueInputs, only);
  series.generator_late_ticks = &registry_.counter(kGeneratorLateTicksTotal, only);
  series.states_skipped = &registry_.counter(kStatesSkippedTotal, only);
  series.states_incomplete = &registry_.counter(kStatesIncompleteTotal, only);
  series.sessions_lost = &registry_.counter(kSessionsLostTotal, only);
  series.reliable_unknown = &registry_.counter(kReliableUnknownTotal, only);
  series.inputs_dropped = &registry_.counter(kInputsDroppedTotal, only);
  series.joins = &registry_.counter(kJoinsTotal, only);
  series.resumes = &registry_.counter(kResumesTotal, only);
  series.reconnects = &registry_.counter(kReconnectsTotal, only);
  series.reconnect_attempts = &registry_.counter(kReconnectAttemptsTotal, only);
  series.desyncs = &registry_.counter(kDesyncsTotal, only);
  series.connected = &registry_.gauge(kClientsConnected, only);
  for (std::size_t cause = 0; cause < series.leaves.size(); ++cause) {
    series.leaves[cause] = &registry_.counter(kLeavesTotal, {.cohort = cohort, .leave_cause = cause});
  }
  for (std::size_t cause = 0; cause < series.errors.size(); ++cause) {
    series.errors[cause] = &registry_.counter(kErrorsTotal, {.cohort = cohort, .error_cause = cause});
  }
}

void Recorder::resolve_updates(PerCohort& to, const Selection& only) {
  using namespace catalog;
  to.update_interval = &registry_.histogram(kUpdateIntervalSeconds, only);
  to.update_jitter = &registry_.histogram(kUpdateJitterSeconds, only);
  to.time_since_update = &registry_.histogram(kTimeSinceUpdateSeconds, only);
  to.stalls = &registry_.counter(kStallsTotal, only);
  to.sequence_gaps = &registry_.counter(kSequenceGapsTotal, only);
  to.sequence_skipped = &registry_.counter(kSequenceSkippedTotal, only);
  to.sequence_reversals = &registry_.counter(kSequenceReversalsTotal, only);
  to.early_closes = &registry_.counter(kEarlyClosesTotal, only);
}

void Recorder::resolve_network(PerDirection& to, const Selection& both) {
  using namespace catalog;
  to.packets_sent = &registry_.counter(kPacketsSentTotal, both);
  to.packets_delivered = &registry_.counter(kPacketsDeliveredTotal, both);
  to.packets_dropped[0] = &registry_.counter(kPacketsLostTotal, both);
  for (std::size_t cause = 1; cause < sim::kDropCauses; ++cause) {
    Selection dropped = both;
    dropped.drop_cause = cause - 1;
    to.packets_dropped[cause] = &registry_.counter(kPacketsDroppedTotal, dropped);
  }
  to.packets_corrupted = &registry_.counter(kPacketsCorruptedTotal, both);
  to.packets_abandoned = &registry_.counter(kPacketsAbandonedTotal, both);
  to.packets_in_flight = &registry_.gauge(kPacketsInFlight, both);
  to.packets_duplicated = &registry_.counter(kPacketsDuplicatedTotal, both);
  to.packets_reordered = &registry_.counter(kPacketsReorderedTotal, both);
  to.segments_retransmitted = &registry_.counter(kSegmentsRetransmittedTotal, both);
}

// --- the measured window

std::int64_t Recorder::in_flight(std::size_t cohort) const {
  std::int64_t packets = 0;
  for (const PerDirection& direction : cohorts_[cohort].direction) packets += *direction.packets_in_flight;
  return packets;
}

void Recorder::begin_measuring(Instant now) {
  measuring_ = has_begun_ = true;
  for (std::size_t cohort = 0; cohort < cohorts_.size(); ++cohort)
    in_flight_before_[cohort] = in_flight(cohort);
  timeline_.begin(now);
  for (std::uint32_t client = 0; client < seconds_.size(); ++client) {
    seconds_[client] = {};
    seconds_[client].counting = in_session_[client];
    seconds_[client].begins = now;
  }
}

void Recorder::end_measuring(Instant now) {
  for (std::uint32_t client = 0; client < seconds_.size(); ++client) stop_counting(client, now);
  timeline_.end(now);
  measuring_ = false;
}

void Recorder::merge(const Recorder& other) {
  registry_.merge(other.registry_);
  timeline_.merge(other.timeline_);
  state_updates_.messages += other.state_updates_.messages;
  state_updates_.bytes += other.state_updates_.bytes;
  state_updates_.client_seconds += other.state_updates_.client_seconds;
  session_time_ += other.session_time_;
  for (std::size_t cohort = 0; cohort < in_flight_before_.size(); ++cohort)
    in_flight_before_[cohort] += other.in_flight_before_[cohort];
}

void Recorder::close_seconds(std::uint32_t client, Instant now) {
  Second& second = seconds_[client];
  while (second.counting && now - second.begins >= 1s) {
    PerCohort& series = of(client);
    for (std::size_t direction = 0; direction < 2; ++direction) {
      if (hears_[direction]) series.direction[direction].per_second->record(second.bytes[direction]);
    }
    if (hears_[index(Direction::downstream)]) {
      series.updates_per_second->record(second.state_updates);
      state_updates_.messages += second.state_updates;
      state_updates_.bytes += second.state_update_bytes;
      state_updates_.client_seconds += 1;
      session_time_ += 1s;
    }
    second = {true, second.begins + 1s, {}, 0, 0};
  }
}

void Recorder::stop_counting(std::uint32_t client, Instant now) {
  close_seconds(client, now);
  if (seconds_[client].counting && hears_[index(Direction::downstream)])
    session_time_ += now - seconds_[client].begins;
  seconds_[client].counting = false;
}

// --- traffic

void Recorder::sent(std::uint32_t client, Direction direction, const PacketBreakdown& packet, Instant now,
                    Session session) {
  if (!measuring_) return;
  PerDirection& series = of(client).direction[index(direction)];
  std::uint64_t payload = 0;
  for (std::size_t message = 0; message < packet.by_message.size(); ++message) {
    const MessageTotal& total = packet.by_message[message];
    if (total.count == 0) continue;
    *series.messages[message] += total.count;
    *series.message_bytes[message] += total.bytes;
    payload += total.bytes;
  }
  const std::uint64_t bytes = payload + packet.protocol_bytes;
  add_wire_bytes(series, direction, payload, packet.protocol_bytes);

  close_seconds(client, now);
  Second& second = seconds_[client];
  if (!second.counting || session == Session::left_behind) return;
  second.bytes[index(direction)] += bytes;
  const MessageTotal& updates = packet.by_message[message_row(MessageType::state_update)];
  second.state_updates += updates.count;
  second.state_update_bytes += updates.bytes;
}

void Recorder::add_wire_bytes(PerDirection& series, Direction direction, std::uint64_t payload,
                              std::uint64_t protocol) {
  const sim::Direction on_link = direction == Direction::upstream ? sim::Direction::up : sim::Direction::down;
  *series.wire_bytes[0] += payload;
  *series.wire_bytes[1] += protocol;
  *series.wire_bytes[2] += sim::overhead_bytes(transport_, on_link, payload + protocol);
}

void Recorder::passed_on(std::uint32_t client, Direction direction, std::size_t bytes, Instant now) {
  if (!measuring_) return;
  add_wire_bytes(of(client).direction[index(direction)], direction, bytes, 0);
  close_seconds(client, now);
  if (seconds_[client].counting) seconds_[client].bytes[index(direction)] += bytes;
}

void Recorder::send_queue(std::uint32_t client, Direction direction, std::size_t bytes) {
  if (measuring_) of(client).direction[index(direction)].send_queue->record(std::uint64_t{bytes});
}

// A connection that is closed is told of by what closed it.
void Recorder::send_refused(std::uint32_t client, Direction direction, SendStatus status) {
  if (status == SendStatus::too_large) return error(client, ErrorCause::message_too_large);
  if (status == SendStatus::queue_full) ++*of(client).direction[index(direction)].send_queue_full;
}

// --- sessions

void Recorder::joined(std::uint32_t client) {
  ++*of(client).joins;
  ++*of(client).connected;
}

void Recorder::resumed(std::uint32_t client) {
  ++*of(client).resumes;
  ++*of(client).connected;
}

void Recorder::left(std::uint32_t client, DisconnectReason reason) {
  PerCohort& series = of(client);
  ++*series.leaves[leave_cause(reason)];
  --*series.connected;
}

void Recorder::session_over(std::uint32_t client, Instant now) {
  stop_counting(client, now);
  in_session_[client] = false;
}

void Recorder::first_state_sent(std::uint32_t client, Instant now) {
  in_session_[client] = true;
  if (measuring_) seconds_[client] = {true, now, {}, 0, 0};
}

void Recorder::first_state_received(std::uint32_t client, Duration since_connect) {
  of(client).connect->record(since_connect);
}

void Recorder::reconnect_tried(std::uint32_t client) {
  ++*of(client).reconnect_attempts;
}

void Recorder::reconnected(std::uint32_t client, Duration since_lost) {
  ++*of(client).reconnects;
  of(client).reconnect->record(since_lost);
}

void Recorder::session_lost(std::uint32_t client, std::uint32_t unacked) {
  ++*of(client).sessions_lost;
  *of(client).reliable_unknown += unacked;
}

void Recorder::states_incomplete(std::uint32_t client, std::uint64_t count) {
  if (measuring_) *of(client).states_incomplete += count;
}

void Recorder::error(std::uint32_t client, ErrorCause cause) {
  ++*of(client).errors[static_cast<std::size_t>(cause)];
}

// --- latency

void Recorder::rtt(std::uint32_t client, Duration rtt) {
  if (measuring_) of(client).rtt->record(as_nanoseconds(rtt));
}

void Recorder::rtt_change(std::uint32_t client, Duration difference) {
  if (measuring_) of(client).rtt_jitter->record(as_nanoseconds(std::chrono::abs(difference)));
}

void Recorder::clock_offset_error(std::uint32_t client, Duration error) {
  if (measuring_) of(client).clock_offset_error->record(as_nanoseconds(std::chrono::abs(error)));
}

void Recorder::input_acked(std::uint32_t client, Duration since_planned) {
  if (measuring_) of(client).input_to_ack->record(as_nanoseconds(since_planned));
}

void Recorder::state_received(std::uint32_t client, Duration age) {
  if (measuring_) of(client).state_age->record(as_nanoseconds(age));
}

void Recorder::desync(std::uint32_t client) {
  ++*of(client).desyncs;
}

// --- updates

void Recorder::update_interval(std::uint32_t client, Duration interval) {
  if (measuring_) of(client).update_interval->record(as_nanoseconds(interval));
}

void Recorder::update_jitter(std::uint32_t client, Duration difference) {
  if (measuring_) of(client).update_jitter->record(as_nanoseconds(std::chrono::abs(difference)));
}

void Recorder::time_since_update(std::uint32_t client, Duration since) {
  if (measuring_) of(client).time_since_update->record(as_nanoseconds(since));
}

void Recorder::stalled(std::uint32_t client) {
  if (measuring_) ++*of(client).stalls;
}

void Recorder::sequence_gap(std::uint32_t client, std::uint32_t skipped) {
  if (!measuring_) return;
  ++*of(client).sequence_gaps;
  *of(client).sequence_skipped += skipped;
}

void Recorder::sequence_reversed(std::uint32_t client) {
  if (measuring_) ++*of(client).sequence_reversals;
}

void Recorder::closed_early(std::uint32_t client) {
  ++*of(client).early_closes;
}

// --- server

void Recorder::tick(std::uint32_t entities) {
  if (!measuring_) return;
  ++*ticks_;
  *entities_encoded_ += entities;
}

void Recorder::ticks_skipped(std::uint32_t count) {
  if (!measuring_) return;
  *ticks_skipped_ += count;
  *overruns_ += count;
}

void Recorder::tick_lateness(Duration lateness) {
  if (measuring_) tick_lateness_->record(as_nanoseconds(lateness));
}

void Recorder::tick_overran() {
  if (measuring_) ++*overruns_;
}

void Recorder::tick_time(Duration whole, const std::array<Duration, 5>& phases) {
  if (!measuring_) return;
  tick_duration_->record(whole);
  for (std::size_t phase = 0; phase < phases.size(); ++phase) tick_phases_[phase]->record(phases[phase]);
}

void Recorder::state_skipped(std::uint32_t client) {
  if (measuring_) ++*of(client).states_skipped;
}

void Recorder::input_queue(std::uint32_t client, std::size_t inputs) {
  if (measuring_) of(client).input_queue->record(std::uint64_t{inputs});
}

void Recorder::input_dropped(std::uint32_t client) {
  if (measuring_) ++*of(client).inputs_dropped;
}

// --- network

Recorder::PerDirection& Recorder::of(sim::LinkId link) {
  const Direction direction =
      link.direction == sim::Direction::up ? Direction::upstream : Direction::downstream;
  return of(link.client).direction[index(direction)];
}

void Recorder::network_sent(sim::LinkId link, std::size_t wire_bytes) {
  const std::size_t packets = sim::packets_on_wire(transport_, wire_bytes);
  *of(link).packets_in_flight += static_cast<std::int64_t>(packets);
  if (measuring_) *of(link).packets_sent += packets;
}

void Recorder::network_delivered(sim::LinkId link, std::size_t wire_bytes) {
  const std::size_t packets = sim::packets_on_wire(transport_, wire_bytes);
  *of(link).packets_in_flight -= static_cast<std::int64_t>(packets);
  if (measuring_) *of(link).packets_delivered += packets;
}

void Recorder::network_dropped(sim::LinkId link, sim::DropCause cause) {
  --*of(link).packets_in_flight;
  if (measuring_) ++*of(link).packets_dropped[static_cast<std::size_t>(cause)];
}

void Recorder::network_corrupted(sim::LinkId link) {
  if (measuring_) ++*of(link).packets_corrupted;
}

void Recorder::network_duplicated(sim::LinkId link) {
  ++*of(link).packets_in_flight;
  if (measuring_) ++*of(link).packets_duplicated;
}

void Recorder::network_reordered(sim::LinkId link) {
  if (measuring_) ++*of(link).packets_reordered;
}

void Recorder::network_retransmitted(sim::LinkId link) {
  ++*of(link).packets_in_flight;
  if (measuring_) ++*of(link).segments_retransmitted;
}

void Recorder::network_abandoned(sim::LinkId link, std::size_t packets) {
  *of(link).packets_in_flight -= static_cast<std::int64_t>(packets);
  if (measuring_) *of(link).packets_abandoned += packets;
}

// --- the load generator itself

void Recorder::generator_lateness(std::uint32_t client, Duration lateness, Duration tick) {
  if (!measuring_) return;
  of(client).generator_lateness->record(as_nanoseconds(lateness));
  if (lateness >= tick) ++*of(client).generator_late_ticks;
}

}  // namespace netrig::metrics
