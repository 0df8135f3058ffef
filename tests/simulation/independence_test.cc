// Whoever is added to a run leaves the others' luck, and the run's driver leaves the run, as they were.
#include <boost/test/unit_test.hpp>
#include <string>

#include "netrig/tests/simulation/whole_run.h"

namespace netrig::loadgen::testing {
namespace {

// As many entities whoever comes, and a window that waits for nobody: what cohorts share stays the same.
const std::string kFirst =
    "netrig: 1\nname: cohorts\nduration: 15s\ntransport: tcp\nstream: {congestion: ideal}\n"
    "measure: {after: start}\n"
    "server: {players_max: 8, avatars: from_start}\n"
    "clients:\n"
    "  - name: first\n    count: 3\n    behaviour: {wander: 50%, fight: 50%}\n"
    "    link: {rtt: {from: 100ms, to: 900ms}, jitter: 20ms, loss: 2%}\n    join: {ramp: 1s}\n";
const std::string kSecond =
    "  - name: second\n    count: 5\n    behaviour: fight\n    link: {rtt: 50ms, loss: 10%}\n"
    "    join: {ramp: 2s}\n    leave: {at: 9s}\n";

void check_same(const Summary& a, const Summary& b) {
  BOOST_TEST(a.count > 0u);
  BOOST_TEST(a.count == b.count);
  BOOST_TEST(a.mean == b.mean);
  BOOST_TEST(a.min == b.min);
  BOOST_TEST(a.p50 == b.p50);
  BOOST_TEST(a.p99 == b.p99);
  BOOST_TEST(a.max == b.max);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(independence)

BOOST_AUTO_TEST_CASE(a_cohort_at_the_end_changes_nothing_for_those_before_it) {
  const Scenario alone = scenario_of(kFirst);
  const Scenario joined = scenario_of(kFirst + kSecond);

  const Plan plan_alone = make_plan(alone, 11);
  const Plan plan_joined = make_plan(joined, 11);
  BOOST_TEST(plan_joined.clients.size() == 8u);
  for (std::size_t i = 0; i < plan_alone.clients.size(); ++i) {
    BOOST_TEST((plan_alone.clients[i].join == plan_joined.clients[i].join));
    BOOST_TEST((plan_alone.clients[i].phase_offset == plan_joined.clients[i].phase_offset));
    BOOST_TEST(plan_alone.clients[i].drift_ppb == plan_joined.clients[i].drift_ppb);
  }

  // Neither do the runs: each of the first cohort's packets meets the same fate at the same time.
  const RunResult run_alone = run_virtual(alone, 11).result();
  const RunResult run_joined = run_virtual(joined, 11).result();
  BOOST_TEST(*run_alone.digest != *run_joined.digest);
  const CohortResult& a = run_alone.cohorts.at(0);
  const CohortResult& b = run_joined.cohorts.at(0);
  BOOST_TEST(a.downstream_bytes == b.downstream_bytes);
  BOOST_TEST(a.upstream_bytes == b.upstream_bytes);
  for (const char* const name : {"connect", "rtt", "state_age", "input_to_ack", "clock_offset_error"}) {
    BOOST_TEST_CONTEXT(name) check_same(latency(a.latency_seconds, name), latency(b.latency_seconds, name));
  }
}

BOOST_AUTO_TEST_CASE(showing_progress_leaves_the_run_as_it_is) {
  std::string longer = kFirst + kSecond;
  longer.replace(longer.find("duration: 15s"), 13, "duration: 900s");
  const Scenario scenario = scenario_of(longer);
  std::size_t shown = 0;
  RunControls controls;
  controls.on_progress = [&](const RunProgress& now) {
    ++shown;
    BOOST_TEST((now.simulated <= now.planned));
    BOOST_TEST(now.clients <= 8u);
  };
  const FinishedRun watched = run_virtual(scenario, 3, controls);
  const FinishedRun unwatched = run_virtual(scenario, 3);
  BOOST_TEST(*watched.result().digest == *unwatched.result().digest);
  BOOST_TEST_MESSAGE("progress was shown " << shown << " times");
}

BOOST_AUTO_TEST_CASE(interrupted_run_reports_what_it_has_measured) {
  const volatile std::sig_atomic_t already = 1;
  const FinishedRun run = run_virtual(scenario_of(kFirst), 1, {{}, &already});
  const RunResult& result = run.result();
  BOOST_TEST((result.exit_code == ExitCode::interrupted));
  BOOST_TEST((result.verdict() == Verdict::interrupted));
  BOOST_TEST(result.events > 0u);
  BOOST_TEST((result.simulated < Duration{15s}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen::testing
