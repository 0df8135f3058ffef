#include "netrig/loadgen/run/summarise_run.h"

#include <algorithm>
#include <array>

#include "netrig/core/base/digest.h"
#include "netrig/loadgen/commands/inspect.h"
#include "netrig/loadgen/report/threshold.h"
#include "netrig/loadgen/run/client_side.h"
#include "netrig/loadgen/run/summarise_series.h"
#include "netrig/loadgen/run/summarise_streams.h"
#include "netrig/loadgen/run/summarise_updates.h"
#include "netrig/loadgen/version.h"
#include "netrig/metrics/catalog.h"
#include "netrig/metrics/registry_view.h"

namespace netrig::loadgen {
namespace {

using metrics::Direction;
using metrics::RegistryView;
using metrics::Selection;
namespace catalog = metrics::catalog;

Summary summary_of(const RegistryView& view, metrics::HistogramId id, const Selection& only = {}) {
  const double steps = metrics::steps_per_unit(id.metric().unit);
  return metrics::summarise(view.histogram(id, only), steps).value_or(Summary{});
}

// The latencies a report shows, in its order. Those without a sample are left out.
Named<Summary> latencies(const RegistryView& view, const Selection& only) {
  const std::array<std::pair<std::string_view, metrics::HistogramId>, 7> shown{{
      {"rtt", catalog::kRttSeconds},
      {"rtt_jitter", catalog::kRttJitterSeconds},
      {"input_to_ack", catalog::kInputToAckSeconds},
      {"state_age", catalog::kStateAgeSeconds},
      {"connect", catalog::kConnectSeconds},
      {"reconnect", catalog::kReconnectSeconds},
      {"clock_offset_error", catalog::kClockOffsetErrorSeconds},
  }};
  Named<Summary> named;
  for (const auto& [name, id] : shown) {
    const Summary summary = summary_of(view, id, only);
    if (summary.count > 0) named.emplace_back(name, summary);
  }
  return named;
}

TrafficTotals traffic(const RegistryView& view, Selection only) {
  TrafficTotals totals;
  const auto messages = view.shape().values(metrics::Label::message);
  for (std::size_t message = 0; message < messages.size(); ++message) {
    only.message = message;
    const MessageTotals of_message{view.counter(catalog::kMessagesTotal, only),
                                   view.counter(catalog::kMessageBytesTotal, only)};
    if (of_message.count > 0) totals.by_message.emplace(messages[message], of_message);
  }
  only.message.reset();
  const auto layer = [&](metrics::Layer of) {
    only.layer = of;
    return view.counter(catalog::kWireBytesTotal, only);
  };
  totals.by_layer.payload = layer(metrics::Layer::payload);
  totals.by_layer.protocol = layer(metrics::Layer::protocol);
  totals.by_layer.transport_model = layer(metrics::Layer::transport_model);
  return totals;
}

BytesResult bytes(const RegistryView& view, const metrics::Recorder& recorder) {
  BytesResult result;
  result.downstream = {traffic(view, {.direction = Direction::downstream}),
                       summary_of(view, catalog::kClientDownstreamBytesPerSecond)};
  result.upstream = {traffic(view, {.direction = Direction::upstream}),
                     summary_of(view, catalog::kClientUpstreamBytesPerSecond)};
  result.client_seconds = seconds(recorder.session_time());
  const metrics::StateUpdateTotals& updates = recorder.state_updates();
  if (updates.client_seconds > 0 && updates.messages > 0) {
    result.state_updates = StateUpdateRate{updates.messages, updates.bytes, updates.client_seconds};
  }
  return result;
}

NetworkResult network(const RegistryView& view, Selection only, std::int64_t in_flight_before) {
  NetworkResult result;
  result.sent = view.counter(catalog::kPacketsSentTotal, only);
  result.delivered = view.counter(catalog::kPacketsDeliveredTotal, only);
  result.lost = view.counter(catalog::kPacketsLostTotal, only);
  result.duplicated = view.counter(catalog::kPacketsDuplicatedTotal, only);
  result.reordered = view.counter(catalog::kPacketsReorderedTotal, only);
  result.retransmitted = view.counter(catalog::kSegmentsRetransmittedTotal, only);
  result.corrupted = view.counter(catalog::kPacketsCorruptedTotal, only);
  result.abandoned = view.counter(catalog::kPacketsAbandonedTotal, only);
  result.in_flight_before = in_flight_before;
  result.in_flight_after = view.gauge(catalog::kPacketsInFlight, only);
  const auto causes = view.shape().values(metrics::Label::drop_cause);
  for (std::size_t cause = 0; cause < causes.size(); ++cause) {
    only.drop_cause = cause;
    const std::uint64_t count = view.counter(catalog::kPacketsDroppedTotal, only);
    if (count > 0) result.dropped.emplace_back(causes[cause], count);
    if (causes[cause] == sim::text(sim::DropCause::queue_full)) result.queue_dropped = count;
  }
  return result;
}

std::int64_t in_flight_before(const metrics::Recorder& recorder, std::size_t cohorts) {
  std::int64_t packets = 0;
  for (std::size_t cohort = 0; cohort < cohorts; ++cohort) packets += recorder.in_flight_before(cohort);
  return packets;
}

std::uint64_t payload_and_protocol(const TrafficTotals& totals) {
  return totals.by_layer.payload + totals.by_layer.protocol;
}

void fill_in(CohortResult& result, std::size_t cohort, const RegistryView& view,
             const metrics::Recorder& recorder) {
  result.downstream_bytes =
      payload_and_protocol(traffic(view, {.cohort = cohort, .direction = Direction::downstream}));
  result.upstream_bytes =
      payload_and_protocol(traffic(view, {.cohort = cohort, .direction = Direction::upstream}));
  result.downstream_per_client_per_second =
      summary_of(view, catalog::kClientDownstreamBytesPerSecond, {.cohort = cohort});
  result.upstream_per_client_per_second =
      summary_of(view, catalog::kClientUpstreamBytesPerSecond, {.cohort = cohort});
  result.latency_seconds = latencies(view, {.cohort = cohort});
  const Selection only{.cohort = cohort};
  result.joins = view.counter(catalog::kJoinsTotal, only);
  result.leaves = view.counter(catalog::kLeavesTotal, only);
  Selection lost = only;
  for (const DisconnectReason reason : {DisconnectReason::timeout, DisconnectReason::connection_lost}) {
    lost.leave_cause = metrics::leave_cause(reason);
    result.connections_lost += view.counter(catalog::kLeavesTotal, lost);
  }
  result.reconnects = view.counter(catalog::kReconnectsTotal, only);
  result.resumes = view.counter(catalog::kResumesTotal, only);
  result.reconnect_attempts = view.counter(catalog::kReconnectAttemptsTotal, only);
  result.network = network(view, {.cohort = cohort}, recorder.in_flight_before(cohort));
}

Named<MetricValue> all_metrics(const RegistryView& view) {
  Named<MetricValue> named;
  for (const metrics::Metric& metric : catalog::all()) {
    const metrics::Value value = view.value(metric);
    if (const auto* histogram = std::get_if<metrics::Histogram>(&value)) {
      const auto summary = metrics::summarise(*histogram, metrics::steps_per_unit(metric.unit));
      named.emplace_back(metric.name, summary.value_or(Summary{}));
    } else if (const auto* counter = std::get_if<std::uint64_t>(&value)) {
      named.emplace_back(metric.name, *counter);
    } else {
      named.emplace_back(metric.name, static_cast<std::uint64_t>(std::get<std::int64_t>(value)));
    }
  }
  return named;
}

HostResult with_tick_times(HostResult host, const RegistryView& view) {
  host.tick_seconds = summary_of(view, catalog::kTickDurationSeconds);
  for (std::size_t phase = 0; phase < kTickPhases; ++phase) {
    host.tick_phase_seconds.emplace_back(
        text(static_cast<TickPhase>(phase)),
        summary_of(view, catalog::kTickPhaseDurationSeconds, {.phase = static_cast<metrics::Phase>(phase)}));
  }
  return host;
}

std::map<std::string, std::uint64_t, std::less<>> errors(const RegistryView& view) {
  std::map<std::string, std::uint64_t, std::less<>> counts;
  const auto causes = view.shape().values(metrics::Label::error_cause);
  for (std::size_t cause = 0; cause < causes.size(); ++cause) {
    const std::uint64_t count = view.counter(catalog::kErrorsTotal, {.error_cause = cause});
    if (count > 0) counts.emplace(causes[cause], count);
  }
  return counts;
}

RunIdentity identity(const Scenario& scenario, const RunMode& mode) {
  RunIdentity identity;
  identity.name = scenario.name;
  identity.clock = mode.real_clock ? "real" : "virtual";
  identity.transport = name_of(scenario.transport, kTransportNames);
  identity.dialect = name_of(mode.dialect, kDialectNames);
  identity.replication = name_of(scenario.server.replication, kReplicationNames);
  identity.clients = client_count(scenario);
  identity.duration = scenario.duration;
  return identity;
}

// To a tenth of a millisecond: the middle of a measured delay is no round number.
std::string rounded(Duration duration) {
  constexpr Duration kStep = 100us;
  return sim::duration_text(duration < 1ms ? duration : (duration + kStep / 2) / kStep * kStep);
}

// All links in one phrase; the report has each cohort's own beside it.
std::string describe_network(const Scenario& scenario) {
  if (scenario.cohorts.size() == 1) return brief(scenario.cohorts.front().link);
  Duration shortest = largest_rtt(scenario);
  Duration longest{0};
  for (const Cohort& cohort : scenario.cohorts) {
    const CohortLink& link = cohort.link;
    shortest = std::min(shortest, nominal_rtt(link));
    longest = std::max(longest, link.rtt ? std::max(link.rtt->from, link.rtt->to) : nominal_rtt(link));
  }
  return std::to_string(scenario.cohorts.size()) + " kinds of link, RTT " + rounded(shortest) + " to " +
         rounded(longest);
}

// Nothing when the measured window began, or was not given the time.
std::string warm_up_problem(const Scenario& scenario, const RunFacts& facts) {
  if (facts.measuring_since || facts.interrupted) return {};
  if (facts.end - Instant{} < warm_up_max(scenario))
    return "nobody was left to wait for: " + std::to_string(facts.clients_joined) + " of " +
           std::to_string(client_count(scenario)) + " clients had a state";
  return "the measured window did not begin within " + text_of_duration(warm_up_max(scenario)) + ": " +
         std::to_string(facts.clients_joined) + " of " + std::to_string(client_count(scenario)) +
         " clients had a state";
}

ExitCode exit_code(const RunResult& result, const RunFacts& facts) {
  ExitCode code = exit_code_of(result.thresholds);
  if (!result.warm_up_problem.empty()) code = worst(code, ExitCode::threshold_failed);
  if (facts.interrupted) return worst(code, ExitCode::interrupted);
  const bool nobody_left = facts.clients_in_session == 0 && clients_planned(facts.plan, facts.end) > 0;
  return nobody_left ? worst(code, ExitCode::target_unreachable) : code;
}

}  // namespace

RunResult describe_run(const Scenario& scenario, const RunMode& mode, std::uint64_t seed,
                       std::uint64_t file_digest) {
  RunResult result;
  result.version = kVersion;
  result.scenario = identity(scenario, mode);
  result.scenario.file_digest = digest_text(file_digest);
  result.seed = seed;
  result.description.network = simulates_network(scenario, mode) ? describe_network(scenario) : "as it is";
  result.description.target = mode.target;
  if (scenario.congestion && needs_stream_model(scenario.transport) && simulates_network(scenario, mode))
    result.description.streams = name_of(*scenario.congestion, kCongestionNames);
  for (const Cohort& cohort : scenario.cohorts) {
    CohortResult described;
    described.name = cohort.name;
    described.link = brief(cohort.link);
    described.clients = cohort.count;
    result.cohorts.push_back(std::move(described));
  }
  return result;
}

void fill_in_recorded(RunResult& result, const metrics::Recorder& recorder, const HostResult& host) {
  const RegistryView view{recorder.registry()};
  result.metrics = all_metrics(view);
  result.bytes = bytes(view, recorder);
  result.latency_seconds = latencies(view, {});
  result.ticks = {
      view.counter(catalog::kTicksTotal),         view.counter(catalog::kTickOverrunsTotal),
      view.counter(catalog::kStatesSkippedTotal), view.counter(catalog::kEntitiesEncodedTotal),
      view.counter(catalog::kTicksSkippedTotal),  summary_of(view, catalog::kTickLatenessSeconds)};
  result.network = network(view, {}, in_flight_before(recorder, result.cohorts.size()));
  result.series = summarise_series(recorder.timeline(), recorder.registry().shape());
  result.errors = errors(view);
  for (std::size_t cohort = 0; cohort < result.cohorts.size(); ++cohort)
    fill_in(result.cohorts[cohort], cohort, view, recorder);
  result.generator = {view.counter(catalog::kGeneratorLateTicksTotal),
                      view.counter(catalog::kSendQueueFullTotal),
                      summary_of(view, catalog::kGeneratorLatenessSeconds)};
  result.host = with_tick_times(host, view);
}

RunResult summarise_run(const Scenario& scenario, const RunMode& mode, std::uint64_t seed,
                        const RunFacts& facts, const HostResult& host) {
  const metrics::Recorder& recorder = facts.recorder;
  const RegistryView view{recorder.registry()};

  RunResult result = describe_run(scenario, mode, seed, 0);
  fill_in_recorded(result, recorder, host);
  result.deterministic = !mode.real_clock;
  result.digest = facts.digest;
  result.simulated = facts.end.time_since_epoch();
  result.events = facts.events;
  result.streams = summarise_streams(scenario, facts);
  result.updates = summarise_updates(scenario, mode, view);
  if (facts.referee_dropped > 0) result.errors["referee_queue_full"] = facts.referee_dropped;
  result.world_digest = facts.world_digest;
  if (!mode.target.empty()) result.server_starts = facts.server_starts;
  result.connection_problem = facts.connection_problem;
  result.app_messages = facts.app_messages;
  const Duration measured = facts.measuring_since ? facts.end - *facts.measuring_since : Duration{};
  for (const Threshold& threshold : scenario.thresholds) {
    result.thresholds.push_back(evaluate(threshold, view, measured, conditions_of(scenario, mode)));
  }
  result.warm_up_problem = warm_up_problem(scenario, facts);
  result.exit_code = exit_code(result, facts);
  return result;
}

}  // namespace netrig::loadgen
