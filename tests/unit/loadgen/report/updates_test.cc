#include "netrig/loadgen/report/updates.h"

#include <boost/test/unit_test.hpp>
#include <sstream>
#include <string>

namespace netrig::loadgen {
namespace {

CohortUpdates healthy() {
  CohortUpdates cohort{.cohort = "near", .joins = 4, .stall_after_seconds = 0.25};
  cohort.interval_seconds = {
      .count = 1'000, .mean = 0.05, .min = 0.05, .p50 = 0.05, .p99 = 0.05, .max = 0.05};
  cohort.jitter_seconds = {.count = 999};
  return cohort;
}

std::string diagnosis_of(const CohortUpdates& cohort, bool own_server = false) {
  std::string text;
  for (const std::string& sentence :
       diagnose({.expected_hz = 20, .own_server = own_server, .cohorts = {cohort}}))
    text += sentence + "\n";
  return text;
}

bool says(const CohortUpdates& cohort, std::string_view what) {
  return diagnosis_of(cohort).find(what) != std::string::npos;
}

BOOST_AUTO_TEST_SUITE(diagnosis_of_updates)

BOOST_AUTO_TEST_CASE(a_healthy_server_is_called_so_and_nothing_else) {
  BOOST_TEST(says(healthy(), "near: each entity is updated 20.0 times a second, as the scenario expects."));
  BOOST_TEST(says(healthy(), "near: no gap, no stall, nobody cut off."));
  for (const std::string_view word : {"slow", "faster", "gaps:", "stalls:", "uneven", "closed early"})
    BOOST_TEST(!says(healthy(), word), word);
}

BOOST_AUTO_TEST_CASE(what_is_unknown_is_said) {
  BOOST_TEST(says(healthy(), "no common clock"));
  BOOST_TEST(diagnosis_of(healthy(), true).find("states have an age") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rates_are_held_against_the_scenario) {
  CohortUpdates cohort = healthy();
  cohort.interval_seconds.p50 = 0.1;
  BOOST_TEST(says(cohort, "slow: each entity is updated 10.0 times a second; the scenario expects 20"));
  cohort.interval_seconds.p50 = 0.02;
  BOOST_TEST(
      says(cohort, "faster than expected: each entity is updated 50.0 times a second; the scenario says 20"));
  cohort.interval_seconds.p50 = 0;  // several at once: the mean says it
  BOOST_TEST(says(cohort, "updated 20.0 times a second, as the scenario expects"));
}

BOOST_AUTO_TEST_CASE(each_trouble_has_its_sentence) {
  CohortUpdates cohort = healthy();
  cohort.gaps = 3;
  cohort.skipped = 250;
  cohort.stalls = 2;
  cohort.since_update_seconds = {.count = 10, .max = 1.9};
  cohort.reversals = 1;
  cohort.jitter_seconds.p95 = 0.04;
  cohort.early_closes = 1;
  const std::string text = diagnosis_of(cohort);
  for (const std::string_view sentence :
       {"near: gaps: 3 times the sequence skipped numbers, 250 in all (20.0 % of the updates).",
        "near: stalls: 2 times nothing came for more than 250 ms, for 1.9 s at the longest.",
        "went back or stood still once", "uneven: one interval and the next differ by 40 ms",
        "near: closed early: one connection was ended from the other side, while the client wanted to stay."})
    BOOST_TEST(text.find(sentence) != std::string::npos, sentence << "\nin\n" << text);
  BOOST_TEST(text.find("no gap") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_that_said_nothing_is_told_from_one_that_was_not_heard_twice) {
  BOOST_TEST(says({.cohort = "near"}, "near: no update ever came."));
  BOOST_TEST(
      says({.cohort = "near", .joins = 1}, "near: no entity was updated twice while it was measured."));
}

BOOST_AUTO_TEST_CASE(the_report_has_the_section_in_the_venture_dialect_only) {
  RunResult result;
  std::ostringstream none;
  write_updates(none, result, {});
  BOOST_TEST(none.str().empty());
  result.updates = UpdatesResult{.expected_hz = 20, .own_server = false, .cohorts = {healthy()}};
  result.updates->diagnosis = diagnose(*result.updates);
  std::ostringstream text;
  write_updates(text, result, {});
  BOOST_TEST(text.str().find("UPDATES") != std::string::npos);
  BOOST_TEST(text.str().find("no gap, no stall, nobody cut off.") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
