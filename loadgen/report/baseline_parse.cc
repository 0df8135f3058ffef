// The one place that reads result files and baselines, and the one that names nlohmann's JSON library.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/report/result_json.h"

namespace netrig::loadgen {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 32;                  // a result has 7 levels
constexpr double kSecondsMax = 9'000'000'000;  // what a Duration holds: 2^63 ns

// Parses, and refuses what the library lets pass: a key given twice and endless nesting.
class StrictParser {
 public:
  // Worth something only when there is no problem afterwards.
  Json parse(std::string_view text) {
    try {
      return Json::parse(text, [this](int depth, Json::parse_event_t event, const Json& value) {
        return check(depth, event, value);
      });
    } catch (const Json::exception& error) {
      const std::string_view what =
          error.what();  // "[json.exception...] parse error at line 3, column 5: ..."
      problem_ = "not JSON: " + printable(what.substr(what.find("] ") + 2));
      return {};
    }
  }
  const std::string& problem() const { return problem_; }

 private:
  bool check(int depth, Json::parse_event_t event, const Json& value) {
    if (depth > kDepthMax && problem_.empty())
      problem_ = fmt::format("nested deeper than {} levels", kDepthMax);
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key && !keys_.back().insert(value.get<std::string>()).second &&
        problem_.empty())
      problem_ =
          fmt::format("the key \"{}\" stands twice in one object", printable(value.get<std::string>()));
    return problem_.empty();  // false: keep no more of it
  }

  std::vector<std::set<std::string>> keys_;  // of the objects that are open
  std::string problem_;
};

struct Place {
  const Json* value;
  std::string path;  // "bytes.downstream.total"
};

// Reads what must be there. After the first fault, `problem()` stays and every answer is empty.
class Reader {
 public:
  const std::string& problem() const { return problem_; }
  void refuse(const Place& at, std::string_view why) {
    if (problem_.empty()) problem_ = at.path.empty() ? std::string{why} : fmt::format("{} {}", at.path, why);
  }

  Place member(const Place& in, std::string_view key) {
    Place place{&kNothing, (in.path.empty() ? "" : in.path + ".") + printable(key)};
    if (!in.value->is_object()) {
      refuse(in, "is not an object");
    } else if (const auto found = in.value->find(key); found != in.value->end()) {
      place.value = &*found;
    } else {
      refuse(place, "is missing");
    }
    return place;
  }

  // An empty object or array after a fault.
  const Json& object(const Place& at) { return checked(at, at.value->is_object(), "is not an object"); }
  const Json& array(const Place& at) { return checked(at, at.value->is_array(), "is not an array"); }

  std::string text(const Place& at) {
    return checked(at, at.value->is_string(), "is not a string").is_string() ? at.value->get<std::string>()
                                                                             : "";
  }
  std::uint64_t whole(const Place& at) {
    constexpr std::string_view kWhy = "is not a whole number from 0 to 2^64 - 1";
    return checked(at, at.value->is_number_unsigned(), kWhy).is_null() ? 0 : at.value->get<std::uint64_t>();
  }
  Duration duration(const Place& at) {
    const double value = at.value->is_number() ? at.value->get<double>() : -1;
    if (value < 0 || value > kSecondsMax) return refuse(at, "is not a number of seconds"), Duration{};
    return Duration{std::llround(value * 1e9)};
  }

 private:
  static inline const Json kNothing{};  // null

  const Json& checked(const Place& at, bool is_right, std::string_view why) {
    if (!is_right) refuse(at, why);
    return is_right ? *at.value : kNothing;
  }

  std::string problem_;
};

RunIdentity read_identity(Reader& reader, const Place& scenario) {
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

// The totals must add up: a file that was edited by hand is worth less than none.
void check_sums(Reader& reader, const Place& direction, const TrafficTotals& totals) {
  std::uint64_t messages = 0;
  for (const auto& [name, message] : totals.by_message) messages += message.bytes;
  if (messages != totals.by_layer.payload)
    reader.refuse(direction, "does not add up: by_message is not payload");
  if (reader.whole(reader.member(direction, "total")) != totals.by_layer.total())
    reader.refuse(direction, "does not add up: by_layer is not total");
}

TrafficTotals read_totals(Reader& reader, const Place& direction) {
  TrafficTotals totals;
  const Place by_message = reader.member(direction, "by_message");
  for (const auto& [name, value] : reader.object(by_message).items()) {
    const Place message = reader.member(by_message, name);
    totals.by_message[printable(name)] = {.count = reader.whole(reader.member(message, "count")),
                                          .bytes = reader.whole(reader.member(message, "bytes"))};
  }
  const Place by_layer = reader.member(direction, "by_layer");
  totals.by_layer = {.payload = reader.whole(reader.member(by_layer, "payload")),
                     .protocol = reader.whole(reader.member(by_layer, "protocol")),
                     .transport_model = reader.whole(reader.member(by_layer, "transport_model"))};
  check_sums(reader, direction, totals);
  return totals;
}

Baseline read_baseline_document(Reader& reader, const Place& root) {
  const Place scenario = reader.member(root, "scenario");
  const Place seeds = reader.member(scenario, "seeds");
  const Place bytes = reader.member(root, "bytes");
  Baseline baseline{.identity = read_identity(reader, scenario),
                    .seeds = {},
                    .downstream = read_totals(reader, reader.member(bytes, "downstream")),
                    .upstream = read_totals(reader, reader.member(bytes, "upstream"))};
  for (const Json& seed : reader.array(seeds)) baseline.seeds.push_back(reader.whole({&seed, seeds.path}));
  if (baseline.seeds.empty()) reader.refuse(seeds, "is empty");
  std::ranges::sort(baseline.seeds);
  return baseline;
}

// Only what a baseline is made from.
RunResult read_result(Reader& reader, const Place& root) {
  const Place scenario = reader.member(root, "scenario");
  const Place bytes = reader.member(reader.member(root, "results"), "bytes");
  RunResult result;
  result.scenario = read_identity(reader, scenario);
  result.seed = reader.whole(reader.member(scenario, "seed"));
  result.bytes.downstream.totals = read_totals(reader, reader.member(bytes, "downstream"));
  result.bytes.upstream.totals = read_totals(reader, reader.member(bytes, "upstream"));
  const Place exit_code = reader.member(root, "exit_code");
  const std::optional<ExitCode> code = exit_code_from(reader.whole(exit_code));
  if (!code) reader.refuse(exit_code, "is not an exit code");
  result.exit_code = code.value_or(ExitCode::internal_error);
  return result;
}

std::vector<RunResult> read_runs(Reader& reader, const Place& root) {
  const Place runs = reader.member(root, "runs");
  std::vector<RunResult> results;
  for (const Json& run : reader.array(runs))
    results.push_back(read_result(reader, {&run, fmt::format("runs[{}]", results.size())}));
  if (results.empty()) reader.refuse(runs, "is empty");
  return results;
}

}  // namespace

Result<Baseline, std::string> parse_baseline(std::string_view json) {
  StrictParser parser;
  const Json document = parser.parse(json);
  if (!parser.problem().empty()) return parser.problem();
  Reader reader;
  const Place root{&document, ""};
  const Place schema_place = reader.member(root, "schema");
  const std::string schema = reader.text(schema_place);
  Baseline baseline;
  std::vector<RunResult> runs;
  if (schema == kBaselineSchema)
    baseline = read_baseline_document(reader, root);
  else if (schema == kResultSchema)
    runs = {read_result(reader, root)};
  else if (schema == kResultsSchema)
    runs = read_runs(reader, root);
  else
    reader.refuse(schema_place, fmt::format("is \"{}\", not {}, {} or {}", printable(schema), kBaselineSchema,
                                            kResultSchema, kResultsSchema));
  if (!reader.problem().empty()) return reader.problem();
  if (runs.empty()) return baseline;
  return make_baseline(runs);
}

}  // namespace netrig::loadgen
