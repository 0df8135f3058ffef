#include "netrig/loadgen/report/report_json.h"

#include "netrig/core/base/digest.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/report/result_json.h"
#include "netrig/loadgen/report/threshold.h"

namespace netrig::loadgen {
namespace {

using Layout = JsonWriter::Layout;

// Writes `{...}` around the members that `fill` writes.
template <class Fill>
void object(JsonWriter& json, std::string_view name, Fill&& fill) {
  json.key(name);
  json.begin_object();
  fill();
  json.end_object();
}

// The same on one line, as a value.
template <class Fill>
void line(JsonWriter& json, Fill&& fill) {
  json.begin_object(Layout::one_line);
  fill();
  json.end_object();
}

template <class Items, class Write>
void array(JsonWriter& json, std::string_view name, const Items& items, Write&& write_one) {
  json.key(name);
  json.begin_array();
  for (const auto& each : items) write_one(each);
  json.end_array();
}

// {CAUSE: COUNT}
template <class Counts>
void counts(JsonWriter& json, std::string_view name, const Counts& by_cause) {
  object(json, name, [&] {
    for (const auto& [cause, count] : by_cause) json.member(cause, count);
  });
}

void write(JsonWriter& json, const Summary& summary) {
  line(json, [&] {
    json.member("count", summary.count);
    json.member("mean", summary.mean);
    json.member("min", summary.min);
    json.member("p50", summary.p50);
    json.member("p90", summary.p90);
    json.member("p95", summary.p95);
    json.member("p99", summary.p99);
    json.member("max", summary.max);
  });
}

void member(JsonWriter& json, std::string_view name, const Summary& summary) {
  json.key(name);
  write(json, summary);
}

void member(JsonWriter& json, std::string_view name, const Named<Summary>& summaries) {
  object(json, name, [&] {
    for (const auto& [key, summary] : summaries) member(json, key, summary);
  });
}

void digest_member(JsonWriter& json, std::string_view name, const std::optional<std::uint64_t>& digest) {
  json.key(name);
  digest ? json.value(digest_text(*digest)) : json.null();
}

void write(JsonWriter& json, const MetricValue& value) {
  if (const auto* summary = std::get_if<Summary>(&value)) return write(json, *summary);
  if (const auto* number = std::get_if<double>(&value)) return json.value(*number);
  json.value(std::get<std::uint64_t>(value));
}

void write_direction(JsonWriter& json, const DirectionResult& direction) {
  json.member("total", direction.totals.by_layer.total());
  member(json, "per_client_per_second", direction.per_client_per_second);
  write_breakdown(json, direction.totals);
}

void write_bytes(JsonWriter& json, const BytesResult& bytes) {
  object(json, "downstream", [&] { write_direction(json, bytes.downstream); });
  object(json, "upstream", [&] { write_direction(json, bytes.upstream); });
  json.member("client_seconds", bytes.client_seconds);
  if (!bytes.state_updates) return;
  object(json, "state_updates", [&] {
    json.member("messages", bytes.state_updates->messages);
    json.member("bytes", bytes.state_updates->bytes);
    json.member("client_seconds", bytes.state_updates->client_seconds);
  });
}

void write_ticks(JsonWriter& json, const TickResult& ticks) {
  json.member("count", ticks.count);
  json.member("overruns", ticks.overruns);
  json.member("skipped", ticks.skipped);
  json.member("entities_encoded", ticks.entities_encoded);
  json.member("ticks_skipped", ticks.ticks_skipped);
  member(json, "lateness_seconds", ticks.lateness_seconds);
}

void write_network(JsonWriter& json, const NetworkResult& network) {
  json.member("sent", network.sent);
  json.member("delivered", network.delivered);
  json.member("lost", network.lost);
  json.member("duplicated", network.duplicated);
  json.member("reordered", network.reordered);
  json.member("queue_dropped", network.queue_dropped);
  json.member("retransmitted", network.retransmitted);
  json.member("corrupted", network.corrupted);
  json.member("abandoned", network.abandoned);
  json.member("in_flight_before", network.in_flight_before);
  json.member("in_flight_after", network.in_flight_after);
  counts(json, "dropped", network.dropped);
}

void write_stream_use(JsonWriter& json, const StreamUse& use) {
  const sim::StreamFacts& facts = use.facts;
  json.member("streams", use.streams);
  json.member("observed_seconds", seconds(facts.observed));
  object(json, "limited_seconds", [&] {
    for (std::size_t limit = 0; limit < sim::kStreamLimits; ++limit)
      json.member(sim::text(static_cast<sim::StreamLimit>(limit)), seconds(facts.limited[limit]));
  });
  json.member("slow_start_seconds", seconds(facts.slow_start));
  json.member("ramp_up_seconds_p50", use.ramp_up_seconds_p50);
  json.member("ramp_up_seconds_max", seconds(facts.ramp_up));
  object(json, "congestion_window_bytes", [&] {
    json.member("min", facts.window_bytes_min);
    json.member("mean", use.window_bytes_mean());
    json.member("max", facts.window_bytes_max);
  });
  json.member("segments", facts.segments);
  json.member("fast_retransmissions", facts.fast_retransmissions);
  json.member("timeout_retransmissions", facts.timeout_retransmissions);
  json.member("retransmitted_wire_bytes", facts.retransmitted_wire_bytes);
  json.member("timeouts", facts.timeouts);
  json.member("window_cuts", facts.window_cuts);
  json.member("acks", facts.acks);
  json.member("acks_lost", facts.acks_lost);
  json.member("ack_wire_bytes", use.ack_wire_bytes);
}

void write_streams(JsonWriter& json, const RunResult& result) {
  const StreamsResult& streams = *result.streams;
  json.member("congestion", result.description.streams);
  json.member("receive_window_bytes", streams.tcp.receive_window_bytes);
  json.member("send_buffer_bytes", streams.tcp.send_buffer_bytes);
  json.member("initial_window_segments", std::uint64_t{streams.tcp.initial_window_segments});
  json.member("rto_min_seconds", seconds(streams.tcp.timeout_min));
  object(json, "cohorts", [&] {
    for (const CohortStreams& cohort : streams.cohorts)
      object(json, cohort.cohort, [&] {
        json.member("states_sent", cohort.states_sent);
        json.member("states_skipped", cohort.states_skipped);
        object(json, "downstream", [&] { write_stream_use(json, cohort.downstream); });
        object(json, "upstream", [&] { write_stream_use(json, cohort.upstream); });
      });
  });
}

void write_updates(JsonWriter& json, const UpdatesResult& updates) {
  json.member("expected_hz", updates.expected_hz);
  json.key("diagnosis");
  json.begin_array();
  for (const std::string& sentence : updates.diagnosis) json.value(sentence);
  json.end_array();
  object(json, "cohorts", [&] {
    for (const CohortUpdates& cohort : updates.cohorts)
      object(json, cohort.cohort, [&] {
        member(json, "per_client_per_second", cohort.per_second);
        member(json, "interval_seconds", cohort.interval_seconds);
        member(json, "jitter_seconds", cohort.jitter_seconds);
        member(json, "since_update_seconds", cohort.since_update_seconds);
        json.member("stall_after_seconds", cohort.stall_after_seconds);
        json.member("stalls", cohort.stalls);
        json.member("sequence_gaps", cohort.gaps);
        json.member("sequence_skipped", cohort.skipped);
        json.member("sequence_reversals", cohort.reversals);
        json.member("early_closes", cohort.early_closes);
      });
  });
}

void write_cohort(JsonWriter& json, const CohortResult& cohort) {
  json.member("clients", cohort.clients);
  json.member("link", cohort.link);
  json.member("downstream_bytes", cohort.downstream_bytes);
  json.member("upstream_bytes", cohort.upstream_bytes);
  member(json, "downstream_per_client_per_second", cohort.downstream_per_client_per_second);
  member(json, "upstream_per_client_per_second", cohort.upstream_per_client_per_second);
  member(json, "latency_seconds", cohort.latency_seconds);
  object(json, "network", [&] { write_network(json, cohort.network); });
  json.member("joins", cohort.joins);
  json.member("leaves", cohort.leaves);
  json.member("connections_lost", cohort.connections_lost);
  json.member("reconnects", cohort.reconnects);
  json.member("resumes", cohort.resumes);
  json.member("reconnect_attempts", cohort.reconnect_attempts);
}

void write_app_messages(JsonWriter& json, const std::vector<AppMessageResult>& messages) {
  array(json, "app_messages", messages, [&](const AppMessageResult& each) {
    line(json, [&] {
      json.member("name", each.name);
      json.member("direction", each.direction);
      json.member("sent", each.sent);
      json.member("received", each.received);
      json.member("sent_bytes", each.sent_bytes);
    });
  });
}

void write_way(JsonWriter& json, const ProxyResult::Way& way) {
  json.member("taken_bytes", way.taken_bytes);
  json.member("given_bytes", way.given_bytes);
  json.member("pauses", way.pauses);
}

void write_proxy(JsonWriter& json, const ProxyResult& proxy) {
  json.member("listening", proxy.listening);
  json.member("to", proxy.to);
  json.member("clients", proxy.clients);
  json.member("clients_at_end", proxy.clients_at_end);
  json.member("clients_most", proxy.clients_most);
  json.member("reached", proxy.reached);
  json.member("turned_away", proxy.turned_away);
  counts(json, "ends", proxy.ends);
  object(json, "up", [&] { write_way(json, proxy.up); });
  object(json, "down", [&] { write_way(json, proxy.down); });
  json.member("link_changes", proxy.link_changes);
  json.member("link_changes_refused", proxy.link_changes_refused);
}

void write_figures(JsonWriter& json, std::string_view name, const SeriesColumn& column,
                   double (*figure)(const metrics::Point&)) {
  json.key(name);
  json.begin_array(Layout::one_line);
  for (const metrics::Point& point : column.points)
    point.count > 0 ? json.value(figure(point) / column.steps_per_unit) : json.null();
  json.end_array();
}

void write_column(JsonWriter& json, const SeriesColumn& column) {
  write_figures(json, "mean", column, [](const metrics::Point& point) { return point.mean(); });
  write_figures(json, "min", column,
                [](const metrics::Point& point) { return static_cast<double>(point.min); });
  write_figures(json, "max", column,
                [](const metrics::Point& point) { return static_cast<double>(point.max); });
}

void write_series(JsonWriter& json, const SeriesResult& series, bool of_host) {
  json.member("begins_at_seconds", seconds(series.begins));
  json.member("seconds", series.seconds);
  json.member("step_seconds", series.step_seconds);
  object(json, "columns", [&] {
    for (const SeriesColumn& column : series.columns)
      if (column.host == of_host) object(json, column.name, [&] { write_column(json, column); });
  });
}

void write_results(JsonWriter& json, const RunResult& result) {
  object(json, "bytes", [&] { write_bytes(json, result.bytes); });
  member(json, "latency_seconds", result.latency_seconds);
  object(json, "ticks", [&] { write_ticks(json, result.ticks); });
  object(json, "network", [&] { write_network(json, result.network); });
  if (result.streams) object(json, "streams", [&] { write_streams(json, result); });
  if (result.updates) object(json, "updates", [&] { write_updates(json, *result.updates); });
  counts(json, "errors", result.errors);
  digest_member(json, "world_digest", result.world_digest);
  if (result.series) object(json, "series", [&] { write_series(json, *result.series, false); });
  if (result.server_starts) json.member("server_starts", *result.server_starts);
  if (!result.connection_problem.empty()) json.member("connection_problem", result.connection_problem);
  if (!result.app_messages.empty()) write_app_messages(json, result.app_messages);
  if (result.proxy) object(json, "proxy", [&] { write_proxy(json, *result.proxy); });
  object(json, "cohorts", [&] {
    for (const CohortResult& cohort : result.cohorts)
      object(json, cohort.name, [&] { write_cohort(json, cohort); });
  });
}

void write_host(JsonWriter& json, const RunResult& result) {
  json.member("wall_seconds", result.host.wall_seconds);
  json.member("speedup", speedup(result));
  member(json, "tick_seconds", result.host.tick_seconds);
  member(json, "tick_phase_seconds", result.host.tick_phase_seconds);
  json.member("cpu_seconds", result.host.cpu_seconds);
  json.member("rss_bytes_max", result.host.rss_bytes_max);
  json.member("threads", result.host.threads);
  if (result.series) object(json, "series", [&] { write_series(json, *result.series, true); });
}

void write_threshold(JsonWriter& json, const ThresholdResult& threshold) {
  line(json, [&] {
    json.member("metric", threshold.metric);
    json.member("expression", threshold.expression);
    json.key("value");
    threshold.value ? json.value(*threshold.value) : json.null();
    json.member("state", text(threshold.state));
    if (!threshold.reason.empty()) json.member("reason", threshold.reason);
  });
}

void write_change(JsonWriter& json, const ByteChange& change) {
  line(json, [&] {
    json.member("kind", text(change.kind));
    json.member("direction", change.direction);
    json.member("name", change.name);
    json.member("bytes_before", change.before.bytes);
    json.member("bytes", change.after.bytes);
    json.member("tolerated", change.tolerated);
  });
}

void write_change(JsonWriter& json, const MetricChange& change) {
  line(json, [&] {
    json.member("name", change.name);
    json.member("before", change.before);
    json.member("now", change.after);
    json.member("gated", change.gated);
    json.member("tolerated", change.tolerated);
  });
}

void write_comparison(JsonWriter& json, const BaselineComparison& comparison) {
  json.member("file", comparison.baseline);
  json.member("state", text(comparison.state));
  if (!comparison.problem.empty()) json.member("problem", comparison.problem);
  const auto write_one = [&](const auto& change) { write_change(json, change); };
  array(json, "changes", comparison.changes, write_one);
  if (!comparison.metrics.empty()) array(json, "metrics", comparison.metrics, write_one);
}

void write_head(JsonWriter& json, const RunResult& result) {
  json.member("schema", kResultSchema);
  json.member("version", result.version);
  object(json, "scenario", [&] {
    write_identity(json, result.scenario, [&] { json.member("seed", result.seed); });
    json.member("network", result.description.network);
    json.member("streams", result.description.streams);
    json.member("target", result.description.target);
  });
  json.member("deterministic", result.deterministic);
  json.member("verdict", text(result.verdict()));
  json.member("exit_code", status(result.process_code()));
  digest_member(json, "digest", result.digest);
  json.member("simulated_seconds", seconds(result.simulated));
  json.member("events", result.events);
}

void write(JsonWriter& json, const RunResult& result) {
  json.begin_object();
  write_head(json, result);
  object(json, "metrics", [&] {
    for (const auto& [name, value] : result.metrics) {
      json.key(name);
      write(json, value);
    }
  });
  object(json, "results", [&] { write_results(json, result); });
  object(json, "generator", [&] {
    json.member("late_ticks", result.generator.late_ticks);
    json.member("send_queue_full", result.generator.send_queue_full);
    member(json, "lateness_seconds", result.generator.lateness_seconds);
  });
  object(json, "host", [&] { write_host(json, result); });
  array(json, "thresholds", result.thresholds,
        [&](const ThresholdResult& each) { write_threshold(json, each); });
  if (result.comparison) object(json, "baseline", [&] { write_comparison(json, *result.comparison); });
  json.member("replay", result.replay);
  json.end_object();
}

}  // namespace

void write_identity(JsonWriter& json, const RunIdentity& identity, const std::function<void()>& write_seeds) {
  json.member("name", identity.name);
  json.member("file_digest", identity.file_digest);
  write_seeds();
  json.member("clock", identity.clock);
  json.member("transport", identity.transport);
  json.member("dialect", identity.dialect);
  json.member("replication", identity.replication);
  json.member("clients", identity.clients);
  json.member("duration_seconds", seconds(identity.duration));
}

void write_breakdown(JsonWriter& json, const TrafficTotals& totals) {
  object(json, "by_message", [&] {
    for (const auto& entry : totals.by_message) {
      json.key(entry.first);
      line(json, [&] {
        json.member("count", entry.second.count);
        json.member("bytes", entry.second.bytes);
      });
    }
  });
  json.key("by_layer");
  line(json, [&] {
    json.member("payload", totals.by_layer.payload);
    json.member("protocol", totals.by_layer.protocol);
    json.member("transport_model", totals.by_layer.transport_model);
  });
}

std::string result_json(const RunResult& result) {
  JsonWriter json;
  write(json, result);
  return json.finish();
}

std::string results_json(const SeedsResult& result) {
  JsonWriter json;
  json.begin_object();
  json.member("schema", kResultsSchema);
  json.member("verdict", text(result.verdict()));
  json.member("exit_code", status(result.process_code()));
  if (result.comparison) object(json, "baseline", [&] { write_comparison(json, *result.comparison); });
  array(json, "runs", result.documents, [&](const std::string& document) { json.document(document); });
  json.end_object();
  return json.finish();
}

}  // namespace netrig::loadgen
