// The STREAMS section: what windows and losses made of the streams, in words and in figures.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/report_sections.h"

namespace netrig::loadgen {
namespace {

using enum Align;
using sim::StreamLimit;

std::string percent_of(double share) {
  return percent(share, 1.0);
}

std::string limits_text(const StreamUse& use) {
  const double congestion = use.share(StreamLimit::congestion_window);
  const double receiver = use.share(StreamLimit::receive_window);
  if (congestion == 0 && receiver == 0) return "no window ever limited the stream to a client";
  std::string text = "the stream to a client was limited by ";
  if (congestion > 0) text += "its congestion window for " + percent_of(congestion);
  if (congestion > 0 && receiver > 0) text += " and by ";
  if (receiver > 0) text += "the receive window for " + percent_of(receiver);
  return text + " of the time";
}

std::string states_text(const CohortStreams& cohort) {
  if (cohort.states_skipped == 0) return "no state was skipped";
  const std::uint64_t due = cohort.states_sent + cohort.states_skipped;
  return percent(static_cast<double>(cohort.states_skipped), static_cast<double>(due)) +
         " of its states were skipped";
}

std::string age_text(const RunResult& result, const CohortStreams& cohort) {
  const auto of_cohort = std::ranges::find(result.cohorts, cohort.cohort, &CohortResult::name);
  if (of_cohort == result.cohorts.end()) return "";
  for (const auto& [name, age] : of_cohort->latency_seconds)
    if (name == "state_age" && age.count > 0)
      return fmt::format("; a state was {} old when it arrived (p50)", short_seconds(age.p50));
  return "; no state arrived";
}

std::string ramp_up_text(const StreamUse& use) {
  if (use.ramp_up_seconds_p50 == 0) return "";
  return fmt::format("; slow start took {} (p50)", short_seconds(use.ramp_up_seconds_p50));
}

std::string sentence(const RunResult& result, const CohortStreams& cohort) {
  return limits_text(cohort.downstream) + "; " + states_text(cohort) + age_text(result, cohort) +
         ramp_up_text(cohort.downstream) + ".";
}

void add_use(TextTable& table, const std::string& name, const StreamUse& use) {
  if (use.streams == 0) return;
  const sim::StreamFacts& facts = use.facts;
  table.add({{name},
             {percent_of(use.share(StreamLimit::congestion_window))},
             {percent_of(use.share(StreamLimit::receive_window))},
             {percent_of(seconds(facts.slow_start) / std::max(seconds(facts.observed), 1e-9))},
             {short_bytes(static_cast<double>(facts.window_bytes_min))},
             {short_bytes(use.window_bytes_mean())},
             {whole(facts.fast_retransmissions)},
             {whole(facts.timeout_retransmissions)}});
}

}  // namespace

void write_streams(std::ostream& out, const RunResult& result, const Style& style) {
  if (!result.streams) return;
  const sim::TcpOptions& tcp = result.streams->tcp;
  write_title(
      out, "STREAMS",
      fmt::format("TCP with {}: receive window {}, send buffer {}, first flight {} segments",
                  printable(result.description.streams),
                  short_bytes(static_cast<double>(tcp.receive_window_bytes)),
                  short_bytes(static_cast<double>(tcp.send_buffer_bytes)), tcp.initial_window_segments),
      style);
  for (const CohortStreams& cohort : result.streams->cohorts)
    write_wrapped(out, {"  " + std::string{printable(cohort.cohort)} + ": ", Paint::strong},
                  sentence(result, cohort), style);
  TextTable table{{left, right, right, right, right, right, right, right}};
  std::vector<Cell> heads;
  for (const std::string_view name : {"", "cwnd", "rwnd", "slow", "least", "mean", "fast", "RTO"})
    heads.push_back({std::string{name}, Paint::faint});
  table.add(std::move(heads));
  for (const CohortStreams& cohort : result.streams->cohorts) {
    add_use(table, std::string{printable(cohort.cohort)} + " down", cohort.downstream);
    add_use(table, std::string{printable(cohort.cohort)} + " up", cohort.upstream);
  }
  table.write(out, style);
  write_wrapped(out, {"  "},
                "Share of the time in which bytes waited because the congestion window (cwnd) or the receive "
                "window (rwnd) was full, and share in slow start; the least and the mean congestion window; "
                "segments sent again by fast retransmit and after a timeout (RTO).",
                style);
}

}  // namespace netrig::loadgen
