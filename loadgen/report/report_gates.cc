// Thresholds and the baseline: what the verdict comes from.
#include <algorithm>
#include <fmt/format.h>

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

// The names of the message types that grew; the layers' when none did.
std::string grown_names(const std::vector<ByteChange>& changes) {
  std::string names;
  for (const auto kind : {ByteChange::Kind::message, ByteChange::Kind::layer}) {
    for (const ByteChange& change : changes)
      if (change.kind == kind && change.grew() && !change.tolerated)
        names += (names.empty() ? "" : ", ") + change_name(change);
    if (!names.empty()) break;
  }
  return names.empty() ? "the total" : names;
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
  for (const ThresholdResult& each : result.thresholds)
    if (!each.reason.empty())
      write_wrapped(out, {"  n/a  ", Paint::faint}, fmt::format("{}: {}", each.metric, each.reason), style);
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
      return "more bytes than the baseline: " + grown_names(comparison.changes);
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
  for (const std::string& note : comparison.notes) write_wrapped(out, {"  "}, printable(note), style);
  if (comparison.state == ComparisonState::shrank)
    write_wrapped(out, {"  "},
                  "Keep it that way: save this run with --save-baseline " + printable(comparison.baseline),
                  style);
}

}  // namespace netrig::loadgen
