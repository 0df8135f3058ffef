// A server that takes its time: what late ticks, stalls and costs do to a run that is otherwise known.
#include <boost/test/unit_test.hpp>
#include <string>

#include "netrig/tests/simulation/whole_run.h"

namespace netrig::loadgen::testing {
namespace {

// Two spectators on a line of 100 ms, clocks in step, a window from 1 s on.
std::string two(const std::string& server) {
  return "netrig: 1\nname: two\nduration: 20s\ntransport: tcp\nstream: {congestion: ideal}\nphase: zero\n"
         "measure: {after: start}\nworld: {npcs: 8}\n"
         "clients:\n  - {name: a, count: 2, link: {rtt: 100ms}}\n"
         "server:\n  players_max: 2\n  avatars: none\n" +
         server;
}

RunResult run_of(const std::string& server) {
  return run_virtual(scenario_of(two(server)), 1).result();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(slow_server)

BOOST_AUTO_TEST_CASE(a_server_that_takes_no_time_is_never_late) {
  const RunResult result = run_of("");
  BOOST_TEST(result.ticks.overruns == 0u);
  BOOST_TEST(result.ticks.lateness_seconds.max == 0.0);
}

// States leave when the tick's work is done: 5 + 8 x 1 + 2 x 1 = 15 ms later, and nothing else changes.
BOOST_AUTO_TEST_CASE(a_tick_that_fits_delays_its_states_and_overruns_nothing) {
  const RunResult quick = run_of("");
  const RunResult slow = run_of("  tick_cost: {constant: 5ms, per_entity: 1ms, per_client: 1ms}\n");
  BOOST_TEST(latency(quick.latency_seconds, "state_age").max == 0.05);
  BOOST_TEST(latency(slow.latency_seconds, "state_age").p50 == 0.065);
  BOOST_TEST(latency(slow.latency_seconds, "state_age").max == 0.065);
  BOOST_TEST(slow.ticks.overruns == 0u);
  BOOST_TEST(slow.ticks.lateness_seconds.max == 0.0);
  BOOST_TEST(slow.ticks.count == quick.ticks.count);
}

// 60 ms of work every 50 ms: each tick begins later than the one before, until they are run several at once.
BOOST_AUTO_TEST_CASE(a_tick_that_does_not_fit_runs_late_and_overruns) {
  const RunResult result = run_of("  tick_cost: {constant: 60ms}\n");
  BOOST_TEST(result.ticks.count + result.ticks.ticks_skipped >= 395u);
  BOOST_TEST(result.ticks.count <= 20'000u / 60 + 4);
  BOOST_TEST(result.ticks.overruns >= result.ticks.count * 9 / 10);
  BOOST_TEST(result.ticks.ticks_skipped > 30u);
  BOOST_TEST(result.ticks.lateness_seconds.max > 0.05);
  BOOST_TEST(result.errors.empty());
}

// Ticks of 10.05 to 11.0 s are due at 11.0: 16 are left out, 4 run, and two of those were due to be over
// before.
BOOST_AUTO_TEST_CASE(a_stall_skips_what_cannot_be_caught_up_with) {
  const RunResult result = run_of("  stalls: [{at: 10010ms, for: 990ms}]\n");
  BOOST_TEST(result.ticks.ticks_skipped == 16u);
  BOOST_TEST(result.ticks.overruns == 16u + 2);
  BOOST_TEST(result.ticks.count == 399u - 16);
  BOOST_TEST(result.ticks.lateness_seconds.max == 0.15);
  BOOST_TEST(result.errors.empty());
}

BOOST_AUTO_TEST_CASE(a_short_stall_is_caught_up_with) {
  const RunResult result =
      run_of("  stalls: [{at: 10010ms, for: 120ms}]\n");  // until 10.13: two ticks are due
  BOOST_TEST(result.ticks.ticks_skipped == 0u);
  BOOST_TEST(result.ticks.count == 399u);
  BOOST_TEST(result.ticks.overruns == 1u);
  BOOST_TEST(result.ticks.lateness_seconds.max == 0.08);
}

// Who is not read is not answered: a ping that arrives during the stall waits for its end.
BOOST_AUTO_TEST_CASE(a_server_that_stands_still_reads_nothing) {
  const RunResult quick = run_of("");
  const RunResult slow = run_of("  stalls: [{at: 10010ms, for: 990ms}]\n");
  const Summary& rtt = latency(slow.latency_seconds, "rtt");
  BOOST_TEST(latency(quick.latency_seconds, "rtt").max == 0.1);
  BOOST_TEST(rtt.max > 0.8);
  BOOST_TEST(rtt.max <= 1.1);
  BOOST_TEST(rtt.count == latency(quick.latency_seconds, "rtt").count);
}

// Players whose inputs arrive in the very instant in which a stall or a tick ends: what came before is read
// before them, or the server would take them for a gap and drop the others.
BOOST_AUTO_TEST_CASE(what_arrives_as_the_server_comes_back_waits_its_turn) {
  const auto dropped = [](const std::string& pace) {
    const RunResult result =
        run_virtual(scenario_of("netrig: 1\nname: players\nduration: 6s\ntransport: tcp\n"
                                "stream: {congestion: ideal}\nphase: zero\n"
                                "clients:\n  - {name: a, count: 4, behaviour: wander, "
                                "input_rate: 40Hz, link: {rtt: 100ms}}\n"
                                "server:\n  players_max: 4\n  " +
                                pace + "\n"),
                    1)
            .result();
    BOOST_TEST(result.errors.empty(), pace);
    return counter(result, "inputs_dropped_total");
  };
  for (int ms = 220; ms <= 252; ++ms)
    BOOST_TEST(dropped("stalls: [{at: 2s, for: " + std::to_string(ms) + "ms}]") == 0u);
  const std::uint64_t between = dropped("tick_cost: {constant: 24ms}");
  BOOST_TEST(dropped("tick_cost: {constant: 25ms}") <= between);
}

// Longer than the idle timeout of 1 s + 10 s: nobody is thrown out, because what came meanwhile is read
// first.
BOOST_AUTO_TEST_CASE(after_a_long_stall_everybody_is_still_there) {
  const RunResult result = run_of("  rtt_max: 1s\n  stalls: [{at: 4s, for: 11s}]\n");
  BOOST_TEST(result.errors.count("timeout") == 1u);  // but the clients gave the server up
  const RunResult shorter = run_of("  rtt_max: 1s\n  stalls: [{at: 4s, for: 10s}]\n");
  BOOST_TEST(shorter.errors.empty());
  BOOST_TEST((shorter.exit_code == ExitCode::pass));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen::testing
