#include "netrig/loadgen/report/updates.h"

#include <algorithm>
#include <fmt/format.h>

#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/report_sections.h"

namespace netrig::loadgen {
namespace {

using enum Align;

// By how much a rate may be off what the scenario expects before it is worth a sentence.
constexpr double kRateTolerance = 0.1;
// Intervals that differ by more than this share of one are uneven.
constexpr double kUnevenShare = 0.5;

// Of one entity. The middle interval, so that a few stalls do not hide the rhythm; of those who send several
// at once, the mean.
double rate_hz(const CohortUpdates& cohort) {
  const Summary& interval = cohort.interval_seconds;
  const double typical = interval.p50 > 0 ? interval.p50 : interval.mean;
  return typical > 0 ? 1 / typical : 0;
}

double longest_silence(const CohortUpdates& cohort) {
  return std::max(cohort.since_update_seconds.max, cohort.interval_seconds.max);
}

std::string times(std::uint64_t count, std::string_view one, std::string_view many) {
  return count == 1 ? std::string{one} : fmt::format("{} {}", whole(count), many);
}

std::string rate_text(const CohortUpdates& cohort, double expected_hz) {
  const double hz = rate_hz(cohort);
  const std::string what = fmt::format("each entity is updated {:.1f} times a second", hz);
  if (hz < expected_hz * (1 - kRateTolerance))
    return fmt::format("slow: {}; the scenario expects {:.0f}", what, expected_hz);
  if (hz > expected_hz * (1 + kRateTolerance))
    return fmt::format("faster than expected: {}; the scenario says {:.0f}", what, expected_hz);
  return what + ", as the scenario expects";
}

std::string gaps_text(const CohortUpdates& cohort) {
  const auto came = static_cast<double>(cohort.interval_seconds.count);
  const auto skipped = static_cast<double>(cohort.skipped);
  return fmt::format(
      "gaps: {} skipped numbers, {} in all ({} of the updates). A stream loses nothing, so the "
      "server never sent them here: its queue for a client was full, or it counts what it "
      "sends to others in the same sequence",
      times(cohort.gaps, "once the sequence", "times the sequence"), whole(cohort.skipped),
      percent(skipped, skipped + came));
}

void diagnose(const CohortUpdates& cohort, double expected_hz, std::vector<std::string>& facts) {
  if (cohort.joins == 0 && cohort.interval_seconds.count == 0)
    facts.emplace_back("no update ever came");
  else if (cohort.interval_seconds.count == 0)
    facts.emplace_back("no entity was updated twice while it was measured");
  else
    facts.push_back(rate_text(cohort, expected_hz));
  const std::size_t before = facts.size();
  if (cohort.gaps > 0) facts.push_back(gaps_text(cohort));
  if (cohort.reversals > 0)
    facts.push_back(
        fmt::format("the sequence went back or stood still {}: the server numbers some updates twice",
                    times(cohort.reversals, "once", "times")));
  if (cohort.stalls > 0)
    facts.push_back(fmt::format("stalls: {} nothing came for more than {}, for {} at the longest",
                                times(cohort.stalls, "once", "times"),
                                short_seconds(cohort.stall_after_seconds),
                                short_seconds(longest_silence(cohort))));
  const double interval = rate_hz(cohort) > 0 ? 1 / rate_hz(cohort) : 0;
  if (cohort.jitter_seconds.p95 > interval * kUnevenShare && cohort.jitter_seconds.count > 0)
    facts.push_back(fmt::format("uneven: one interval and the next differ by {} at the 95th percentile",
                                short_seconds(cohort.jitter_seconds.p95)));
  if (cohort.early_closes > 0)
    facts.push_back(
        fmt::format("closed early: {} from the other side, while the client wanted to stay",
                    times(cohort.early_closes, "one connection was ended", "connections were ended")));
  if (facts.size() == before && cohort.interval_seconds.count > 0)
    facts.emplace_back("no gap, no stall, nobody cut off");
}

Cell head(std::string_view text) {
  return {std::string{text}, Paint::faint};
}

}  // namespace

std::vector<std::string> diagnose(const UpdatesResult& updates) {
  std::vector<std::string> sentences;
  for (const CohortUpdates& cohort : updates.cohorts) {
    std::vector<std::string> facts;
    diagnose(cohort, updates.expected_hz, facts);
    for (const std::string& fact : facts) sentences.push_back(cohort.cohort + ": " + fact + ".");
  }
  sentences.push_back(
      updates.own_server
          ? "The protocol has no ping and no acknowledgement, so round trips and the time from "
            "input to effect are unknown; states have an age because the server is this run's own."
          : "The protocol has no ping, no acknowledgement and no common clock, so round trips, "
            "the time from input to effect and the age of states are unknown.");
  return sentences;
}

void write_updates(std::ostream& out, const RunResult& result, const Style& style) {
  if (!result.updates) return;
  write_title(out, "UPDATES", "as clients saw them come", style);
  TextTable table{{left, right, right, right, right, right, right, right, right, right}};
  table.add({{},
             head("each /s"),
             head("every p50"),
             head("p99"),
             head("jitter p95"),
             head("since p99"),
             head("gaps"),
             head("skipped"),
             head("stalls"),
             head("cut off")});
  for (const CohortUpdates& cohort : result.updates->cohorts)
    table.add({{printable(cohort.cohort)},
               {whole(cohort.per_second.mean)},
               {table_seconds(cohort.interval_seconds.p50)},
               {table_seconds(cohort.interval_seconds.p99)},
               {table_seconds(cohort.jitter_seconds.p95)},
               {table_seconds(cohort.since_update_seconds.p99)},
               {whole(cohort.gaps)},
               {whole(cohort.skipped)},
               {whole(cohort.stalls)},
               {whole(cohort.early_closes)}});
  table.write(out, style);
  for (const std::string& sentence : result.updates->diagnosis)
    write_wrapped(out, {"  "}, printable(sentence), style);
}

}  // namespace netrig::loadgen
