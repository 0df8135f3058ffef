// What a run costs in memory: for each client, and for each hour. Counted on the heap, at the end of the run,
// while everything of it is still there.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "netrig/tests/simulation/whole_run.h"
#include "netrig/tests/support/allocation_counter.h"

namespace netrig::loadgen::testing {
namespace {

using netrig::testing::live_bytes;

// A scenario of the repository with some of its values replaced.
Scenario scenario_with(const std::string& name, std::vector<Override> overrides) {
  const Environment no_variables = [](std::string_view) -> std::optional<std::string> { return {}; };
  const std::string path = std::string{NETRIG_SOURCE_DIR} + "/scenarios/" + name + ".yaml";
  const LoadedScenario loaded = load_scenario(path, overrides, no_variables, arena_games());
  for (const Diagnostic& diagnostic : loaded.diagnostics)
    if (diagnostic.severity == Severity::error) BOOST_FAIL(netrig::loadgen::text(diagnostic));
  return *loaded.scenario;
}

std::size_t heap_of(const Scenario& scenario) {
  const std::size_t before = live_bytes();
  const FinishedRun run = run_virtual(scenario, 1);
  return live_bytes() - before;
}

std::size_t heap_of_crowd(const std::string& clients, const std::string& rtt) {
  return heap_of(
      scenario_with("flash_crowd_1000",
                    {{"clients.crowd.count", clients}, {"clients.crowd.link.rtt", rtt}, {"duration", "8s"}}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(memory)

// The difference leaves out what all of them share: the world, the metrics, and the states under way.
BOOST_AUTO_TEST_CASE(a_client_at_5_s_of_round_trip_takes_at_most_64_kib) {
  const std::size_t few = heap_of_crowd("100", "5s");
  const std::size_t many = heap_of_crowd("300", "5s");
  const std::size_t each = (many - few) / 200;
  BOOST_TEST_MESSAGE("a spectator at 5 s: " << each << " B");
  BOOST_TEST(each > 1'000u);
  BOOST_TEST(each <= 64u * 1024);
}

BOOST_AUTO_TEST_CASE(a_client_on_a_short_line_takes_less_than_one_far_away) {
  const std::size_t near = heap_of_crowd("300", "20ms") - heap_of_crowd("100", "20ms");
  const std::size_t far = heap_of_crowd("300", "5s") - heap_of_crowd("100", "5s");
  BOOST_TEST_MESSAGE("a spectator at 20 ms: " << near / 200 << " B");
  BOOST_TEST(near < far);
}

// A day of it is in long_run_test.py, which takes a minute; what grows with time grows here, too.
BOOST_AUTO_TEST_CASE(an_hour_takes_no_more_than_ten_minutes) {
  const std::size_t minutes = heap_of(scenario_with("smoke", {{"duration", "10m"}}));
  const std::size_t hour = heap_of(scenario_with("smoke", {{"duration", "1h"}}));
  BOOST_TEST(hour <= minutes + 2048);  // a queue that was fuller once
}

// Thousands of sessions leave nothing behind: not on the server, in the network, or with the metrics.
BOOST_AUTO_TEST_CASE(sessions_that_are_over_are_forgotten) {
  const auto churning = [](const char* duration) {
    return heap_of(scenario_with("smoke", {{"duration", duration},
                                           {"measure", "{after: start}"},
                                           {"server.resume_grace", "0s"},
                                           {"server.avatars", "on_join"},
                                           {"server.players_max", "64"},
                                           {"clients.players.churn", "{stay: 2s, away: 1s, times: fixed}"},
                                           {"clients.players.storm", "{at: 1s, every: 5s, share: 50%}"}}));
  };
  const std::size_t early = churning("10m");  // 1,000 sessions
  const std::size_t late = churning("100m");  // 10,000
  BOOST_TEST(late <= early + 4096);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen::testing
