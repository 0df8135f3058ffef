#include "netrig/loadgen/report/baseline.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/io/input_file.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/report/result_json.h"
#include "netrig/metrics/catalog.h"

namespace netrig::loadgen {
namespace {

constexpr std::uint64_t kBaselineBytesMax = 64 * 1024 * 1024;  // 1,000 seeds' results are about 15 MB

constexpr std::string_view kMessageBytes = metrics::catalog::kMessageBytesTotal.metric().name;
constexpr std::string_view kWireBytes = metrics::catalog::kWireBytesTotal.metric().name;

std::string_view metric_of(const ByteChange& change) {
  return change.kind == ByteChange::Kind::message ? kMessageBytes : kWireBytes;
}

void add_to(TrafficTotals& sum, const TrafficTotals& more) {
  for (const auto& [name, totals] : more.by_message) {
    sum.by_message[name].count += totals.count;
    sum.by_message[name].bytes += totals.bytes;
  }
  sum.by_layer.payload += more.by_layer.payload;
  sum.by_layer.protocol += more.by_layer.protocol;
  sum.by_layer.transport_model += more.by_layer.transport_model;
}

template <class T>
std::string differ(std::string_view what, const T& before, const T& now) {
  return fmt::format("not comparable: {} was {}, now {}", what, before, now);
}

// A sentence about the first difference that forbids a comparison, or nothing.
std::string difference(const RunIdentity& before, const RunIdentity& now) {
  if (before.name != now.name) return differ("name", before.name, now.name);
  if (before.clock != now.clock) return differ("clock", before.clock, now.clock);
  if (before.transport != now.transport) return differ("transport", before.transport, now.transport);
  if (before.dialect != now.dialect) return differ("dialect", before.dialect, now.dialect);
  if (before.replication != now.replication)
    return differ("replication", before.replication, now.replication);
  if (before.clients != now.clients) return differ("clients", before.clients, now.clients);
  if (before.duration != now.duration)
    return differ("duration", text_of_duration(before.duration), text_of_duration(now.duration));
  return {};
}

std::string seeds_text(const std::vector<std::uint64_t>& seeds) {
  return fmt::format("{}", fmt::join(seeds, " "));
}

std::string difference(const Baseline& before, const Baseline& now) {
  std::string problem = difference(before.identity, now.identity);
  if (problem.empty() && before.seeds != now.seeds)
    return differ("seed", seeds_text(before.seeds), seeds_text(now.seeds));
  return problem;
}

// Collects what differs, with the growth that passes marked.
class Changes {
 public:
  explicit Changes(std::span<const Tolerance> tolerances) : tolerances_(tolerances) {}

  void compare_messages(std::string_view direction, const TrafficTotals& before, const TrafficTotals& now) {
    for (const auto& [name, old_totals] : before.by_message) {
      const auto found = now.by_message.find(name);
      add(ByteChange::Kind::message, direction, name, old_totals,
          found == now.by_message.end() ? MessageTotals{} : found->second);
    }
    for (const auto& [name, new_totals] : now.by_message)
      if (!before.by_message.contains(name)) add(ByteChange::Kind::message, direction, name, {}, new_totals);
  }

  void compare_layers(std::string_view direction, const LayerBytes& before, const LayerBytes& now) {
    const auto layer = [&](ByteChange::Kind kind, std::string_view name, std::uint64_t a, std::uint64_t b) {
      add(kind, direction, name, {.bytes = a}, {.bytes = b});
    };
    layer(ByteChange::Kind::layer, "payload", before.payload, now.payload);
    layer(ByteChange::Kind::layer, "protocol", before.protocol, now.protocol);
    layer(ByteChange::Kind::layer, "transport_model", before.transport_model, now.transport_model);
    layer(ByteChange::Kind::total, "total", before.total(), now.total());
  }

  std::vector<ByteChange> take() { return std::move(changes_); }

 private:
  void add(ByteChange::Kind kind, std::string_view direction, std::string_view name, MessageTotals before,
           MessageTotals after) {
    if (before == after) return;
    ByteChange change{.kind = kind,
                      .direction = std::string{direction},
                      .name = std::string{name},
                      .before = before,
                      .after = after};
    change.tolerated = change.grew() && is_tolerated(change);
    changes_.push_back(std::move(change));
  }

  bool is_tolerated(const ByteChange& change) const {
    const auto growth = static_cast<double>(change.after.bytes - change.before.bytes);
    return std::ranges::any_of(tolerances_, [&](const Tolerance& each) {
      return each.metric == metric_of(change) &&
             growth * 1e6 <= static_cast<double>(change.before.bytes) * each.parts_per_million;
    });
  }

  std::span<const Tolerance> tolerances_;
  std::vector<ByteChange> changes_;
};

ComparisonState state_of(const std::vector<ByteChange>& changes) {
  const auto is_growth = [](const ByteChange& change) { return change.grew() && !change.tolerated; };
  if (std::ranges::any_of(changes, is_growth)) return ComparisonState::grew;
  return std::ranges::any_of(changes, &ByteChange::shrank) ? ComparisonState::shrank : ComparisonState::same;
}

BaselineComparison unusable(const std::string& baseline, std::string problem) {
  return {.baseline = baseline, .state = ComparisonState::unusable, .problem = std::move(problem)};
}

}  // namespace

Result<Baseline, std::string> make_baseline(std::span<const RunResult> runs) {
  NETRIG_ASSERT(!runs.empty());
  Baseline baseline{.identity = runs.front().scenario, .seeds = {}, .downstream = {}, .upstream = {}};
  for (const RunResult& run : runs) {
    if (!ran_to_the_end(run.exit_code))
      return fmt::format("the run of seed {} did not finish: {}", run.seed, text(run.exit_code));
    if (std::ranges::count(baseline.seeds, run.seed) > 0)
      return fmt::format("seed {} stands there twice", run.seed);
    if (std::string problem = difference(baseline.identity, run.scenario); !problem.empty()) return problem;
    baseline.seeds.push_back(run.seed);
    add_to(baseline.downstream, run.bytes.downstream.totals);
    add_to(baseline.upstream, run.bytes.upstream.totals);
  }
  std::ranges::sort(baseline.seeds);
  return baseline;
}

std::string baseline_json(const Baseline& baseline) {
  JsonWriter json;
  json.begin_object();
  json.member("schema", kBaselineSchema);
  json.key("scenario");
  json.begin_object();
  write_identity(json, baseline.identity, [&] {
    json.key("seeds");
    json.begin_array(JsonWriter::Layout::one_line);
    for (const std::uint64_t seed : baseline.seeds) json.value(seed);
    json.end_array();
  });
  json.end_object();
  json.key("bytes");
  json.begin_object();
  for (const auto& [name, totals] :
       {std::pair{"downstream", &baseline.downstream}, {"upstream", &baseline.upstream}}) {
    json.key(name);
    json.begin_object();
    json.member("total", totals->by_layer.total());
    write_breakdown(json, *totals);
    json.end_object();
  }
  json.end_object();
  json.end_object();
  return json.finish();
}

Result<Baseline, std::string> read_baseline(const std::string& path) {
  const auto contents = read_input(path, kBaselineBytesMax);
  if (!contents) return contents.error().text;
  auto baseline = parse_baseline(*contents);
  if (!baseline) return path + ": " + baseline.error();
  return baseline;
}

Result<Tolerance, std::string> parse_tolerance(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return fmt::format("\"{}\" is not METRIC=P%, such as {}=0.5%", text, kWireBytes);
  const std::string_view metric = text.substr(0, equals);
  if (metric != kMessageBytes && metric != kWireBytes)
    return fmt::format("\"{}\" has no tolerance; {} and {} have", metric, kMessageBytes, kWireBytes);
  const auto percent = parse_percentage_ppm(text.substr(equals + 1));
  if (!percent) return percent.error();
  return Tolerance{.parts_per_million = *percent,
                   .metric = metric == kWireBytes ? kWireBytes : kMessageBytes};
}

BaselineComparison compare(const std::string& baseline, const Baseline& before, const Baseline& now,
                           std::span<const Tolerance> tolerances) {
  if (std::string problem = difference(before, now); !problem.empty())
    return unusable(baseline, std::move(problem));
  Changes changes{tolerances};
  changes.compare_messages("downstream", before.downstream, now.downstream);
  changes.compare_messages("upstream", before.upstream, now.upstream);
  changes.compare_layers("downstream", before.downstream.by_layer, now.downstream.by_layer);
  changes.compare_layers("upstream", before.upstream.by_layer, now.upstream.by_layer);
  BaselineComparison comparison{.baseline = baseline, .changes = changes.take()};
  comparison.state = state_of(comparison.changes);
  if (before.identity.file_digest != now.identity.file_digest)
    comparison.notes.push_back(fmt::format("the scenario file has changed since: its digest was {}, now {}",
                                           before.identity.file_digest, now.identity.file_digest));
  return comparison;
}

BaselineComparison compare_files(const std::string& baseline, const std::string& result,
                                 std::span<const Tolerance> tolerances) {
  const auto before = read_baseline(baseline);
  if (!before) return unusable(baseline, before.error());
  const auto now = read_baseline(result);
  if (!now) return unusable(baseline, now.error());
  return compare(baseline, *before, *now, tolerances);
}

BaselineComparison compare_with_file(const std::string& baseline, std::span<const RunResult> runs,
                                     std::span<const Tolerance> tolerances) {
  const auto before = read_baseline(baseline);
  if (!before) return unusable(baseline, before.error());
  const auto now = make_baseline(runs);
  if (!now) return unusable(baseline, now.error());
  return compare(baseline, *before, *now, tolerances);
}

ExitCode exit_code_of(ComparisonState state) {
  switch (state) {
    case ComparisonState::same:
    case ComparisonState::shrank:
      return ExitCode::pass;
    case ComparisonState::grew:
      return ExitCode::regression;
    case ComparisonState::unusable:
      return ExitCode::baseline_unusable;
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

std::string_view text(ComparisonState state) {
  switch (state) {
    case ComparisonState::same:
      return "same";
    case ComparisonState::shrank:
      return "shrank";
    case ComparisonState::grew:
      return "grew";
    case ComparisonState::unusable:
      return "unusable";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

std::string_view text(ByteChange::Kind kind) {
  switch (kind) {
    case ByteChange::Kind::message:
      return "message";
    case ByteChange::Kind::layer:
      return "layer";
    case ByteChange::Kind::total:
      return "total";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

}  // namespace netrig::loadgen
