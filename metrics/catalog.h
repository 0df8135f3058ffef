// Every metric there is, declared once: the name here is the name in thresholds, in the result's JSON, and
// (with the prefix `netrig_`) in Prometheus.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "netrig/core/base/assert.h"
#include "netrig/metrics/labels.h"

namespace netrig::metrics {

enum class Kind : std::uint8_t {
  counter,    // only grows; the name ends in _total
  gauge,      // how many there are now; over shards it adds up
  histogram,  // one sample per occurrence
};

enum class Unit : std::uint8_t {
  count,
  seconds,  // recorded in nanoseconds
  bytes,
  bytes_per_second,
};

// What a metric needs in order to be recorded, and what it depends on.
enum class Trait : std::uint8_t {
  host,               // time of the machine, under the virtual clock too: differs from run to run
  own_server,         // the server runs in this process: nothing is recorded against a remote target
  netrig_dialect,     // the venture protocol has no message to measure it with
  venture_dialect,    // measured there, in place of what its protocol cannot tell
  server_clock,       // own_server, or netrig_dialect, whose clients estimate the server's clock
  simulated_network,  // a simulated link is the only one that knows
};

struct Metric {
  std::string_view name;
  Kind kind;
  Unit unit;
  LabelSet labels;
  EnumSet<Trait> traits;
  std::string_view help;  // one line
};

// Steps of the recorded integer that make one unit, for summarise(): nanoseconds in a second, else 1.
constexpr double steps_per_unit(Unit unit) {
  return unit == Unit::seconds ? 1e9 : 1;
}

namespace catalog {

// In the order in which reports show them.
inline constexpr auto kMetrics = [] {
  using enum Kind;
  using enum Unit;
  using enum Label;
  using enum Trait;
  // clang-format off
  return std::to_array<Metric>({
      // bandwidth
      {"client_downstream_bytes_per_second", histogram, bytes_per_second, {cohort}, {},
       "Payload and protocol bytes sent to one client in one whole second of its session."},
      {"client_upstream_bytes_per_second", histogram, bytes_per_second, {cohort}, {},
       "Payload and protocol bytes sent by one client in one whole second of its session."},
      {"message_bytes_total", counter, bytes, {cohort, direction, message}, {},
       "Bytes of messages sent, by type, without packet headers."},
      {"messages_total", counter, count, {cohort, direction, message}, {},
       "Messages sent, by type."},
      {"wire_bytes_total", counter, bytes, {cohort, direction, layer}, {},
       "Bytes sent, by layer: messages, packet headers and framing, and the modelled transport."},
      {"client_state_updates_per_second", histogram, count, {cohort}, {},
       "StateUpdates sent to one client in one whole second of its session."},
      // latency
      {"connect_seconds", histogram, seconds, {cohort}, {},
       "Time from a client's connect to its first state."},
      {"reconnect_seconds", histogram, seconds, {cohort}, {},
       "Time from the loss of a client's connection to the first state of its next session."},
      {"rtt_seconds", histogram, seconds, {cohort}, {netrig_dialect},
       "Round trip of a ping, measured by the client."},
      {"rtt_jitter_seconds", histogram, seconds, {cohort}, {netrig_dialect},
       "Difference between the round trips of two successive pings of one client."},
      {"clock_offset_error_seconds", histogram, seconds, {cohort}, {netrig_dialect, own_server},
       "How far a client's estimate of the server's clock is off."},
      {"input_to_ack_seconds", histogram, seconds, {cohort}, {netrig_dialect},
       "Time from the planned sending of an input to the state that acknowledges it."},
      {"state_age_seconds", histogram, seconds, {cohort}, {server_clock},
       "Age of a state when the client receives it."},
      // updates, as a client sees them that cannot ask
      {"update_interval_seconds", histogram, seconds, {cohort}, {venture_dialect},
       "Time between two successive updates of one entity at one client."},
      {"update_jitter_seconds", histogram, seconds, {cohort}, {venture_dialect},
       "Difference between two successive intervals of one entity at one client."},
      {"time_since_update_seconds", histogram, seconds, {cohort}, {venture_dialect},
       "Time since a client's newest update, at each of its input times."},
      {"stalls_total", counter, count, {cohort}, {venture_dialect},
       "Silences of five update intervals, and at least 200 ms, that a client saw."},
      {"sequence_gaps_total", counter, count, {cohort}, {venture_dialect},
       "Times that an update's number was not the next one."},
      {"sequence_skipped_total", counter, count, {cohort}, {venture_dialect},
       "Numbers that were left out in sequence gaps."},
      {"sequence_reversals_total", counter, count, {cohort}, {venture_dialect},
       "Updates whose number was not above the one before."},
      // server
      {"ticks_total", counter, count, {}, {own_server},
       "Ticks that the server ran."},
      {"tick_overruns_total", counter, count, {}, {own_server},
       "Ticks that were not over when the next one was due, and those that were skipped."},
      {"ticks_skipped_total", counter, count, {}, {own_server},
       "Ticks that the server left out because it was too late to catch up."},
      {"tick_lateness_seconds", histogram, seconds, {}, {own_server},
       "How long after its time a tick began."},
      {"tick_duration_seconds", histogram, seconds, {}, {host, own_server},
       "Time that one server tick took on this machine."},
      {"tick_phase_duration_seconds", histogram, seconds, {phase}, {host, own_server},
       "Time that one phase of a server tick took on this machine."},
      {"entities_encoded_total", counter, count, {}, {own_server},
       "Entities encoded into states; one that all clients share counts once."},
      {"states_skipped_total", counter, count, {cohort}, {own_server},
       "States not sent to a client because its connection was backlogged."},
      {"states_incomplete_total", counter, count, {cohort}, {netrig_dialect},
       "States of which not every datagram came before those of newer ones did."},
      {"input_queue_inputs", histogram, count, {cohort}, {own_server},
       "Inputs of one client that had arrived and waited for their tick, when a tick took its share."},
      {"inputs_dropped_total", counter, count, {cohort}, {own_server},
       "Inputs that the server refused: too late, too early or too many."},
      // sessions
      {"clients_connected", gauge, count, {cohort}, {},
       "Clients that have a session now."},
      {"joins_total", counter, count, {cohort}, {},
       "Sessions begun."},
      {"reconnects_total", counter, count, {cohort}, {},
       "Clients back in a session, resumed or new, after their connection was lost."},
      {"resumes_total", counter, count, {cohort}, {netrig_dialect},
       "Sessions that went on over a new connection, as the same player."},
      {"reconnect_attempts_total", counter, count, {cohort}, {},
       "Connections tried by clients that had lost theirs."},
      {"sessions_lost_total", counter, count, {cohort}, {netrig_dialect},
       "Sessions that could not go on: the server had restarted, or had given the player up."},
      {"reliable_unknown_total", counter, count, {cohort}, {netrig_dialect},
       "Reliable messages of lost sessions of which the client cannot know whether they arrived."},
      {"leaves_total", counter, count, {cohort, leave_cause}, {},
       "Sessions ended, by cause."},
      {"early_closes_total", counter, count, {cohort}, {venture_dialect},
       "Connections that ended while their client wanted to stay."},
      {"errors_total", counter, count, {cohort, error_cause}, {},
       "Errors, by cause."},
      {"desyncs_total", counter, count, {cohort}, {netrig_dialect, own_server},
       "States that a client holds otherwise than the server sent them."},
      // network
      {"packets_sent_total", counter, count, {cohort, direction}, {simulated_network},
       "Packets given to a simulated link; of a stream, segments."},
      {"packets_delivered_total", counter, count, {cohort, direction}, {simulated_network},
       "Packets that a simulated link delivered, duplicates included."},
      {"packets_lost_total", counter, count, {cohort, direction}, {simulated_network},
       "Packets that a simulated link lost by chance."},
      {"packets_dropped_total", counter, count, {cohort, direction, drop_cause}, {simulated_network},
       "Packets that a simulated link dropped other than by chance, by cause."},
      {"packets_corrupted_total", counter, count, {cohort, direction}, {simulated_network},
       "Packets that a simulated link delivered with bits flipped."},
      {"packets_duplicated_total", counter, count, {cohort, direction}, {simulated_network},
       "Packets that a simulated link delivered twice."},
      {"packets_reordered_total", counter, count, {cohort, direction}, {simulated_network},
       "Packets that a simulated link delivered after one sent later."},
      {"packets_abandoned_total", counter, count, {cohort, direction}, {simulated_network},
       "Packets that were in a simulated link when their connection ended."},
      {"packets_in_flight", gauge, count, {cohort, direction}, {simulated_network},
       "Packets that are in a simulated link now, or wait there to be sent again."},
      {"segments_retransmitted_total", counter, count, {cohort, direction}, {simulated_network},
       "Segments that the modelled stream sent again."},
      // generator
      {"generator_lateness_seconds", histogram, seconds, {cohort}, {},
       "How long after its planned time the load generator sent an input."},
      {"generator_late_ticks_total", counter, count, {cohort}, {},
       "Client ticks that the load generator ran a whole tick or more after their planned time."},
      {"send_queue_bytes", histogram, bytes, {cohort, direction}, {},
       "Bytes that waited in a connection after a write: in its send buffer, or for a simulated link's rate."},
      {"send_queue_full_total", counter, count, {cohort, direction}, {},
       "Sends refused because the connection's queue was full."},
  });
  // clang-format on
}();
constexpr std::size_t kMetricCount = kMetrics.size();

inline std::span<const Metric> all() {
  return kMetrics;
}

// nullptr when there is none. Valid for ever.
const Metric* find(std::string_view name);

// The name that was probably meant by one that is not in the catalogue.
std::optional<std::string_view> nearest(std::string_view name);

}  // namespace catalog

// Names a metric in code. A name that the catalogue does not have, or has as another kind, does not compile.
template <Kind kKind>
class MetricId {
 public:
  consteval explicit MetricId(std::string_view name) : index_(index_named(name)) {}
  // `metric` is an element of catalog::all() and of this kind.
  explicit MetricId(const Metric& metric)
      : index_(static_cast<std::size_t>(&metric - catalog::kMetrics.data())) {
    NETRIG_ASSERT(index_ < catalog::kMetricCount && metric.kind == kKind);
  }

  constexpr std::size_t index() const { return index_; }
  constexpr const Metric& metric() const { return catalog::kMetrics[index_]; }

 private:
  static consteval std::size_t index_named(std::string_view name) {
    for (std::size_t i = 0; i < catalog::kMetricCount; ++i)
      if (catalog::kMetrics[i].name == name && catalog::kMetrics[i].kind == kKind) return i;
    throw "no metric of this name and kind";  // in a constant expression: a compile error
  }

  std::size_t index_;
};
using CounterId = MetricId<Kind::counter>;
using GaugeId = MetricId<Kind::gauge>;
using HistogramId = MetricId<Kind::histogram>;

namespace catalog {

inline constexpr HistogramId kClientDownstreamBytesPerSecond{"client_downstream_bytes_per_second"};
inline constexpr HistogramId kClientUpstreamBytesPerSecond{"client_upstream_bytes_per_second"};
inline constexpr HistogramId kClientStateUpdatesPerSecond{"client_state_updates_per_second"};
inline constexpr CounterId kMessageBytesTotal{"message_bytes_total"};
inline constexpr CounterId kMessagesTotal{"messages_total"};
inline constexpr CounterId kWireBytesTotal{"wire_bytes_total"};
inline constexpr HistogramId kConnectSeconds{"connect_seconds"};
inline constexpr HistogramId kReconnectSeconds{"reconnect_seconds"};
inline constexpr HistogramId kRttSeconds{"rtt_seconds"};
inline constexpr HistogramId kRttJitterSeconds{"rtt_jitter_seconds"};
inline constexpr HistogramId kClockOffsetErrorSeconds{"clock_offset_error_seconds"};
inline constexpr HistogramId kInputToAckSeconds{"input_to_ack_seconds"};
inline constexpr HistogramId kStateAgeSeconds{"state_age_seconds"};
inline constexpr HistogramId kUpdateIntervalSeconds{"update_interval_seconds"};
inline constexpr HistogramId kUpdateJitterSeconds{"update_jitter_seconds"};
inline constexpr HistogramId kTimeSinceUpdateSeconds{"time_since_update_seconds"};
inline constexpr CounterId kStallsTotal{"stalls_total"};
inline constexpr CounterId kSequenceGapsTotal{"sequence_gaps_total"};
inline constexpr CounterId kSequenceSkippedTotal{"sequence_skipped_total"};
inline constexpr CounterId kSequenceReversalsTotal{"sequence_reversals_total"};
inline constexpr CounterId kTicksTotal{"ticks_total"};
inline constexpr CounterId kTickOverrunsTotal{"tick_overruns_total"};
inline constexpr CounterId kTicksSkippedTotal{"ticks_skipped_total"};
inline constexpr HistogramId kTickLatenessSeconds{"tick_lateness_seconds"};
inline constexpr HistogramId kTickDurationSeconds{"tick_duration_seconds"};
inline constexpr HistogramId kTickPhaseDurationSeconds{"tick_phase_duration_seconds"};
inline constexpr CounterId kEntitiesEncodedTotal{"entities_encoded_total"};
inline constexpr CounterId kStatesSkippedTotal{"states_skipped_total"};
inline constexpr CounterId kStatesIncompleteTotal{"states_incomplete_total"};
inline constexpr CounterId kSessionsLostTotal{"sessions_lost_total"};
inline constexpr CounterId kReliableUnknownTotal{"reliable_unknown_total"};
inline constexpr HistogramId kInputQueueInputs{"input_queue_inputs"};
inline constexpr CounterId kInputsDroppedTotal{"inputs_dropped_total"};
inline constexpr GaugeId kClientsConnected{"clients_connected"};
inline constexpr CounterId kJoinsTotal{"joins_total"};
inline constexpr CounterId kReconnectsTotal{"reconnects_total"};
inline constexpr CounterId kResumesTotal{"resumes_total"};
inline constexpr CounterId kReconnectAttemptsTotal{"reconnect_attempts_total"};
inline constexpr CounterId kLeavesTotal{"leaves_total"};
inline constexpr CounterId kEarlyClosesTotal{"early_closes_total"};
inline constexpr CounterId kErrorsTotal{"errors_total"};
inline constexpr CounterId kDesyncsTotal{"desyncs_total"};
inline constexpr CounterId kPacketsSentTotal{"packets_sent_total"};
inline constexpr CounterId kPacketsDeliveredTotal{"packets_delivered_total"};
inline constexpr CounterId kPacketsLostTotal{"packets_lost_total"};
inline constexpr CounterId kPacketsDroppedTotal{"packets_dropped_total"};
inline constexpr CounterId kPacketsCorruptedTotal{"packets_corrupted_total"};
inline constexpr CounterId kPacketsDuplicatedTotal{"packets_duplicated_total"};
inline constexpr CounterId kPacketsReorderedTotal{"packets_reordered_total"};
inline constexpr CounterId kPacketsAbandonedTotal{"packets_abandoned_total"};
inline constexpr GaugeId kPacketsInFlight{"packets_in_flight"};
inline constexpr CounterId kSegmentsRetransmittedTotal{"segments_retransmitted_total"};
inline constexpr HistogramId kGeneratorLatenessSeconds{"generator_lateness_seconds"};
inline constexpr CounterId kGeneratorLateTicksTotal{"generator_late_ticks_total"};
inline constexpr HistogramId kSendQueueBytes{"send_queue_bytes"};
inline constexpr CounterId kSendQueueFullTotal{"send_queue_full_total"};

}  // namespace catalog
}  // namespace netrig::metrics
