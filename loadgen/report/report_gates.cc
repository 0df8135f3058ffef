// Thresholds and the baseline: what the verdict comes from.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/report_sections.h"
#include "netrig/loadgen/report/threshold.h"
#include "netrig/metrics/catalog.h"

namespace netrig::loadgen {
namespace {

std::string value_text(const ThresholdResult& threshold) {
  return threshold.value ? in_base_unit(*threshold.value, unit_of(threshold)) : "-";
}

std::int64_t delta(std::uint64_t before, std::uint64_t after) {
  return static_cast<std::int64_t>(after - before);  // modulo 2^64: right for every real byte count
}

Paint paint_of(const ByteChange& change) {
  if (change.shrank()) return Paint::good;
  return change.grew() && !change.tolerated ? Paint::bad : Paint::none;
}

std::string change_name(const ByteChange& change) {
  std::string name = printable(change.name);
  std::ranges::replace(name, '_', ' ');
  return change.kind == ByteChange::Kind::message ? printable(change.name) : name;
}

void add_change(TextTable& table, const ByteChange& change) {
  const auto before = static_cast<double>(change.before.bytes);
  const std::int64_t bytes = delta(change.before.bytes, change.after.bytes);
  const std::int64_t count = delta(change.before.count, change.after.count);
  table.add({{change_name(change)},
             {change.direction == "downstream" ? "down" : "up"},
             {whole(change.before.bytes)},
             {whole(change.after.bytes)},
             {bytes == 0 ? "" : signed_whole(bytes), paint_of(change)},
             {bytes == 0 ? "" : signed_percent(static_cast<double>(bytes), before), paint_of(change)},
             {count == 0 ? "" : signed_whole(count)}});
}

void write_changes(std::ostream& out, const std::vector<ByteChange>& changes, const Style& style) {
  using enum Align;
  const bool counts_differ = std::ranges::any_of(
      changes, [](const ByteChange& change) { return change.before.count != change.after.count; });
  TextTable table{{left, left, right, right, right, right, right}};
  table.add({{"bytes", Paint::faint},
             {},
             {"baseline", Paint::faint},
             {"now", Paint::faint},
             {"change", Paint::faint},
             {},
             {counts_differ ? "messages" : "", Paint::faint}});
  for (const ByteChange& change : changes) add_change(table, change);
  table.write(out, style);
}

metrics::Unit unit_of(const MetricChange& change) {
  const metrics::Metric* metric = metrics::catalog::find(change.name.substr(0, change.name.find('.')));
  return metric == nullptr ? metrics::Unit::count : metric->unit;
}

// Those with a tolerance first, and always; of the others those that people ask about.
bool is_shown(const MetricChange& change) {
  constexpr double kWorthALine = 0.001;  // of the old value
  if (change.gated) return true;
  const std::size_t dot = change.name.find('.');
  const std::string figure = dot == std::string::npos ? "" : change.name.substr(dot + 1);
  const bool is_main = figure.empty() || figure == "p50" || figure == "p95" || figure == "max";
  return is_main && std::abs(change.after - change.before) > kWorthALine * std::abs(change.before);
}

void add_metric(TextTable& table, const MetricChange& change, const Style& style) {
  const double difference = change.after - change.before;
  const Paint paint = !change.gated ? Paint::none : change.tolerated ? Paint::good : Paint::bad;
  const Cell state = !change.gated      ? Cell{}
                     : change.tolerated ? passed_cell(style)
                                        : failed_cell("FAIL", style);
  const std::size_t dot = std::min(change.name.find('.'), change.name.size());
  table.add({{printable(change.name.substr(0, dot))},
             {printable(change.name.substr(std::min(dot + 1, change.name.size())))},
             {in_base_unit(change.before, unit_of(change))},
             {in_base_unit(change.after, unit_of(change))},
             {change.before == 0 ? "new" : signed_percent(difference, change.before), paint},
             state});
}

void write_metric_changes(std::ostream& out, const BaselineComparison& comparison, const Style& style) {
  using enum Align;
  TextTable table{{left, left, right, right, right, left}};
  table.add({{"other metrics", Paint::faint},
             {},
             {"baseline", Paint::faint},
             {"now", Paint::faint},
             {"change", Paint::faint}});
  bool any = false;
  for (const bool gated : {true, false}) {
    for (const MetricChange& change : comparison.metrics) {
      if (change.gated != gated || !is_shown(change)) continue;
      add_metric(table, change, style);
      any = true;
    }
  }
  if (!any) return;
  out << '\n';
  table.write(out, style);
}

// The names of the message types that grew; the layers' when none did.
std::string grown_names(const std::vector<ByteChange>& changes) {
  std::string names;
  for (const auto kind : {ByteChange::Kind::message, ByteChange::Kind::layer}) {
    for (const ByteChange& change : changes)
      if (change.kind == kind && change.grew() && !change.tolerated)
        names += (names.empty() ? "" : ", ") + change_name(change) +
                 (kind == ByteChange::Kind::layer ? " (wire_bytes_total)" : "");
    if (!names.empty()) break;
  }
  return names.empty() ? "the total" : names;
}

std::string grown_clause(const BaselineComparison& comparison) {
  std::string clause;
  const bool more_bytes = std::ranges::any_of(
      comparison.changes, [](const ByteChange& change) { return change.grew() && !change.tolerated; });
  if (more_bytes) clause = "more bytes than the baseline: " + grown_names(comparison.changes);
  std::string names;
  for (const MetricChange& change : comparison.metrics)
    if (change.gated && !change.tolerated) names += (names.empty() ? "" : ", ") + printable(change.name);
  if (!names.empty()) clause += (clause.empty() ? "" : "; ") + ("beyond its tolerance: " + names);
  return clause;
}

}  // namespace

Cell passed_cell(const Style& style) {
  return {style.unicode ? "✓ ok" : "ok", Paint::good};
}

Cell failed_cell(std::string_view word, const Style& style) {
  return {(style.unicode ? "✗ " : "") + std::string{word}, Paint::bad};
}

Cell threshold_cell(ThresholdState state, const Style& style) {
  switch (state) {
    case ThresholdState::passed:
      return passed_cell(style);
    case ThresholdState::failed:
      return failed_cell("FAIL", style);
    case ThresholdState::no_data:
      return failed_cell("NO DATA", style);
    case ThresholdState::not_applicable:
      return {style.unicode ? "  n/a" : "n/a", Paint::faint};
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

void write_thresholds(std::ostream& out, const RunResult& result, const Style& style) {
  if (result.thresholds.empty()) return;
  write_title(out, "THRESHOLDS", "", style);
  using enum Align;
  TextTable table{{left, left, left, right}, 1};
  for (const ThresholdResult& each : result.thresholds)
    table.add(
        {threshold_cell(each.state, style), {each.metric}, {printable(each.expression)}, {value_text(each)}});
  table.write(out, style);
  // One line for a reason, however many thresholds have it.
  std::vector<std::pair<std::string, std::string>> reasons;
  for (const ThresholdResult& each : result.thresholds) {
    if (each.reason.empty()) continue;
    const auto known = std::ranges::find(reasons, each.reason, &std::pair<std::string, std::string>::first);
    if (known == reasons.end())
      reasons.emplace_back(each.reason, each.metric);
    else
      known->second += ", " + each.metric;
  }
  for (const auto& [reason, names] : reasons)
    write_wrapped(out, {style.unicode ? "    n/a  " : "  n/a  ", Paint::faint}, reason + ": " + names, style);
}

std::string comparison_clause(const BaselineComparison& comparison) {
  switch (comparison.state) {
    case ComparisonState::same:
      return std::ranges::any_of(comparison.changes, &ByteChange::tolerated)
                 ? "no more bytes than the baseline and its tolerance"
                 : "no byte more than the baseline";
    case ComparisonState::shrank:
      return "fewer bytes than the baseline";
    case ComparisonState::grew:
      return grown_clause(comparison);
    case ComparisonState::unusable:
      return printable(comparison.problem);
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

void write_baseline(std::ostream& out, const BaselineComparison& comparison, const Style& style) {
  const bool is_bad =
      comparison.state == ComparisonState::grew || comparison.state == ComparisonState::unusable;
  const Cell state = is_bad ? failed_cell("FAIL", style) : passed_cell(style);
  write_title(out, "BASELINE", printable(comparison.baseline), style);
  write_wrapped(out, {"  " + state.text + "  ", state.paint}, comparison_clause(comparison), style);
  if (!comparison.changes.empty()) write_changes(out, comparison.changes, style);
  write_metric_changes(out, comparison, style);
  for (const std::string& note : comparison.notes) write_wrapped(out, {"  "}, printable(note), style);
  if (comparison.state == ComparisonState::shrank)
    write_wrapped(out, {"  "}, "Keep it that way: run with --save-baseline " + printable(comparison.baseline),
                  style);
}

}  // namespace netrig::loadgen
