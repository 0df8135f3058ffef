// Clients that come and go, and what a run makes of connections that are lost.
#include <boost/test/unit_test.hpp>
#include <string>

#include "netrig/loadgen/scenario/plan.h"
#include "netrig/tests/simulation/whole_run.h"

namespace netrig::loadgen::testing {
namespace {

// Eight players on a line of 100 ms, and a window that waits for nobody.
std::string eight(const std::string& keys, const std::string& server = "players_max: 20, rtt_max: 500ms") {
  return "netrig: 1\nname: eight\nduration: 60s\ntransport: tcp\nstream: {congestion: ideal}\n"
         "measure: {after: start}\nserver: {" +
         server + "}\nclients:\n  - name: a\n    count: 8\n    link: {rtt: 100ms}\n" + keys;
}

// Sessions that the plan lets live long enough to be had: 200 ms of connecting and a tick.
std::uint64_t sessions_planned(const Scenario& scenario, std::uint64_t seed) {
  std::uint64_t count = 0;
  for (const ClientPlan& client : make_plan(scenario, seed).clients) {
    Stays stays = client.stays();
    for (auto stay = stays.next(); stay && stay->from < Instant{} + 59s; stay = stays.next())
      count += !stay->until || *stay->until - stay->from > 400ms ? 1 : 0;
  }
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(presence_in_runs)

BOOST_AUTO_TEST_CASE(fixed_churn_is_followed_to_the_session) {
  const Scenario scenario = scenario_of(eight("    churn: {stay: 5s, away: 5s, times: fixed}\n"));
  const RunResult result = run_virtual(scenario, 1).result();
  BOOST_TEST(counter(result, "joins_total") == 8u * 6);
  BOOST_TEST(counter(result, "leaves_total") == 8u * 6);
  BOOST_TEST(result.latency_seconds.size() > 0u);
  BOOST_TEST(latency(result.latency_seconds, "connect").count == 8u * 6);
  BOOST_TEST(latency(result.latency_seconds, "connect").max < 0.3);  // from each join, not from the first
  BOOST_TEST(result.errors.empty());
  BOOST_TEST(counter(result, "desyncs_total") == 0u);
  // Everybody is away at the end, as planned, so nobody is missed.
  BOOST_TEST((result.exit_code == ExitCode::pass));
}

BOOST_AUTO_TEST_CASE(random_churn_is_what_the_plan_says) {
  const Scenario scenario = scenario_of(eight("    churn: {stay: 4s, away: 2s}\n"));
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const RunResult result = run_virtual(scenario, seed).result();
    BOOST_TEST(counter(result, "joins_total") >= sessions_planned(scenario, seed));
    BOOST_TEST(counter(result, "joins_total") <= sessions_planned(scenario, seed) + 20);
    BOOST_TEST(result.errors.empty());
    BOOST_TEST(counter(result, "desyncs_total") == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_reset_is_over_one_delay_later_and_everybody_comes_back) {
  const RunResult result = run_virtual(scenario_of(eight("    storm: {at: 20s}\n"
                                                         "    reconnect: {first: 1s, jitter: none}\n")),
                                       1)
                               .result();
  BOOST_TEST(counter(result, "reconnects_total") == 8u);
  BOOST_TEST(counter(result, "reconnect_attempts_total") == 8u);
  BOOST_TEST(counter(result, "joins_total") == 8u);
  BOOST_TEST(counter(result, "resumes_total") == 8u);
  const CohortResult& cohort = result.cohorts.at(0);
  BOOST_TEST(cohort.connections_lost == 8u);
  // 1 s of backoff, two round trips, and at most a tick.
  const Summary& back = latency(cohort.latency_seconds, "reconnect");
  BOOST_TEST(back.min >= 1.2 - 2e-9);
  BOOST_TEST(back.max <= 1.25 + 2e-9);
  BOOST_TEST(result.errors.empty());  // planned
  BOOST_TEST(counter(result, "desyncs_total") == 0u);
}

// Nobody tells the server, so it goes on sending until its idle timeout, and what it sends counts in the
// totals and in nobody's seconds.
BOOST_AUTO_TEST_CASE(a_silent_cut_leaves_a_ghost_until_the_idle_timeout) {
  const std::string keys = "    storm: {at: 20s, share: 50%, cut: ";
  const std::string policy = "}\n    reconnect: {first: 1s, jitter: none}\n";
  const std::string server = "players_max: 20, rtt_max: 500ms, resume_grace: 0s, avatars: none";
  const std::string npcs = "world: {npcs: 8}\n";
  const RunResult told = run_virtual(scenario_of(eight(keys + "reset" + policy, server) + npcs), 1).result();
  const RunResult silent =
      run_virtual(scenario_of(eight(keys + "silent" + policy, server) + npcs), 1).result();
  BOOST_TEST(counter(silent, "reconnects_total") == 4u);
  const auto states = [](const RunResult& result) {
    return result.bytes.downstream.totals.by_message.at("state_header").count;
  };
  // Four ghosts for 10.5 s of silence at 20 Hz, less the 0.1 s until a reset is known. Their last word may be
  // up to a second old when they fall silent.
  const std::uint64_t more = states(silent) - states(told);
  BOOST_TEST(more > 4u * 20 * 9);
  BOOST_TEST(more < 4u * 20 * 11);
  BOOST_TEST(silent.bytes.downstream.per_client_per_second.max ==
             told.bytes.downstream.per_client_per_second.max);
  BOOST_TEST(silent.errors.empty());
}

BOOST_AUTO_TEST_CASE(who_finds_the_server_full_backs_off_until_a_seat_is_free) {
  const RunResult result = run_virtual(scenario_of(eight("    storm: {at: 20s, cut: silent}\n"
                                                         "    reconnect: {first: 100ms, max: 2s}\n",
                                                         "players_max: 8, rtt_max: 500ms, resume_grace: 0s")),
                                       1)
                               .result();
  BOOST_TEST(counter(result, "reconnects_total") == 8u);
  BOOST_TEST(counter(result, "reconnect_attempts_total") > 5u * 8);
  BOOST_TEST(result.errors.at("refused") == counter(result, "reconnect_attempts_total") - 8);
  const Summary& back = latency(result.latency_seconds, "reconnect");
  BOOST_TEST(back.min > 9.0);   // the idle timeout is 10.5 s
  BOOST_TEST(back.max < 14.0);  // and one wait of at most 2 s
}

BOOST_AUTO_TEST_CASE(without_a_policy_who_is_refused_stays_away) {
  const std::string two_seats = "players_max: 6";
  const RunResult without = run_virtual(scenario_of(eight("", two_seats)), 1).result();
  BOOST_TEST(without.errors.at("refused") == 2u);
  BOOST_TEST(counter(without, "joins_total") == 6u);
  const RunResult with = run_virtual(scenario_of(eight("    reconnect: {max: 5s}\n", two_seats)), 1).result();
  BOOST_TEST(with.errors.at("refused") > 2u * 10);
}

BOOST_AUTO_TEST_CASE(a_client_that_leaves_while_it_comes_back_stays_away) {
  const RunResult result = run_virtual(scenario_of(eight("    storm: {at: 20s}\n    leave: {at: 20500ms}\n"
                                                         "    reconnect: {first: 1s, jitter: none}\n")),
                                       1)
                               .result();
  BOOST_TEST(counter(result, "reconnect_attempts_total") == 0u);
  BOOST_TEST(counter(result, "joins_total") == 8u);
  BOOST_TEST(counter(result, "leaves_total") == 8u);
}

// Cut again and again, while connecting too: every stay is survived, and nothing is left behind.
BOOST_AUTO_TEST_CASE(storms_churn_and_silence_together_leave_no_desync) {
  for (const char* const cut : {"reset", "silent"}) {
    for (const char* const grace : {"0s", "1s", "30s"}) {
      const RunResult result =
          run_virtual(
              scenario_of(eight(std::string{"    churn: {stay: 3s, away: 300ms}\n"
                                            "    storm: {at: 1s, within: 500ms, every: 700ms, cut: "} +
                                    cut + "}\n    reconnect: {first: 50ms, max: 400ms}\n",
                                std::string{"players_max: 200, rtt_max: 500ms, resume_grace: "} + grace)),
              4)
              .result();
      BOOST_TEST_CONTEXT(cut << ", grace " << grace) {
        BOOST_TEST(counter(result, "joins_total") + counter(result, "resumes_total") > 8u * 20);
        BOOST_TEST(counter(result, "desyncs_total") == 0u);
        for (const auto& [cause, count] : result.errors) BOOST_TEST(count == 0u, cause << " " << count);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen::testing
