#include "netrig/loadgen/report/baseline.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/io/input_file.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/io/utf8.h"
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

  // What has grown most first; equal ones as they stood.
  void sort_by_growth() {
    std::ranges::stable_sort(changes_, std::ranges::greater{}, [](const ByteChange& change) {
      return static_cast<std::int64_t>(change.after.bytes - change.before.bytes);
    });
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

ComparisonState state_of(const BaselineComparison& comparison) {
  const bool more_bytes = std::ranges::any_of(
      comparison.changes, [](const ByteChange& change) { return change.grew() && !change.tolerated; });
  const bool more_else = std::ranges::any_of(
      comparison.metrics, [](const MetricChange& change) { return change.gated && !change.tolerated; });
  if (more_bytes || more_else) return ComparisonState::grew;
  return std::ranges::any_of(comparison.changes, &ByteChange::shrank) ? ComparisonState::shrank
                                                                      : ComparisonState::same;
}

// ---- metrics

struct Figure {
  std::string_view name;
  double Summary::*value;
};
constexpr std::array<Figure, 7> kFigures{{{"mean", &Summary::mean},
                                          {"min", &Summary::min},
                                          {"p50", &Summary::p50},
                                          {"p90", &Summary::p90},
                                          {"p95", &Summary::p95},
                                          {"p99", &Summary::p99},
                                          {"max", &Summary::max}}};

Result<const metrics::Metric*, std::string> known_metric(std::string_view name) {
  if (const metrics::Metric* known = metrics::catalog::find(name)) return known;
  const std::optional<std::string_view> meant = metrics::catalog::nearest(name);
  return fmt::format("there is no metric \"{}\"{}", printable(name),
                     meant ? fmt::format("; did you mean \"{}\"?", *meant) : "");
}

// Empty: a histogram has this figure, and anything else has none.
std::string figure_problem(const metrics::Metric& metric, std::string_view figure) {
  const bool has_figures = metric.kind == metrics::Kind::histogram;
  if (!has_figures)
    return figure.empty() ? "" : fmt::format("{} is one number, without figures", metric.name);
  if (std::ranges::count(kFigures, figure, &Figure::name) > 0) return {};
  std::string names;
  for (const Figure& each : kFigures) names.append(names.empty() ? "" : " ").append(each.name);
  return fmt::format("{} is a histogram; name a figure, such as {}.p95=5% (there are {})", metric.name,
                     metric.name, names);
}

// What the host measures of itself differs from run to run.
bool is_of_the_host(std::string_view name) {
  return std::ranges::any_of(metrics::catalog::all(), [&](const metrics::Metric& metric) {
    return metric.name == name && metric.traits.has(metrics::Trait::host);
  });
}

void add_to(MetricValue& sum, const MetricValue& more, double share) {
  if (auto* const counter = std::get_if<std::uint64_t>(&sum)) {
    if (const auto* other = std::get_if<std::uint64_t>(&more)) *counter += *other;
  } else if (auto* const number = std::get_if<double>(&sum)) {
    if (const auto* other = std::get_if<double>(&more)) *number += *other;
  } else if (const auto* other = std::get_if<Summary>(&more)) {
    auto& summary = std::get<Summary>(sum);
    summary.count += other->count;
    for (const Figure& figure : kFigures) summary.*figure.value += share * other->*figure.value;
  }
}

MetricValue zero_like(const MetricValue& value) {
  if (std::holds_alternative<std::uint64_t>(value)) return std::uint64_t{0};
  if (std::holds_alternative<double>(value)) return 0.0;
  return Summary{};
}

// Runs of one scenario have the same metrics in the same order.
void add_to(Named<MetricValue>& sum, const Named<MetricValue>& more, double share) {
  if (sum.empty())
    for (const auto& [name, value] : more) sum.emplace_back(name, zero_like(value));
  for (std::size_t i = 0; i < std::min(sum.size(), more.size()); ++i)
    if (sum[i].first == more[i].first) add_to(sum[i].second, more[i].second, share);
}

const MetricValue* find(const Named<MetricValue>& metrics, std::string_view name) {
  const auto found = std::ranges::find(metrics, name, &std::pair<std::string, MetricValue>::first);
  return found == metrics.end() ? nullptr : &found->second;
}

double number_of(const MetricValue& value) {
  if (const auto* counter = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*counter);
  return std::get<double>(value);
}

class MetricChanges {
 public:
  explicit MetricChanges(std::span<const Tolerance> tolerances) : tolerances_(tolerances) {}

  void compare(const metrics::Metric& metric, const MetricValue& before, const MetricValue& after) {
    const auto* const old_summary = std::get_if<Summary>(&before);
    const auto* const new_summary = std::get_if<Summary>(&after);
    if (old_summary == nullptr && new_summary == nullptr)
      return add(metric.name, "", number_of(before), number_of(after));
    if (old_summary == nullptr || new_summary == nullptr) return;
    for (const Figure& figure : kFigures)
      add(metric.name, figure.name, old_summary->*figure.value, new_summary->*figure.value);
  }
  std::vector<MetricChange> take() { return std::move(changes_); }

 private:
  void add(std::string_view metric, std::string_view figure, double before, double after) {
    const auto tolerance = std::ranges::find_if(
        tolerances_, [&](const Tolerance& each) { return each.metric == metric && each.figure == figure; });
    const bool gated = tolerance != tolerances_.end();
    if (before == after || (!gated && is_of_the_host(metric))) return;
    constexpr double kRounding = 1 + 1e-9;  // 2 to 2.2 is 10 %, not a little more
    const bool kept = gated && (after - before) * 1e6 <= before * tolerance->parts_per_million * kRounding;
    changes_.push_back({.name = std::string{metric} + (figure.empty() ? "" : "." + std::string{figure}),
                        .before = before,
                        .after = after,
                        .gated = gated,
                        .tolerated = kept});
  }

  std::span<const Tolerance> tolerances_;
  std::vector<MetricChange> changes_;
};

bool is_byte_total(std::string_view metric) {
  return metric == kMessageBytes || metric == kWireBytes;
}

// The first metric that has a tolerance and stands in one of the files only, as a sentence.
std::string missing_metric(const Baseline& before, const Baseline& now,
                           std::span<const Tolerance> tolerances) {
  for (const Tolerance& tolerance : tolerances) {
    if (is_byte_total(tolerance.metric)) continue;
    if (find(before.metrics, tolerance.metric) == nullptr || find(now.metrics, tolerance.metric) == nullptr)
      return fmt::format("not comparable: {} stands in results (--out json) only, not in baselines",
                         tolerance.metric);
  }
  return {};
}

std::vector<MetricChange> metric_changes(const Baseline& before, const Baseline& now,
                                         std::span<const Tolerance> tolerances) {
  MetricChanges changes{tolerances};
  for (const metrics::Metric& metric : metrics::catalog::all()) {
    const MetricValue* const was = find(before.metrics, metric.name);
    const MetricValue* const is = find(now.metrics, metric.name);
    if (was == nullptr || is == nullptr || is_byte_total(metric.name)) continue;  // counted by message above
    changes.compare(metric, *was, *is);
  }
  return changes.take();
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
    add_to(baseline.metrics, run.metrics, 1.0 / static_cast<double>(runs.size()));
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

std::string tolerance_name(const metrics::Metric& metric) {
  return std::string{metric.name} + (metric.kind == metrics::Kind::histogram ? ".p95=" : "=");
}

Result<Tolerance, std::string> parse_tolerance(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return fmt::format("\"{}\" is not METRIC=P%, such as {}=0.5%", printable(text), kWireBytes);
  const std::string_view name = text.substr(0, equals);
  const std::size_t dot = name.find('.');
  const std::string_view figure = dot == std::string_view::npos ? "" : name.substr(dot + 1);
  const auto metric = known_metric(name.substr(0, dot));
  if (!metric) return metric.error();
  const std::string problem = figure_problem(**metric, figure);
  if (!problem.empty()) return problem;
  const auto percent = parse_percentage_ppm(text.substr(equals + 1));
  if (!percent) return percent.error();
  const auto known = std::ranges::find(kFigures, figure, &Figure::name);
  return Tolerance{.parts_per_million = *percent,
                   .metric = (*metric)->name,
                   .figure = known == kFigures.end() ? std::string_view{} : known->name};
}

BaselineComparison compare(const std::string& baseline, const Baseline& before, const Baseline& now,
                           std::span<const Tolerance> tolerances) {
  if (std::string problem = difference(before, now); !problem.empty())
    return unusable(baseline, std::move(problem));
  if (std::string problem = missing_metric(before, now, tolerances); !problem.empty())
    return unusable(baseline, std::move(problem));
  Changes changes{tolerances};
  changes.compare_messages("downstream", before.downstream, now.downstream);
  changes.compare_messages("upstream", before.upstream, now.upstream);
  changes.sort_by_growth();
  changes.compare_layers("downstream", before.downstream.by_layer, now.downstream.by_layer);
  changes.compare_layers("upstream", before.upstream.by_layer, now.upstream.by_layer);
  BaselineComparison comparison{.baseline = baseline, .changes = changes.take()};
  comparison.metrics = metric_changes(before, now, tolerances);
  comparison.state = state_of(comparison);
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
