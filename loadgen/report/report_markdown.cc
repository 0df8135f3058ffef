// GitHub's dialect: https://github.github.com/gfm/, whose tables GitLab and Gitea read too.
#include "netrig/loadgen/report/report_markdown.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "netrig/core/base/digest.h"
#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/report/report_sections.h"
#include "netrig/loadgen/report/report_seeds.h"
#include "netrig/loadgen/report/report_text.h"
#include "netrig/loadgen/report/threshold.h"

namespace netrig::loadgen {
namespace {

// Plain text wherever it stands: no markup, no HTML, no end of a table's cell.
std::string plain(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      if (std::string_view{"\\`*_{}[]()#+-.!|~>@:"}.find(c) != std::string_view::npos) result += '\\';
      result += c;
    }
  }
  return result;
}

// A block that ends nowhere inside `text`.
std::string code_block(std::string_view text) {
  const std::string line = printable(text);
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char c : line) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fence + "\n" + line + "\n" + fence + "\n";
}

// Each cell is Markdown already.
class Table {
 public:
  // `layout`: "lr" is a left-aligned column and a right-aligned one.
  Table(std::string_view layout, const std::vector<std::string>& heads) {
    add(heads);
    text_ += "|";
    for (const char side : layout) text_ += side == 'r' ? " ---: |" : " --- |";
    text_ += "\n";
  }
  void add(const std::vector<std::string>& cells) {
    text_ += "|";
    for (const std::string& cell : cells) text_ += " " + cell + " |";
    text_ += "\n";
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string_view mark(ThresholdState state) {
  switch (state) {
    case ThresholdState::passed:
      return "✅";
    case ThresholdState::failed:
    case ThresholdState::no_data:
      return "❌";
    case ThresholdState::not_applicable:
      break;
  }
  return "➖";
}

std::string title(const RunIdentity& scenario, ExitCode code, std::string_view reason) {
  const bool passed = code == ExitCode::pass;
  return fmt::format("### {} netrig: {} {}\n\n{}{}\n", passed ? "✅" : "❌", plain(scenario.name),
                     text(verdict_of(code)), plain(reason),
                     passed ? "" : fmt::format(" \\(exit {}\\)", status(code)));
}

std::string folded(std::string_view summary, const std::string& inside) {
  return fmt::format("\n<details><summary>{}</summary>\n\n{}\n</details>\n", summary, inside);
}

// ---- one run

std::string thresholds(const RunResult& result) {
  if (result.thresholds.empty()) return {};
  Table table{"lllr", {"", "threshold", "", "value"}};
  for (const ThresholdResult& each : result.thresholds)
    table.add({std::string{mark(each.state)}, plain(each.metric), plain(each.expression),
               each.value                              ? in_base_unit(*each.value, unit_of(each))
               : each.state == ThresholdState::no_data ? "no data"
                                                       : plain(each.reason)});
  return "\n" + table.text();
}

std::string updates(const UpdatesResult& updates) {
  std::string text = "\n**Updates**\n\n";
  for (const std::string& sentence : updates.diagnosis) text += "- " + plain(sentence) + "\n";
  return text;
}

void add_direction(Table& table, std::string_view direction, const DirectionResult& result,
                   double client_seconds) {
  const LayerBytes& layers = result.totals.by_layer;
  const auto total = static_cast<double>(layers.total());
  const auto add = [&](const std::string& name, const std::string& messages, std::uint64_t bytes) {
    const double rate = client_seconds > 0 ? static_cast<double>(bytes) / client_seconds : 0.0;
    table.add({std::string{direction}, name, messages, whole(bytes), whole(rate),
               percent(static_cast<double>(bytes), total)});
  };
  for (const auto& [message, totals] : by_weight(result.totals))
    add(plain(message), whole(totals.count), totals.bytes);
  add("protocol", "", layers.protocol);
  add("transport model", "", layers.transport_model);
  add("**total**", "", layers.total());
}

std::string bandwidth(const BytesResult& bytes) {
  Table table{"llrrrr", {"", "message", "messages", "bytes", "B/s per client", "share"}};
  add_direction(table, "down", bytes.downstream, bytes.client_seconds);
  add_direction(table, "up", bytes.upstream, bytes.client_seconds);
  const auto total = [](const DirectionResult& direction) {
    return short_bytes(static_cast<double>(direction.totals.by_layer.total()));
  };
  return folded(fmt::format("Bandwidth: {} down, {} up", total(bytes.downstream), total(bytes.upstream)),
                table.text());
}

// ---- the baseline

std::string baseline(const BaselineComparison& comparison) {
  const bool passed = exit_code_of(comparison.state) == ExitCode::pass;
  std::string text = fmt::format("\n**Baseline** {}: {} {}\n", plain(comparison.baseline), passed ? "✅" : "❌",
                                 plain(comparison_clause(comparison)));
  if (comparison.changes.empty()) return text;
  Table table{"llrrrr", {"", "bytes", "baseline", "now", "change", ""}};
  for (const ByteChange& change : comparison.changes) {
    const auto bytes = static_cast<std::int64_t>(change.after.bytes - change.before.bytes);
    table.add({change.direction == "downstream" ? "down" : "up",
               change.kind == ByteChange::Kind::total ? "**total**" : plain(change.name),
               whole(change.before.bytes), whole(change.after.bytes), signed_whole(bytes),
               signed_percent(static_cast<double>(bytes), static_cast<double>(change.before.bytes))});
  }
  return text + "\n" + table.text();
}

// ---- several seeds

std::string spreads(const SeedsResult& result) {
  const std::vector<ThresholdSpread> all = threshold_spreads(result.runs);
  if (all.empty()) return {};
  Table table{"lllrrrr", {"", "threshold", "", "min", "median", "max", "failing"}};
  for (const ThresholdSpread& each : all) {
    const auto value = [&](double Spread::*which) -> std::string {
      if (!each.values) return "-";
      const double number = (*each.values).*which;
      return in_base_unit(number,
                          unit_of({.metric = each.metric, .expression = each.expression, .value = number}));
    };
    table.add({std::string{mark(each.state)}, plain(each.metric), plain(each.expression), value(&Spread::min),
               value(&Spread::median), value(&Spread::max), each.failing == 0 ? "" : whole(each.failing)});
  }
  return "\n" + table.text();
}

std::string byte_spreads(const SeedsResult& result) {
  if (result.runs.empty()) return {};
  Table table{"lrrr", {"bytes of one run", "min", "median", "max"}};
  for (const auto& [name, direction] :
       {std::pair{"down", &BytesResult::downstream}, {"up", &BytesResult::upstream}}) {
    std::vector<double> totals;
    for (const RunResult& run : result.runs)
      totals.push_back(static_cast<double>((run.bytes.*direction).totals.by_layer.total()));
    const Spread spread = *spread_of(std::move(totals));
    table.add({name, whole(spread.min), whole(spread.median), whole(spread.max)});
  }
  return "\n" + table.text();
}

std::string failing_seeds(const SeedsResult& result) {
  std::string commands;
  for (const LostRun& lost : result.lost) commands += code_block(lost.replay);
  std::size_t count = result.lost.size();
  for (const RunResult& run : result.runs) {
    if (run.exit_code == ExitCode::pass) continue;
    ++count;
    commands += code_block(run.replay);
  }
  return count == 0 ? "" : folded(fmt::format("{} failing seed{}", count, count == 1 ? "" : "s"), commands);
}

}  // namespace

std::string result_markdown(const RunResult& result) {
  std::string text = title(result.scenario, result.exit_code, verdict_reason(result));
  text += thresholds(result);
  if (result.updates) text += updates(*result.updates);
  if (result.comparison) text += baseline(*result.comparison);
  text += bandwidth(result.bytes);
  text += "\nRepeat with\n\n" + code_block(result.replay);
  if (result.digest) text += fmt::format("\ndigest {}\n", digest_text(*result.digest));
  return text;
}

std::string result_markdown(const SeedsResult& result) {
  std::string text = title(result.described.scenario, result.exit_code, seeds_reason(result));
  text += spreads(result);
  if (result.comparison) text += baseline(*result.comparison);
  text += byte_spreads(result);
  text += failing_seeds(result);
  return text + "\nRepeat with\n\n" + code_block(result.replay);
}

}  // namespace netrig::loadgen
