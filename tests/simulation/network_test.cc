// The simulated network in whole runs: what its report says adds up, and tells each cohort's story.
#include "netrig/loadgen/scenario/link_profiles.h"
#include "netrig/tests/simulation/whole_run.h"

namespace netrig::loadgen::testing {
namespace {

RunResult run_of(std::string_view text) {
  return run_virtual(scenario_of(text), 1).result();
}

std::string scenario_with(const std::string& link, const std::string& rest = "",
                          const std::string& measure = "all_joined") {
  return "netrig: 1\nname: network\nduration: 10s\ntransport: tcp\nstream: {congestion: ideal}\n"
         "measure: {after: " +
         measure +
         "}\n"
         "clients:\n"
         "  - name: plain\n    count: 2\n    link: {rtt: 600ms}\n"
         "  - name: special\n    count: 2\n    link: " +
         link + "\n" + rest;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  return text.replace(text.find(what), what.size(), by);
}

std::uint64_t dropped(const NetworkResult& network) {
  std::uint64_t sum = 0;
  for (const auto& [cause, count] : network.dropped) sum += count;
  return sum;
}

std::uint64_t dropped(const NetworkResult& network, std::string_view cause) {
  const auto found = std::ranges::find(network.dropped, cause, &std::pair<std::string, std::uint64_t>::first);
  return found == network.dropped.end() ? 0 : found->second;
}

void check_sums(const NetworkResult& network) {
  const auto in = network.in_flight_before +
                  static_cast<std::int64_t>(network.sent + network.retransmitted + network.duplicated);
  const auto out = network.in_flight_after + static_cast<std::int64_t>(network.delivered + network.lost +
                                                                       dropped(network) + network.abandoned);
  BOOST_TEST(in == out);
  BOOST_TEST(network.in_flight_before >= 0);
  BOOST_TEST(network.in_flight_after >= 0);
}

void check_sums(const RunResult& result) {
  check_sums(result.network);
  for (const CohortResult& cohort : result.cohorts) check_sums(cohort.network);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(network)

// The report could show more packets delivered than sent, because those on their way when the window began
// were delivered in it. Nothing compared the sums.
BOOST_AUTO_TEST_CASE(what_goes_in_comes_out_or_is_on_its_way) {
  const RunResult result = run_of(scenario_with("{rtt: 3s, loss: 5%}"));
  check_sums(result);
  const NetworkResult& special = result.cohorts[1].network;
  BOOST_TEST(special.in_flight_before > 0);
  BOOST_TEST(special.in_flight_after > 0);
  BOOST_TEST(special.lost > 0u);
  BOOST_TEST(result.cohorts[0].network.lost == 0u);
}

BOOST_AUTO_TEST_CASE(it_adds_up_for_tcp_behind_full_queues_and_codel) {
  for (const char* const queue : {"queue: 20kB", "queue: 256KiB, codel: {}"}) {
    const RunResult result = run_of(
        replaced(scenario_with(std::string{"{rtt: 100ms, household: {size: 2, down: {rate: 80kbit/s, "} +
                               queue + "}}}"),
                 "ideal", "cubic"));
    check_sums(result);
    BOOST_TEST(dropped(result.cohorts[1].network) > 0u, queue);
    BOOST_TEST(dropped(result.cohorts[0].network) == 0u);
  }
}

BOOST_AUTO_TEST_CASE(it_adds_up_for_datagrams_that_are_copied_and_damaged) {
  const RunResult result = run_of(replaced(
      scenario_with("{rtt: 300ms, loss: {mean: 3%, burst: 100ms}, duplicate: 5%, corrupt: 2%, jitter: 100ms, "
                    "jitter_reorders: true}"),
      "tcp", "udp"));
  check_sums(result);
  const NetworkResult& special = result.cohorts[1].network;
  for (const std::uint64_t count : {special.lost, special.duplicated, special.corrupted, special.reordered})
    BOOST_TEST(count > 0u);
}

// It said that packets were in flight after a window in which nothing was sent. Every other test had a
// window.
BOOST_AUTO_TEST_CASE(a_window_that_never_begins_has_nothing_in_flight) {
  const RunResult result =
      run_of(scenario_with("{rtt: 3s}\n    join: {at: 20s}", "", "all_joined, warm_up_max: 5s"));
  check_sums(result);
  BOOST_TEST(result.network.sent == 0u);
}

// Packets that must keep their order wait for the slowest before them, so a delay that forgets too fast is
// another one than its profile says.
BOOST_AUTO_TEST_CASE(a_run_over_a_profile_takes_the_round_trip_that_the_profile_says) {
  for (const LinkProfile& profile : link_profiles()) {
    const Scenario scenario =
        scenario_of(scenario_with("{profile: " + std::string{profile.name} + "}\n    input_rate: 60Hz"));
    const CohortLink& link = scenario.cohorts[1].link;
    const double nominal = seconds(sim::nominal_delay(link.up.delay) + sim::nominal_delay(link.down.delay));
    const RunResult result = run_virtual(scenario, 3).result();
    const double median = latency(result.cohorts[1].latency_seconds, "rtt").p50;
    BOOST_TEST(median > nominal * 0.9, profile.name);
    BOOST_TEST(median < nominal * 1.5, profile.name);
  }
}

BOOST_AUTO_TEST_CASE(clients_that_leave_take_what_is_under_way_with_them) {
  const RunResult result = run_of(scenario_with("{rtt: 2s}\n    leave: {at: 6s, ramp: 3s}", "", "start"));
  check_sums(result);
  BOOST_TEST(result.cohorts[1].network.abandoned > 0u);
}

BOOST_AUTO_TEST_CASE(each_cause_of_a_drop_stands_at_the_cohort_it_struck) {
  const RunResult result =
      run_of(scenario_with("{rtt: 80ms, corrupt: 5%, schedule: [{outage: {at: 4s, for: 1s}}]}",
                           "partitions: [{cohorts: [special], at: 7s, for: 1s, direction: down}]\n"));
  check_sums(result);
  const NetworkResult& special = result.cohorts[1].network;
  for (const char* const cause : {"outage", "partition", "corrupted"}) {
    BOOST_TEST(dropped(special, cause) > 0u, cause);
    BOOST_TEST(dropped(special, cause) == dropped(result.network, cause), cause);
  }
  BOOST_TEST(dropped(result.cohorts[0].network) == 0u);
}

// Nobody is connected for a while, and nobody minds: sessions live on.
BOOST_AUTO_TEST_CASE(a_partition_ends_no_session_that_its_timeout_outlives) {
  const RunResult result =
      run_of(scenario_with("{rtt: 80ms}", "partitions: [{cohorts: [special], at: 4s, for: 3s}]\n"));
  BOOST_TEST(result.errors.empty());
  const Summary& age = latency(result.cohorts[1].latency_seconds, "state_age");
  BOOST_TEST(age.max > 2.9);
  BOOST_TEST(age.max < 4.0);
  BOOST_TEST(latency(result.cohorts[0].latency_seconds, "state_age").max < 0.31);
}

// A household's line is one for all of it: with a state for each client in it, the last waits for all.
BOOST_AUTO_TEST_CASE(a_household_shares_its_line) {
  const auto household = [](int size) {
    return run_of(scenario_with("{rtt: 40ms, household: {size: " + std::to_string(size) +
                                ", down: {rate: 400kbit/s, queue: 256KiB}}}"));
  };
  const Summary alone = latency(household(1).cohorts[1].latency_seconds, "state_age");
  const Summary together = latency(household(2).cohorts[1].latency_seconds, "state_age");
  BOOST_TEST(together.max - 0.02 > (alone.max - 0.02) * 1.8);  // beside the propagation
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen::testing
