// The physics in the small, through everything that lies between a client and its server: on a line of known
// delay every latency has a known value.
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "netrig/loadgen/scenario/plan.h"
#include "netrig/tests/simulation/whole_run.h"

namespace netrig::loadgen::testing {
namespace {

constexpr double kTick = 0.05;                    // seconds, at 20 Hz
constexpr double kDrift = 50e-6;                  // of a client's clock, at most
constexpr double kRounding = 2e-9;                // seconds: results are whole nanoseconds
constexpr std::uint64_t kStateUpdateBytes = 111;  // of an arena player

// One player on a line without jitter or loss.
std::string alone(int rtt_ms, const std::string& transport = "tcp", const std::string& link = "") {
  return "netrig: 1\nname: alone\nduration: 30s\ntransport: " + transport +
         (transport == "memory" ? "" : "\nstream: {congestion: ideal}") +
         "\nserver: {players_max: 4, avatars: from_start}\n"
         "clients:\n  - name: solo\n    count: 1\n    link: {rtt: " +
         std::to_string(rtt_ms) + "ms" + link + "}\n";
}

RunResult run_of(const std::string& text, std::uint64_t seed = 1) {
  return run_virtual(scenario_of(text), seed).result();
}

void check_between(const Summary& summary, double low, double high) {
  BOOST_TEST(summary.count > 0u);
  BOOST_TEST(summary.min >= low - kRounding);
  BOOST_TEST(summary.max <= high + kRounding);
}

// Measured on the client's own clock, less the wait for the server's next tick, in whole microseconds of the
// server's.
void check_rtt(const Summary& summary, double rtt) {
  const double drift = kDrift * (rtt + kTick);
  check_between(summary, std::max(0.0, rtt - drift), rtt + drift + 1e-6);
}

const auto kRttsMs = boost::unit_test::data::make({0, 1, 37, 200, 1'600, 5'000, 10'000});

}  // namespace

BOOST_AUTO_TEST_SUITE(physics)

BOOST_DATA_TEST_CASE(each_latency_follows_from_the_round_trip, kRttsMs, rtt_ms) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const RunResult result = run_of(alone(rtt_ms), seed);
    const double rtt = rtt_ms / 1e3;
    check_rtt(latency(result.latency_seconds, "rtt"), rtt);
    check_between(latency(result.latency_seconds, "state_age"), rtt / 2, rtt / 2);
    // Up, until the next tick at the latest, and down; a second tick when two inputs came into one.
    check_between(latency(result.latency_seconds, "input_to_ack"), rtt, rtt + 2 * kTick);
    BOOST_TEST(result.errors.empty());
    // On a perfect line the window opens at a tick's own instant, and that tick lies outside.
    if (rtt_ms > 0) BOOST_TEST(result.ticks.count == 600u);
  }
}

BOOST_AUTO_TEST_CASE(clocks_that_agree_measure_the_round_trip_to_the_nanosecond) {
  const RunResult result = run_of(alone(1'234) + "phase: zero\n");
  const Summary& rtt = latency(result.latency_seconds, "rtt");
  BOOST_TEST(rtt.min == 1.234);
  BOOST_TEST(rtt.max == 1.234);
  BOOST_TEST(latency(result.latency_seconds, "clock_offset_error").max == 0.0);
}

BOOST_AUTO_TEST_CASE(one_direction_alone_carries_its_whole_delay) {
  std::string text = alone(0);
  const std::string_view both = "rtt: 0ms";
  text.replace(text.find(both), both.size(), "up: {delay: 300ms}, down: {delay: 100ms}");
  const RunResult result = run_of(text);
  check_between(latency(result.latency_seconds, "state_age"), 0.1, 0.1);
  check_rtt(latency(result.latency_seconds, "rtt"), 0.4);
  check_between(latency(result.latency_seconds, "input_to_ack"), 0.4, 0.4 + 2 * kTick);
}

// Until the first state: the transport's own round trips, one for hello and welcome, and the wait for a tick.
BOOST_AUTO_TEST_CASE(connecting_costs_the_transports_round_trips) {
  const std::vector<std::pair<std::string, int>> round_trips{
      {"memory", 0}, {"tcp", 1}, {"tls", 2}, {"ws", 2}, {"wss", 3}};
  for (const auto& [transport, before] : round_trips) {
    for (const int rtt_ms : {120, 1'010}) {
      const RunResult result = run_of(alone(rtt_ms, transport));
      const double least = (before + 1) * rtt_ms / 1e3;
      BOOST_TEST_CONTEXT(transport)
      check_between(latency(result.latency_seconds, "connect"), least, least + kTick);
    }
  }
}

BOOST_AUTO_TEST_CASE(bandwidth_does_not_depend_on_the_round_trip) {
  const RunResult near = run_of(alone(1));
  const RunResult far = run_of(alone(10'000));
  for (const char* const message : {"state_update", "state_header"}) {
    const MessageTotals of_near = near.bytes.downstream.totals.by_message.at(message);
    BOOST_TEST((of_near == far.bytes.downstream.totals.by_message.at(message)), message);
  }
  BOOST_TEST(near.bytes.upstream.totals.by_message.at("input").count ==
             far.bytes.upstream.totals.by_message.at("input").count);
}

BOOST_AUTO_TEST_CASE(the_forecast_of_inspect_is_what_the_run_sends) {
  const Scenario scenario = scenario_of(alone(80));
  const DownstreamForecast forecast = forecast_downstream(scenario);
  const RunResult result = run_virtual(scenario, 1).result();
  const auto seconds_run = static_cast<std::uint64_t>(seconds(scenario.duration));
  const auto& sent = result.bytes.downstream.totals;
  BOOST_TEST(forecast.state_updates_per_second == 4 * kStateUpdateBytes * 20);
  BOOST_TEST(sent.by_message.at("state_update").bytes == forecast.state_updates_per_second * seconds_run);
  BOOST_TEST(sent.by_message.at("state_update").bytes + sent.by_message.at("state_header").bytes ==
             forecast.payload_per_second * seconds_run);
  // Beside the states only pings and pongs: 2 bytes of tag and length each, and 5 of a frame at most.
  const std::uint64_t pings = sent.by_message.at("ping").count + sent.by_message.at("pong").count;
  BOOST_TEST(sent.by_layer.protocol >= forecast.protocol_per_second * seconds_run + 2 * pings);
  BOOST_TEST(sent.by_layer.protocol <= forecast.protocol_per_second * seconds_run + 7 * pings);
}

BOOST_AUTO_TEST_CASE(a_stream_delays_what_is_lost_and_loses_nothing) {
  const RunResult clean = run_of(alone(200));
  const RunResult lossy = run_of(alone(200, "tcp", ", loss: 5%"));
  BOOST_TEST(clean.network.lost == 0u);
  BOOST_TEST(lossy.network.lost > 0u);
  BOOST_TEST(lossy.network.retransmitted > 0u);
  BOOST_TEST((lossy.bytes.downstream.totals.by_message.at("state_update") ==
              clean.bytes.downstream.totals.by_message.at("state_update")));
  // A segment sent again is late by a round trip at least, and holds up those behind it.
  const Summary& age = latency(lossy.latency_seconds, "state_age");
  BOOST_TEST(age.min == 0.1);
  BOOST_TEST(age.max >= 0.3);
  BOOST_TEST(age.p50 < 0.3);
  BOOST_TEST(lossy.errors.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen::testing
