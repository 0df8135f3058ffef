// Turns what server, clients and network report into the metrics of the catalogue. One per shard. Recording
// is an increment on a series resolved at start-up: no look-up, no allocation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netrig/core/base/time.h"
#include "netrig/core/protocol/fault.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/protocol/packet_breakdown.h"
#include "netrig/metrics/history.h"
#include "netrig/metrics/registry.h"
#include "netrig/metrics/timeline.h"
#include "netrig/sim/network/header_model.h"
#include "netrig/sim/network/network_observer.h"

namespace netrig::metrics {

// What went wrong, as errors_total names it.
enum class ErrorCause : std::uint8_t {
  undecodable,  // the first six: PeerFault, of either side
  out_of_step,
  false_ack,
  unexpected,
  too_many_bad_packets,
  forged,
  refused,            // the server refused the client, whatever its reason
  connection_failed,  // the transport could not connect
  timeout,            // no answer to a hello, or a session that fell silent
  connection_lost,
  message_too_large,  // more than the send buffer of its link holds: no waiting helps
};
constexpr std::size_t kErrorCauses = 11;
ErrorCause error_cause(PeerFault fault);

// The value of the label leave_cause.
constexpr std::size_t leave_cause(DisconnectReason reason) {
  return static_cast<std::size_t>(reason) - 1;
}

struct RecorderConfig {
  std::vector<std::string> cohorts;
  std::vector<std::uint32_t> cohort_of_client;  // by client index
  sim::TransportKind transport = sim::TransportKind::tcp;
  // Of which directions it hears, by Direction. Seconds of others are not its to count: a recorder on the
  // other side of a real network does.
  std::array<bool, 2> hears{true, true};
};

// Totals of the entities' state in whole seconds of sessions: what a bandwidth promise is held against.
struct StateUpdateTotals {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::uint64_t client_seconds = 0;
};

// Traffic, latency and the network count only between begin_measuring() and the end; joins, leaves, errors
// and connect times count always, because they happen before a window that waits for all to have joined.
class Recorder {
 public:
  explicit Recorder(const RecorderConfig& config);

  // The shape of the registry of a recorder with these cohorts.
  static Shape shape_of(std::vector<std::string> cohorts);

  Registry& registry() { return registry_; }
  const Registry& registry() const { return registry_; }

  void begin_measuring(Instant now);
  // Counts the last whole second of every session.
  void end_measuring(Instant now);
  bool measuring() const { return measuring_; }
  // Measuring has ended, or never began. Record nothing after it.
  void end(Instant now) {
    if (history_) history_->end(now);
  }
  // Nothing more will be recorded of what was before `now`, and nothing yet of `now`. Often: at least once a
  // second while measuring.
  void advance(Instant now) {
    timeline_.advance(now);
    if (history_) history_->advance(now);
  }
  // Also keeps what a scrape each second would see. Before anything is recorded.
  void keep_history() { history_.emplace(registry_); }
  // As if this one had recorded what `other`, of the same shape, did. Both have ended measuring.
  void merge(const Recorder& other);

  // --- traffic, at the sender. `client` is the client's index. What goes to a session that its client has
  // left behind counts in the totals, and not in the seconds of its next one.
  enum class Session : std::uint8_t { current, left_behind };
  void sent(std::uint32_t client, Direction direction, const PacketBreakdown& packet, Instant now,
            Session session = Session::current);
  // Bytes of a protocol that nobody here knows, all of them payload: a proxy's.
  void passed_on(std::uint32_t client, Direction direction, std::size_t bytes, Instant now);
  void send_queue(std::uint32_t client, Direction direction, std::size_t bytes);  // after a write
  void send_refused(std::uint32_t client, Direction direction, SendStatus status);

  // --- sessions
  void joined(std::uint32_t client);
  void resumed(std::uint32_t client);  // it had left as connection_lost or timeout
  void left(std::uint32_t client, DisconnectReason reason);
  // The first state of a session was sent: its seconds are counted from here on, until it leaves.
  void first_state_sent(std::uint32_t client, Instant now);
  void session_over(std::uint32_t client, Instant now);  // on either side, whichever knows first
  void first_state_received(std::uint32_t client, Duration since_connect);
  // A client that lost its connection tries again; its next session has had its first state.
  void reconnect_tried(std::uint32_t client);
  void reconnected(std::uint32_t client, Duration since_lost);
  // The session could not go on, and nobody knows of `unacked` messages whether they arrived.
  void session_lost(std::uint32_t client, std::uint32_t unacked);
  void error(std::uint32_t client, ErrorCause cause);

  // --- latency
  void rtt(std::uint32_t client, Duration rtt);
  void rtt_change(std::uint32_t client, Duration difference);
  void clock_offset_error(std::uint32_t client, Duration error);
  void input_acked(std::uint32_t client, Duration since_planned);
  void state_received(std::uint32_t client, Duration age);
  void desync(std::uint32_t client);

  // --- updates of the venture dialect, as a client sees them
  void update_interval(std::uint32_t client, Duration interval);
  void update_jitter(std::uint32_t client, Duration difference);
  void time_since_update(std::uint32_t client, Duration since);
  void stalled(std::uint32_t client);
  void sequence_gap(std::uint32_t client, std::uint32_t skipped);
  void sequence_reversed(std::uint32_t client);
  void closed_early(std::uint32_t client);

  // --- server
  void tick(std::uint32_t entities);
  void tick_lateness(Duration lateness);
  void tick_overran();
  void ticks_skipped(std::uint32_t count);
  void tick_time(Duration whole, const std::array<Duration, 5>& phases);  // of this machine
  void state_skipped(std::uint32_t client);
  void states_incomplete(std::uint32_t client, std::uint64_t count);  // over datagrams
  void input_queue(std::uint32_t client, std::size_t inputs);
  void input_dropped(std::uint32_t client);

  // --- network. Counts packets, which for a stream are segments; `wire_bytes` is a whole write or datagram.
  // What is in flight is counted always, so that in the measured window, of each link:
  //   in flight before + sent + retransmitted + duplicated
  //     = delivered + lost + dropped + abandoned + in flight after
  void network_sent(sim::LinkId link, std::size_t wire_bytes);
  // Of packets that were sent before the window, too.
  void network_delivered(sim::LinkId link, std::size_t wire_bytes);
  void network_dropped(sim::LinkId link, sim::DropCause cause);
  void network_duplicated(sim::LinkId link);
  void network_corrupted(sim::LinkId link);
  void network_abandoned(sim::LinkId link, std::size_t packets);
  void network_reordered(sim::LinkId link);
  void network_retransmitted(sim::LinkId link);

  // --- the load generator itself
  void generator_lateness(std::uint32_t client, Duration lateness, Duration tick);

  // Packets of a cohort that were in flight when the window began; those that are now, while it has not.
  std::int64_t in_flight_before(std::size_t cohort) const {
    return has_begun_ ? in_flight_before_[cohort] : in_flight(cohort);
  }
  // Of the measured window.
  const Timeline& timeline() const { return timeline_; }
  // Of the whole run; none unless it was to be kept.
  const std::optional<History>& history() const { return history_; }
  const StateUpdateTotals& state_updates() const { return state_updates_; }
  // Time that clients were in session while measuring, added up; the second in progress included.
  Duration session_time() const { return session_time_; }

 private:
  struct PerDirection {
    std::array<std::uint64_t*, kMessages.size()> message_bytes{};
    std::array<std::uint64_t*, kMessages.size()> messages{};
    std::array<std::uint64_t*, 3> wire_bytes{};  // by Layer
    Histogram* per_second = nullptr;
    Histogram* send_queue = nullptr;
    std::uint64_t* send_queue_full = nullptr;
    std::uint64_t* packets_sent = nullptr;
    std::uint64_t* packets_delivered = nullptr;
    std::array<std::uint64_t*, sim::kDropCauses>
        packets_dropped{};  // by DropCause; of loss it is packets_lost
    std::uint64_t* packets_corrupted = nullptr;
    std::uint64_t* packets_duplicated = nullptr;
    std::uint64_t* packets_abandoned = nullptr;
    std::int64_t* packets_in_flight = nullptr;
    std::uint64_t* packets_reordered = nullptr;
    std::uint64_t* segments_retransmitted = nullptr;
  };
  struct PerCohort {
    std::array<PerDirection, 2> direction;
    Histogram* connect = nullptr;
    Histogram* reconnect = nullptr;
    Histogram* rtt = nullptr;
    Histogram* rtt_jitter = nullptr;
    Histogram* clock_offset_error = nullptr;
    Histogram* input_to_ack = nullptr;
    Histogram* state_age = nullptr;
    Histogram* updates_per_second = nullptr;
    Histogram* update_interval = nullptr;
    Histogram* update_jitter = nullptr;
    Histogram* time_since_update = nullptr;
    Histogram* generator_lateness = nullptr;
    Histogram* input_queue = nullptr;
    std::uint64_t* generator_late_ticks = nullptr;
    std::uint64_t* states_skipped = nullptr;
    std::uint64_t* states_incomplete = nullptr;
    std::uint64_t* sessions_lost = nullptr;
    std::uint64_t* reliable_unknown = nullptr;
    std::uint64_t* inputs_dropped = nullptr;
    std::uint64_t* joins = nullptr;
    std::uint64_t* resumes = nullptr;
    std::uint64_t* reconnects = nullptr;
    std::uint64_t* reconnect_attempts = nullptr;
    std::uint64_t* desyncs = nullptr;
    std::uint64_t* stalls = nullptr;
    std::uint64_t* sequence_gaps = nullptr;
    std::uint64_t* sequence_skipped = nullptr;
    std::uint64_t* sequence_reversals = nullptr;
    std::uint64_t* early_closes = nullptr;
    std::int64_t* connected = nullptr;
    std::array<std::uint64_t*, 6> leaves{};  // by DisconnectReason - 1
    std::array<std::uint64_t*, kErrorCauses> errors{};
  };
  // The second of a client's session that is in progress.
  struct Second {
    bool counting = false;
    Instant begins;
    std::array<std::uint64_t, 2> bytes{};  // by Direction
    std::uint64_t state_updates = 0;
    std::uint64_t state_update_bytes = 0;
  };

  void add_wire_bytes(PerDirection& series, Direction direction, std::uint64_t payload,
                      std::uint64_t protocol);
  void resolve(std::size_t cohort);
  void resolve_updates(PerCohort& to, const Selection& only);
  void resolve_network(PerDirection& to, const Selection& both);
  PerCohort& of(std::uint32_t client) { return cohorts_[cohort_of_client_[client]]; }
  PerDirection& of(sim::LinkId link);
  std::int64_t in_flight(std::size_t cohort) const;
  void close_seconds(std::uint32_t client, Instant now);
  void stop_counting(std::uint32_t client, Instant now);

  Registry registry_;
  Timeline timeline_;  // this and the next: of registry_
  std::optional<History> history_;
  std::vector<std::uint32_t> cohort_of_client_;
  sim::TransportKind transport_;
  std::array<bool, 2> hears_;
  std::vector<PerCohort> cohorts_;
  std::vector<Second> seconds_;                 // by client
  std::vector<bool> in_session_;                // by client: its first state was sent
  bool has_begun_ = false;                      // the window, ever
  std::vector<std::int64_t> in_flight_before_;  // by cohort
  bool measuring_ = false;
  StateUpdateTotals state_updates_;
  Duration session_time_{};
  std::uint64_t* ticks_ = nullptr;
  std::uint64_t* overruns_ = nullptr;
  std::uint64_t* ticks_skipped_ = nullptr;
  Histogram* tick_lateness_ = nullptr;
  std::uint64_t* entities_encoded_ = nullptr;
  Histogram* tick_duration_ = nullptr;
  std::array<Histogram*, 5> tick_phases_{};
};

}  // namespace netrig::metrics
