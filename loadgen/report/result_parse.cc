#include "netrig/loadgen/report/result_parse.h"

#include <charconv>
#include <fmt/format.h>

#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/result_json.h"
#include "netrig/loadgen/report/threshold.h"

namespace netrig::loadgen {
namespace {

// The totals must add up: a file that was edited by hand is worth less than none.
void check_sums(JsonReader& reader, const JsonPlace& direction, const TrafficTotals& totals) {
  std::uint64_t messages = 0;
  for (const auto& [name, message] : totals.by_message) messages += message.bytes;
  if (messages != totals.by_layer.payload)
    reader.refuse(direction, "does not add up: by_message is not payload");
  if (reader.whole(reader.member(direction, "total")) != totals.by_layer.total())
    reader.refuse(direction, "does not add up: by_layer is not total");
}

Summary read_summary(JsonReader& reader, const JsonPlace& at) {
  const auto number = [&](std::string_view key) { return reader.number(reader.member(at, key)); };
  return {.count = reader.whole(reader.member(at, "count")),
          .mean = number("mean"),
          .min = number("min"),
          .p50 = number("p50"),
          .p90 = number("p90"),
          .p95 = number("p95"),
          .p99 = number("p99"),
          .max = number("max")};
}

Named<MetricValue> read_metrics(JsonReader& reader, const JsonPlace& metrics) {
  Named<MetricValue> all;
  for (const auto& [name, value] : reader.object(metrics).items()) {
    const JsonPlace at = reader.member(metrics, name);
    MetricValue read = std::uint64_t{0};
    if (value.is_object())
      read = read_summary(reader, at);
    else if (value.is_number_unsigned())
      read = reader.whole(at);
    else
      read = reader.number(at);
    all.emplace_back(printable(name), read);
  }
  return all;
}

std::vector<ThresholdResult> read_thresholds(JsonReader& reader, const JsonPlace& thresholds) {
  std::vector<ThresholdResult> all;
  for (const Json& each : reader.array(thresholds)) {
    const JsonPlace at{&each, fmt::format("{}[{}]", thresholds.path, all.size())};
    ThresholdResult result;
    result.metric = printable(reader.text(reader.member(at, "metric")));
    result.expression = printable(reader.text(reader.member(at, "expression")));
    const JsonPlace value = reader.member(at, "value");
    if (!value.value->is_null()) result.value = reader.number(value);
    const JsonPlace state = reader.member(at, "state");
    const std::optional<ThresholdState> known = threshold_state_from(reader.text(state));
    if (!known) reader.refuse(state, "is no state of a threshold");
    result.state = known.value_or(ThresholdState::no_data);
    const JsonPlace reason = reader.optional_member(at, "reason");
    if (!reason.value->is_null()) result.reason = printable(reader.text(reason));
    all.push_back(std::move(result));
  }
  return all;
}

std::optional<std::uint64_t> read_digest(JsonReader& reader, const JsonPlace& at) {
  if (at.value->is_null()) return std::nullopt;
  const std::string text = reader.text(at);
  std::uint64_t digest = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), digest, 16);
  if (error != std::errc{} || end != text.data() + text.size() || text.size() != 16)
    reader.refuse(at, "is not 16 hex digits");
  return digest;
}

}  // namespace

RunIdentity read_identity(JsonReader& reader, const JsonPlace& scenario) {
  const auto text = [&](std::string_view key) {
    return printable(reader.text(reader.member(scenario, key)));
  };
  return {.name = text("name"),
          .file_digest = text("file_digest"),
          .clock = text("clock"),
          .transport = text("transport"),
          .dialect = text("dialect"),
          .replication = text("replication"),
          .clients = reader.whole(reader.member(scenario, "clients")),
          .duration = reader.duration(reader.member(scenario, "duration_seconds"))};
}

TrafficTotals read_totals(JsonReader& reader, const JsonPlace& direction) {
  TrafficTotals totals;
  const JsonPlace by_message = reader.member(direction, "by_message");
  for (const auto& [name, value] : reader.object(by_message).items()) {
    const JsonPlace message = reader.member(by_message, name);
    totals.by_message[printable(name)] = {.count = reader.whole(reader.member(message, "count")),
                                          .bytes = reader.whole(reader.member(message, "bytes"))};
  }
  const JsonPlace by_layer = reader.member(direction, "by_layer");
  totals.by_layer = {.payload = reader.whole(reader.member(by_layer, "payload")),
                     .protocol = reader.whole(reader.member(by_layer, "protocol")),
                     .transport_model = reader.whole(reader.member(by_layer, "transport_model"))};
  check_sums(reader, direction, totals);
  return totals;
}

RunResult read_result(JsonReader& reader, const JsonPlace& root) {
  const JsonPlace scenario = reader.member(root, "scenario");
  const JsonPlace bytes = reader.member(reader.member(root, "results"), "bytes");
  RunResult result;
  result.version = printable(reader.text(reader.member(root, "version")));
  result.scenario = read_identity(reader, scenario);
  result.seed = reader.whole(reader.member(scenario, "seed"));
  result.digest = read_digest(reader, reader.member(root, "digest"));
  result.simulated = reader.duration(reader.member(root, "simulated_seconds"));
  result.events = reader.whole(reader.member(root, "events"));
  result.bytes.downstream.totals = read_totals(reader, reader.member(bytes, "downstream"));
  result.bytes.upstream.totals = read_totals(reader, reader.member(bytes, "upstream"));
  result.metrics = read_metrics(reader, reader.member(root, "metrics"));
  result.thresholds = read_thresholds(reader, reader.member(root, "thresholds"));
  result.replay = printable(reader.text(reader.member(root, "replay")));
  const JsonPlace exit_code = reader.member(root, "exit_code");
  const std::optional<ExitCode> code = exit_code_from(reader.whole(exit_code));
  if (!code) reader.refuse(exit_code, "is not an exit code");
  result.exit_code = code.value_or(ExitCode::internal_error);
  return result;
}

std::optional<RunResult> parse_result(std::string_view json, std::string& problem) {
  StrictParser parser;
  const Json document = parser.parse(json);
  JsonReader reader;
  RunResult result;
  if (parser.problem().empty()) result = read_result(reader, {&document, ""});
  problem = parser.problem().empty() ? reader.problem() : parser.problem();
  if (!problem.empty()) return std::nullopt;
  return result;
}

}  // namespace netrig::loadgen
