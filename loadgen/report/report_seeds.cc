#include "netrig/loadgen/report/report_seeds.h"

#include <algorithm>
#include <fmt/format.h>

#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/report_sections.h"
#include "netrig/loadgen/report/threshold.h"

namespace netrig::loadgen {
namespace {

using enum Align;

constexpr std::size_t kSeedsShownMax = 20;  // a report is read; the JSON result has all

Cell head(std::string_view text) {
  return {std::string{text}, Paint::faint};
}

std::uint64_t passed(const SeedsResult& result) {
  return static_cast<std::uint64_t>(std::ranges::count(result.runs, ExitCode::pass, &RunResult::exit_code));
}

std::string value_text(const ThresholdSpread& threshold, double Spread::*which) {
  if (!threshold.values) return "-";
  const double value = (*threshold.values).*which;
  return in_base_unit(
      value, unit_of({.metric = threshold.metric, .expression = threshold.expression, .value = value}));
}

std::string failing_text(const ThresholdSpread& threshold) {
  return threshold.failing == 0 ? "" : fmt::format("fails in {}", threshold.failing);
}

void write_wide(std::ostream& out, const std::vector<ThresholdSpread>& spreads, const Style& style) {
  TextTable table{{left, left, left, right, right, right, left}, 1};
  table.add({{}, {}, {}, head("min"), head("median"), head("max")});
  for (const ThresholdSpread& each : spreads)
    table.add({threshold_cell(each.state, style),
               {each.metric},
               {printable(each.expression)},
               {value_text(each, &Spread::min)},
               {value_text(each, &Spread::median)},
               {value_text(each, &Spread::max)},
               {failing_text(each), Paint::bad}});
  table.write(out, style);
}

// Two lines for each: what holds, then between what.
void write_narrow(std::ostream& out, const std::vector<ThresholdSpread>& spreads, const Style& style) {
  TextTable table{{left, left, left, left}, 1};
  for (const ThresholdSpread& each : spreads) {
    const std::string range =
        each.values ? fmt::format("  {} to {}, median {}", value_text(each, &Spread::min),
                                  value_text(each, &Spread::max), value_text(each, &Spread::median))
                    : std::string{};
    table.add({threshold_cell(each.state, style),
               {each.metric},
               {printable(each.expression)},
               {failing_text(each), Paint::bad}});
    if (!range.empty()) table.add_line({"         " + range, Paint::faint});
  }
  table.write(out, style);
}

void write_threshold_spreads(std::ostream& out, const SeedsResult& result, const Style& style) {
  constexpr std::size_t kWideColumns = 120;
  const std::vector<ThresholdSpread> spreads = threshold_spreads(result.runs);
  if (spreads.empty()) return;
  write_title(out, "THRESHOLDS", "over the seeds", style);
  style.width >= kWideColumns ? write_wide(out, spreads, style) : write_narrow(out, spreads, style);
}

void add_bytes(TextTable& table, std::string_view name, const SeedsResult& result, auto bytes_of,
               Paint paint) {
  std::vector<double> values;
  for (const RunResult& run : result.runs) values.push_back(static_cast<double>(bytes_of(run)));
  const std::optional<Spread> spread = spread_of(std::move(values));
  if (!spread) return;
  const double range = spread->max - spread->min;
  table.add({{std::string{name}, paint},
             {whole(spread->min), paint},
             {whole(spread->median), paint},
             {whole(spread->max), paint},
             {spread->min > 0 && range > 0 ? signed_percent(range, spread->min) : "", Paint::faint}});
}

void add_direction(TextTable& table, std::string_view name, const SeedsResult& result,
                   DirectionResult BytesResult::*direction) {
  table.add({{std::string{name}, Paint::strong}, head("min"), head("median"), head("max"), head("range")});
  std::vector<std::pair<std::uint64_t, std::string>> heaviest;
  for (const auto& [message, totals] : (result.runs.front().bytes.*direction).totals.by_message)
    heaviest.emplace_back(totals.bytes, message);
  std::ranges::stable_sort(heaviest, std::ranges::greater{}, &std::pair<std::uint64_t, std::string>::first);
  for (const auto& row : heaviest)
    add_bytes(
        table, printable(row.second), result,
        [&](const RunResult& run) {
          const auto& messages = (run.bytes.*direction).totals.by_message;
          const auto found = messages.find(row.second);
          return found == messages.end() ? std::uint64_t{0} : found->second.bytes;
        },
        Paint::none);
  const auto layers = [&](const RunResult& run) -> const LayerBytes& {
    return (run.bytes.*direction).totals.by_layer;
  };
  add_bytes(
      table, "= payload", result, [&](const RunResult& run) { return layers(run).payload; }, Paint::none);
  add_bytes(
      table, "+ protocol", result, [&](const RunResult& run) { return layers(run).protocol; }, Paint::none);
  add_bytes(
      table, "+ transport model", result, [&](const RunResult& run) { return layers(run).transport_model; },
      Paint::none);
  add_bytes(
      table, "= total", result, [&](const RunResult& run) { return layers(run).total(); }, Paint::strong);
}

void write_byte_spreads(std::ostream& out, const SeedsResult& result, const Style& style) {
  if (result.runs.empty()) return;
  write_title(out, "BANDWIDTH", "bytes of one run, over the seeds", style);
  TextTable table{{left, right, right, right, right}};
  add_direction(table, "downstream", result, &BytesResult::downstream);
  table.add({});
  add_direction(table, "upstream", result, &BytesResult::upstream);
  table.write(out, style);
}

std::string why(const RunResult& run) {
  std::string text;
  for (const ThresholdResult& each : run.thresholds) {
    if (each.state != ThresholdState::failed && each.state != ThresholdState::no_data) continue;
    text += fmt::format("{}{} {} ", text.empty() ? "" : "; ", each.metric, printable(each.expression));
    text += each.value ? "was " + in_base_unit(*each.value, unit_of(each)) : "had no data";
  }
  return text.empty() ? std::string{netrig::loadgen::text(run.exit_code)} : text;
}

void write_failing(std::ostream& out, std::uint64_t seed, std::string_view reason, std::string_view replay,
                   const Style& style) {
  const Cell mark = failed_cell(fmt::format("seed {}", seed), style);
  write_wrapped(out, {"  " + mark.text + "  ", mark.paint}, reason, style);
  out << "    " << printable(replay) << '\n';
}

void write_failing_seeds(std::ostream& out, const SeedsResult& result, const Style& style) {
  const std::uint64_t failing = result.runs.size() - passed(result) + result.lost.size();
  if (failing == 0) return;
  write_title(out, "FAILING SEEDS", "", style);
  std::size_t shown = 0;
  for (const LostRun& lost : result.lost) {
    if (shown++ == kSeedsShownMax) break;
    write_failing(out, lost.seed, "the worker was lost: " + printable(lost.how), lost.replay, style);
  }
  for (const RunResult& run : result.runs) {
    if (run.exit_code == ExitCode::pass) continue;
    if (shown++ >= kSeedsShownMax) break;
    write_failing(out, run.seed, fmt::format("{} (exit {})", why(run), status(run.exit_code)), run.replay,
                  style);
  }
  if (failing > kSeedsShownMax) out << fmt::format("  and {} more\n", failing - kSeedsShownMax);
}

void write_summary(std::ostream& out, const SeedsResult& result, const Style& style) {
  Duration simulated{};
  std::uint64_t events = 0;
  for (const RunResult& run : result.runs) {
    simulated += run.simulated;
    events += run.events;
  }
  out << '\n';
  write_wrapped(
      out, {},
      fmt::format("simulated {} in {} ({}), {} events, {} at a time", short_seconds(seconds(simulated)),
                  short_seconds(result.wall_seconds),
                  short_speedup(result.wall_seconds > 0 ? seconds(simulated) / result.wall_seconds : 0.0),
                  short_count(static_cast<double>(events)), result.jobs),
      style);
}

}  // namespace

std::string seeds_reason(const SeedsResult& result) {
  std::string reason = fmt::format("{} of {} runs pass", passed(result), result.planned());
  const std::uint64_t missing = result.planned() - result.runs.size() - result.lost.size();
  if (!result.lost.empty()) reason += fmt::format("; {} lost", result.lost.size());
  if (missing > 0) reason += fmt::format("; {} not finished", missing);
  if (result.comparison) reason += "; " + comparison_clause(*result.comparison);
  return reason;
}

void write_seeds_header(std::ostream& out, const SeedsResult& result, const Style& style) {
  write_header(out, result.described,
               fmt::format("{} to {}: {} runs", result.first_seed, result.last_seed, whole(result.planned())),
               style);
}

void write_seeds_report(std::ostream& out, const SeedsResult& result, const OutputNotes& outputs,
                        const Style& style) {
  const std::string reason = seeds_reason(result);
  write_verdict(out, result.exit_code, reason, style);
  write_threshold_spreads(out, result, style);
  if (result.comparison) write_baseline(out, *result.comparison, style);
  write_byte_spreads(out, result, style);
  write_failing_seeds(out, result, style);
  write_summary(out, result, style);
  write_outputs(out, outputs, style);
  write_verdict(out, result.exit_code, reason, style, result.output_failed);
  out << printable(result.replay) << '\n';
}

}  // namespace netrig::loadgen
