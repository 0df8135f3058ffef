#include "netrig/loadgen/report/report_text.h"

#include <algorithm>
#include <fmt/format.h>

#include "netrig/core/base/digest.h"
#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/report/report_sections.h"
#include "netrig/loadgen/report/updates.h"

namespace netrig::loadgen {
namespace {

constexpr std::size_t kLabelColumns = 10;  // "transport" and a blank

void write_fact(std::ostream& out, std::string_view label, std::string_view fact, const Style& style) {
  if (fact.empty()) return;
  write_wrapped(out, {fmt::format("  {:<{}} ", label, kLabelColumns), Paint::faint}, printable(fact), style);
}

std::string clients_text(const RunResult& result) {
  const std::size_t cohorts = result.cohorts.size();
  return cohorts == 0 ? whole(result.scenario.clients)
                      : fmt::format("{} in {} cohort{}", whole(result.scenario.clients), cohorts,
                                    cohorts == 1 ? "" : "s");
}

std::string transport_text(const RunResult& result) {
  const RunIdentity& scenario = result.scenario;
  std::string text = scenario.transport;
  if (scenario.clock == "virtual") text += " (modelled)";
  if (!result.description.streams.empty()) text += ", " + result.description.streams + " stream";
  return text + fmt::format(", {} dialect, {} replication", scenario.dialect, scenario.replication);
}

// "name  link in words", the words aligned.
void write_cohort_links(std::ostream& out, const RunResult& result, const Style& style) {
  std::size_t widest = 0;
  for (const CohortResult& cohort : result.cohorts)
    widest = std::max(widest, columns_of(printable(cohort.name)));
  widest = std::min(widest, style.width / 4);
  for (const CohortResult& cohort : result.cohorts) {
    const std::string name = cut_to(printable(cohort.name), widest, style.unicode ? "…" : "~");
    const std::string padding(kLabelColumns + 3, ' ');
    const std::string gap(widest - columns_of(name) + 2, ' ');
    write_wrapped(out, {padding + name + gap, Paint::faint},
                  fmt::format("{} x {}", whole(cohort.clients), printable(cohort.link)), style);
  }
}

std::string threshold_clause(const RunResult& result) {
  const auto count = [&](ThresholdState state) {
    return static_cast<std::size_t>(std::ranges::count(result.thresholds, state, &ThresholdResult::state));
  };
  const std::size_t applicable = result.thresholds.size() - count(ThresholdState::not_applicable);
  const std::size_t bad = count(ThresholdState::failed) + count(ThresholdState::no_data);
  if (result.thresholds.empty()) return "no thresholds were declared";
  const std::string of = fmt::format("of {} threshold{}", applicable, applicable == 1 ? "" : "s");
  if (bad == 0) return fmt::format("{} {} hold{}", applicable, of, applicable == 1 ? "s" : "");
  return fmt::format("{} {} {} not hold", bad, of, bad == 1 ? "does" : "do");
}

void write_summary(std::ostream& out, const RunResult& result, const Style& style) {
  out << '\n';
  const std::string host = fmt::format("{} CPU, at most {} of memory", short_seconds(result.host.cpu_seconds),
                                       short_bytes(static_cast<double>(result.host.rss_bytes_max)));
  const std::string ran =
      result.scenario.clock == "virtual"
          ? fmt::format("simulated {} in {} ({}), {} events", short_seconds(seconds(result.simulated)),
                        short_seconds(result.host.wall_seconds), short_speedup(speedup(result)),
                        short_count(static_cast<double>(result.events)))
          : fmt::format("ran for {} on {} thread{}", short_seconds(seconds(result.simulated)),
                        result.host.threads, result.host.threads == 1 ? "" : "s");
  write_wrapped(out, {}, ran + ", " + host, style);
  if (result.server_starts > 1)
    write_wrapped(
        out, {},
        fmt::format("the server started anew {} during the run: {} epochs seen",
                    *result.server_starts == 2 ? "once" : fmt::format("{} times", *result.server_starts - 1),
                    *result.server_starts),
        style);
  std::string digests =
      "digest " + (result.digest ? digest_text(*result.digest) : "none: a real clock never repeats");
  if (result.world_digest) digests += ", world " + digest_text(*result.world_digest);
  write_wrapped(out, {}, digests, style);
}

}  // namespace

std::string verdict_reason(const RunResult& result) {
  std::string reason = threshold_clause(result);
  if (result.exit_code == ExitCode::target_unreachable && !result.connection_problem.empty())
    reason = "could not connect: " + printable(result.connection_problem) + "; " + reason;
  if (!result.warm_up_problem.empty()) reason = result.warm_up_problem + "; " + reason;
  if (result.comparison) reason += "; " + comparison_clause(*result.comparison);
  const bool says_code_itself =
      result.exit_code == ExitCode::pass || result.exit_code == ExitCode::threshold_failed ||
      (result.comparison &&
       (result.exit_code == ExitCode::regression || result.exit_code == ExitCode::baseline_unusable));
  if (!says_code_itself) reason = std::string{text(result.exit_code)} + "; " + reason;
  return reason;
}

void write_verdict(std::ostream& out, ExitCode code, std::string_view reason, const Style& style,
                   bool output_failed) {
  std::string word{text(verdict_of(code))};
  std::ranges::transform(word, word.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  const bool passed = code == ExitCode::pass;
  const std::string_view mark = !style.unicode ? "" : passed ? "✓ " : "✗ ";
  const ExitCode ends_with = output_failed ? worst(code, ExitCode::output_unwritable) : code;
  std::string clauses{reason};
  if (output_failed) clauses.append("; ").append(text(ExitCode::output_unwritable));
  if (ends_with != ExitCode::pass) clauses += fmt::format(" (exit {})", status(ends_with));
  write_wrapped(out, {fmt::format("{}{}  ", mark, word), passed ? Paint::good : Paint::bad}, clauses, style);
}

void write_outputs(std::ostream& out, const OutputNotes& outputs, const Style& style) {
  for (const std::string& file : outputs.written) write_wrapped(out, {"wrote "}, printable(file), style);
  for (const std::string& file : outputs.kept) write_wrapped(out, {"kept "}, printable(file), style);
  for (const OutputError& error : outputs.failed)
    write_wrapped(out, {"could not write ", Paint::bad}, printable(error.path + ": " + error.reason), style);
}

void write_header(std::ostream& out, const RunResult& result, const Style& style) {
  write_header(out, result, fmt::format("{}", result.seed), style);
}

void write_header(std::ostream& out, const RunResult& result, std::string_view seed, const Style& style) {
  const RunIdentity& scenario = result.scenario;
  write_wrapped(out, {"netrig " + result.version + "  ", Paint::faint}, printable(scenario.name), style);
  write_fact(out, "scenario", scenario.file_digest.empty() ? "" : "file digest " + scenario.file_digest,
             style);
  write_fact(out, "seed", seed, style);
  write_fact(out, "clock", scenario.clock + ", " + short_seconds(seconds(scenario.duration)) + " measured",
             style);
  write_fact(out, "transport", transport_text(result), style);
  write_fact(out, "target", result.description.target, style);
  write_fact(out, "network", result.description.network, style);
  write_fact(out, "clients", clients_text(result), style);
  if (result.cohorts.size() > 1) write_cohort_links(out, result, style);  // one link stands above already
  out << '\n';
}

void write_report(std::ostream& out, const RunResult& result, const OutputNotes& outputs,
                  const Style& style) {
  const std::string reason = verdict_reason(result);
  write_verdict(out, result.exit_code, reason, style);
  write_thresholds(out, result, style);
  if (result.comparison) write_baseline(out, *result.comparison, style);
  write_proxy(out, result, style);
  write_updates(out, result, style);
  write_bandwidth(out, result, style);
  write_latency(out, result, style);
  write_ticks(out, result, style);
  write_network(out, result, style);
  write_streams(out, result, style);
  write_errors(out, result, style);
  write_app_messages(out, result, style);
  write_cohorts(out, result, style);
  write_sessions(out, result, style);
  write_generator(out, result, style);
  write_summary(out, result, style);
  write_outputs(out, outputs, style);
  write_verdict(out, result.exit_code, reason, style, result.output_failed);
  out << printable(result.replay) << '\n';
}

void write_comparison(std::ostream& out, const BaselineComparison& comparison, const Style& style) {
  const ExitCode code = exit_code_of(comparison.state);
  write_verdict(out, code, comparison_clause(comparison), style);
  write_baseline(out, comparison, style);
}

}  // namespace netrig::loadgen
