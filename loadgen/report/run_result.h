// What one run found, as plain data: everything that the text report, the JSON result and the baseline are
// written from. The run fills it in once, after the last event; nothing here measures.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "netrig/core/base/time.h"
#include "netrig/loadgen/exit_code.h"
#include "netrig/metrics/downsampled.h"
#include "netrig/metrics/summary.h"
#include "netrig/sim/network/stream.h"

namespace netrig::loadgen {

using metrics::Summary;

// Names with values, printed and written in this order.
template <class T>
using Named = std::vector<std::pair<std::string, T>>;

// ---- what was run

// Two runs may be compared when all but `file_digest` are equal.
struct RunIdentity {
  std::string name;
  std::string file_digest;  // 16 hex digits of the scenario file
  std::string clock;        // "virtual" or "real"
  std::string transport;    // "memory", "tcp", ...
  std::string dialect;      // "netrig" or "venture"
  std::string replication;  // "full" or "delta"
  std::uint64_t clients = 0;
  Duration duration{};  // the measured window
};

// The same for people, in words that the scenario's author would use. Never compared.
struct RunDescription {
  std::string network;  // "200-5000 ms RTT, jitter 40 ms, loss 1 %, 1 Mbit/s down"
  std::string streams;  // "" for datagrams; else the congestion model: "ideal" or "cubic"
  std::string target;   // the URL of a server that is not ours; "" when this run owns the server
};

// ---- bytes, counted at the sender

struct MessageTotals {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;

  friend bool operator==(const MessageTotals&, const MessageTotals&) = default;
};

struct LayerBytes {
  std::uint64_t payload = 0;          // message bytes
  std::uint64_t protocol = 0;         // packet headers, seals, framing
  std::uint64_t transport_model = 0;  // what the modelled transport would add; nothing of it was really sent

  std::uint64_t total() const { return payload + protocol + transport_model; }
  friend bool operator==(const LayerBytes&, const LayerBytes&) = default;
};

// The bytes of `by_message` sum to `by_layer.payload`.
struct TrafficTotals {
  std::map<std::string, MessageTotals, std::less<>> by_message;
  LayerBytes by_layer;

  friend bool operator==(const TrafficTotals&, const TrafficTotals&) = default;
};

struct DirectionResult {
  TrafficTotals totals;
  Summary per_client_per_second;  // payload + protocol bytes of one client in one whole simulated second
};

// The entities' state as it went to clients in whole simulated seconds, from each client's first state on:
// what the claim of the original report is held against.
struct StateUpdateRate {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::uint64_t client_seconds = 0;  // at least 1
};

struct BytesResult {
  DirectionResult downstream;
  DirectionResult upstream;
  double client_seconds = 0;  // time clients were connected while the totals were counted
  std::optional<StateUpdateRate> state_updates{};  // full replication only
};

// ---- the other results

struct TickResult {
  std::uint64_t count = 0;
  std::uint64_t overruns = 0;  // not over when the next was due, or left out
  std::uint64_t skipped = 0;   // states not sent to a client, because its queue was full
  std::uint64_t entities_encoded = 0;
  std::uint64_t ticks_skipped = 0;  // left out, because it was too late to catch up
  Summary lateness_seconds{};       // of their begin
};

// Packets (datagrams) or segments (streams) of the simulated network, both directions. What was under way
// when the measured window began is delivered in it, so:
//   in_flight_before + sent + retransmitted + duplicated
//     = delivered + lost + the sum of `dropped` + abandoned + in_flight_after
struct NetworkResult {
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;  // by chance
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t queue_dropped = 0;  // the one of `dropped` called queue_full
  std::uint64_t retransmitted = 0;
  std::uint64_t corrupted = 0;  // of those delivered
  std::uint64_t abandoned = 0;  // under way when their connection ended
  std::int64_t in_flight_before = 0;
  std::int64_t in_flight_after = 0;
  Named<std::uint64_t> dropped{};  // other than by chance, by cause; those with none are left out
};

// One kind of a game's own messages, in one direction. What was still under way at the end of the window was
// not received; what was when it began was not sent in it.
struct AppMessageResult {
  std::string name;
  std::string direction;  // "downstream" or "upstream"
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t sent_bytes = 0;  // the game's own bytes
};

struct CohortResult {
  std::string name;
  std::string link;  // in words: "5000 ms RTT, jitter 100 ms, loss 1 %"
  std::uint64_t clients = 0;
  std::uint64_t downstream_bytes = 0;  // payload + protocol
  std::uint64_t upstream_bytes = 0;
  NetworkResult network{};
  Summary downstream_per_client_per_second;
  Summary upstream_per_client_per_second;
  Named<Summary> latency_seconds;
  std::uint64_t joins = 0;             // sessions begun
  std::uint64_t leaves = 0;            // sessions ended, by whichever cause
  std::uint64_t connections_lost = 0;  // of the leaves: nobody said goodbye
  std::uint64_t reconnects = 0;        // back in a session after a loss
  std::uint64_t resumes = 0;           // of the reconnects: as the same player
  std::uint64_t reconnect_attempts = 0;
};

// What the modelled TCP of one direction did in the measured window: all streams of a cohort together.
struct StreamUse {
  std::uint64_t streams = 0;
  sim::StreamFacts facts;
  double ramp_up_seconds_p50 = 0;
  std::uint64_t ack_wire_bytes = 0;  // that the receivers sent: segments without payload

  double share(sim::StreamLimit limit) const {
    const double observed = seconds(facts.observed);
    return observed > 0 ? seconds(facts.limited[static_cast<std::size_t>(limit)]) / observed : 0.0;
  }
  double window_bytes_mean() const {
    const double observed = seconds(facts.observed);
    return observed > 0 ? static_cast<double>(facts.window_byte_ms) / 1e3 / observed : 0.0;
  }
};

struct CohortStreams {
  std::string cohort;
  StreamUse downstream;
  StreamUse upstream;
  std::uint64_t states_sent = 0;
  std::uint64_t states_skipped = 0;
};

struct StreamsResult {
  sim::TcpOptions tcp;
  std::vector<CohortStreams> cohorts;
};

// What the clients of one cohort saw of a server of the venture dialect.
struct CohortUpdates {
  std::string cohort;
  std::uint64_t joins = 0;
  Summary per_second{};  // StateUpdates to one client in one whole second
  Summary interval_seconds{};
  Summary jitter_seconds{};
  Summary since_update_seconds{};
  double stall_after_seconds = 0;
  std::uint64_t stalls = 0;
  std::uint64_t gaps = 0;
  std::uint64_t skipped = 0;
  std::uint64_t reversals = 0;
  std::uint64_t early_closes = 0;
};

struct UpdatesResult {
  double expected_hz = 0;  // of each entity
  bool own_server = true;
  std::vector<CohortUpdates> cohorts{};
  std::vector<std::string> diagnosis{};  // sentences
};

// How the measured window went, in steps of whole seconds. Of a step of several, a point has the least, the
// mean and the greatest of its seconds.
struct SeriesColumn {
  std::string name;           // "message_bytes_total.downstream.state_update", "rtt_seconds.p95"
  bool host = false;          // of this machine: differs from run to run
  double steps_per_unit = 1;  // of the points' integers
  std::vector<metrics::Point> points;
};

struct SeriesResult {
  Duration begins{};          // of the window, in simulated time
  std::uint64_t seconds = 0;  // whole ones
  std::uint64_t step_seconds = 1;
  std::vector<SeriesColumn> columns;  // each of as many points

  std::uint64_t points() const { return (seconds + step_seconds - 1) / step_seconds; }
};

// What a proxy passed on between clients and a server that are not ours.
struct ProxyResult {
  struct Way {
    std::uint64_t taken_bytes = 0;  // of payload, from their sender
    std::uint64_t given_bytes = 0;  // to their receiver
    std::uint64_t pauses = 0;       // a sender of a stream had to wait for a full buffer
  };

  std::string listening;  // URLs
  std::string to;
  std::uint64_t clients = 0;  // that ever came
  std::uint64_t clients_at_end = 0;
  std::uint64_t clients_most = 0;  // at once
  std::uint64_t reached = 0;       // whom the server took
  std::uint64_t turned_away = 0;   // there was no place for them
  Named<std::uint64_t> ends{};     // of clients, by cause; those with none are left out
  Way up{};
  Way down{};
  std::uint64_t link_changes = 0;
  std::uint64_t link_changes_refused = 0;  // the file was wrong
};

// How far the load generator itself fell behind its plan: a late tester measures itself.
struct GeneratorResult {
  std::uint64_t late_ticks = 0;
  std::uint64_t send_queue_full = 0;
  Summary lateness_seconds;
};

// Measured on this machine. Differs from run to run and is in no digest.
struct HostResult {
  double wall_seconds = 0;
  double cpu_seconds = 0;
  Summary tick_seconds;
  Named<Summary> tick_phase_seconds;  // in the order in which a tick runs them
  std::uint64_t rss_bytes_max = 0;
  std::uint64_t threads = 1;
};

// ---- what is held against limits

enum class ThresholdState : std::uint8_t { passed, failed, no_data, not_applicable };

struct ThresholdResult {
  std::string metric;
  std::string expression;  // as the scenario has it: "p(95)<100000"
  ThresholdState state = ThresholdState::no_data;
  std::optional<double> value{};  // what was compared; none for no_data and not_applicable
  std::string reason{};           // not_applicable: why
};

// One total that is not what the baseline says. `name` is a message type, a layer or "total".
struct ByteChange {
  enum class Kind : std::uint8_t { message, layer, total };

  Kind kind = Kind::message;
  std::string direction;  // "downstream" or "upstream"
  std::string name;
  MessageTotals before;  // all zero: new
  MessageTotals after;   // all zero: gone; counts stand with messages only
  bool tolerated = false;

  bool grew() const { return after.bytes > before.bytes; }
  bool shrank() const { return after.bytes < before.bytes; }
};

// One number of the catalogue that is not what it was: a counter, a gauge, or a figure of a histogram.
struct MetricChange {
  std::string name;  // "joins_total", "rtt_seconds.p95"
  double before = 0;
  double after = 0;
  bool gated = false;      // it has a tolerance
  bool tolerated = false;  // and keeps it
};

enum class ComparisonState : std::uint8_t { same, shrank, grew, unusable };

struct BaselineComparison {
  std::string baseline;  // the file
  ComparisonState state = ComparisonState::same;
  std::string problem{};                // unusable: why, as a sentence
  std::vector<std::string> notes{};     // other facts, such as a scenario file that has changed since
  std::vector<ByteChange> changes{};    // messages first; empty when the same
  std::vector<MetricChange> metrics{};  // in the catalogue's order; only between results
};

// ---- all of it

using MetricValue = std::variant<std::uint64_t, double, Summary>;

struct RunResult {
  std::string version;
  RunIdentity scenario;
  std::uint64_t seed = 0;
  RunDescription description;

  bool deterministic = true;
  ExitCode exit_code = ExitCode::pass;
  std::optional<std::uint64_t> digest{};  // of every event; none under the real clock
  Duration simulated{};                   // warm-up included
  std::uint64_t events = 0;

  Named<MetricValue> metrics;  // catalogue names
  BytesResult bytes;
  Named<Summary> latency_seconds;  // rtt, input_to_ack, state_age, ...
  TickResult ticks;
  NetworkResult network;
  std::optional<StreamsResult> streams{};                    // only when their windows are modelled
  std::optional<UpdatesResult> updates{};                    // only in the venture dialect
  std::optional<SeriesResult> series{};                      // none of several seeds, and without a window
  std::map<std::string, std::uint64_t, std::less<>> errors;  // cause, count
  std::optional<std::uint64_t> world_digest{};
  std::vector<CohortResult> cohorts;
  std::vector<AppMessageResult> app_messages;
  std::optional<ProxyResult> proxy{};  // of a proxy, which has no more than bytes, the network and lateness
  GeneratorResult generator;
  HostResult host;
  std::vector<ThresholdResult> thresholds;
  std::optional<std::uint64_t>
      server_starts{};  // of a server elsewhere, that clients have met: 2, it restarted
  std::optional<BaselineComparison> comparison{};
  std::string replay;                // the one command that repeats this run
  std::string connection_problem{};  // why the first that could not be made could not; empty: none
  std::string warm_up_problem{};     // why the measured window never began, as a clause; empty: it did
  bool output_failed = false;        // a file that was asked for could not be written

  // What the run says, whatever became of its files.
  Verdict verdict() const { return verdict_of(exit_code); }
  // What the process ends with.
  ExitCode process_code() const {
    return output_failed ? worst(exit_code, ExitCode::output_unwritable) : exit_code;
  }
};

// Simulated seconds per second of this machine; 0 before any time has passed.
inline double speedup(const RunResult& result) {
  return result.host.wall_seconds > 0 ? seconds(result.simulated) / result.host.wall_seconds : 0.0;
}

}  // namespace netrig::loadgen
