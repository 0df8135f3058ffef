#include "netrig/loadgen/scenario/plan.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>
#include <variant>

#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {
namespace {

using testing::kSmall;
using testing::valid;

std::int64_t count_of(const Plan& plan, const BehaviourKind* kind) {
  return std::ranges::count(plan.clients, kind, &ClientPlan::behaviour);
}

Duration up_delay(const ClientPlan& client) {
  return std::get<sim::ConstantDelay>(client.up.delay).delay;
}
Duration down_delay(const ClientPlan& client) {
  return std::get<sim::ConstantDelay>(client.down.delay).delay;
}

bool same_draws(const ClientPlan& a, const ClientPlan& b) {
  return a.phase_offset == b.phase_offset && a.clock_offset == b.clock_offset && a.drift_ppb == b.drift_ppb;
}

Scenario cohort(const std::string& keys) {
  return valid(
      "netrig: 1\nname: p\nduration: 10s\ntransport: memory\nserver: {players_max: 1000}\n"
      "clients:\n  - {name: a, " +
      keys + "}\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plans)

BOOST_AUTO_TEST_CASE(clients_are_numbered_and_named_in_the_order_of_the_file) {
  const Plan plan = make_plan(valid(kSmall + "  - {name: b, count: 1}\n"), 5);
  BOOST_REQUIRE(plan.clients.size() == 3u);
  BOOST_TEST(plan.seed == 5u);
  BOOST_TEST(plan.clients[1].name == "a-1");
  BOOST_TEST(plan.clients[2].name == "b-0");
  BOOST_TEST(plan.clients[2].index == 2u);
  BOOST_TEST(plan.clients[2].cohort == 1u);
}

BOOST_AUTO_TEST_CASE(a_range_of_rtts_is_spread_evenly_from_first_to_last) {
  const Plan plan = make_plan(cohort("count: 4, link: {rtt: {from: 200ms, to: 5000ms}, loss: 1%}"), 1);
  BOOST_TEST((plan.clients[0].nominal_rtt() == 200ms));
  BOOST_TEST((plan.clients[1].nominal_rtt() == 1800ms));
  BOOST_TEST((plan.clients[2].nominal_rtt() == 3400ms));
  BOOST_TEST((plan.clients[3].nominal_rtt() == 5000ms));
  BOOST_TEST((up_delay(plan.clients[1]) == 900ms));
  BOOST_TEST(plan.clients[3].down.loss_ppm == 10'000u);
  BOOST_TEST(
      (make_plan(cohort("count: 1, link: {rtt: {from: 1s, to: 2s}}"), 1).clients[0].nominal_rtt() == 1s));
}

BOOST_AUTO_TEST_CASE(the_halves_of_an_odd_round_trip_add_up) {
  const Plan plan = make_plan(cohort("count: 1, link: {rtt: 3ns}"), 1);
  BOOST_TEST((up_delay(plan.clients[0]) == 1ns));
  BOOST_TEST((down_delay(plan.clients[0]) == 2ns));
}

BOOST_AUTO_TEST_CASE(explicit_directions_stay_as_written) {
  const Plan plan =
      make_plan(cohort("count: 1, link: {up: {delay: 30ms}, down: {delay: 40ms, loss: 2%}}"), 1);
  BOOST_TEST((up_delay(plan.clients[0]) == 30ms));
  BOOST_TEST((down_delay(plan.clients[0]) == 40ms));
  BOOST_TEST(plan.clients[0].up.loss_ppm == 0u);
}

BOOST_AUTO_TEST_CASE(a_ramp_is_linear_and_ends_before_its_end) {
  const Plan plan = make_plan(cohort("count: 4, join: {at: 1s, ramp: 2s}, leave: {at: 10s}"), 1);
  BOOST_TEST((plan.clients[0].join == instant_from_ns(1'000'000'000)));
  BOOST_TEST((plan.clients[1].join == instant_from_ns(1'500'000'000)));
  BOOST_TEST((plan.clients[3].join == instant_from_ns(2'500'000'000)));
  BOOST_TEST((*plan.clients[3].leave == instant_from_ns(10'000'000'000)));
}

BOOST_AUTO_TEST_CASE(the_longest_ramp_of_the_most_clients_does_not_overflow) {
  const Plan plan = make_plan(valid(kSmall, {{"duration", "24h"},
                                             {"clients.0.count", "100000"},
                                             {"clients.0.join", "{at: 23h, ramp: 24h}"},
                                             {"measure", "{after: start}"}}),
                              1);
  BOOST_TEST(
      (plan.clients.back().join == Instant{} + std::chrono::hours{47} - std::chrono::milliseconds{864}));
}

BOOST_AUTO_TEST_CASE(shares_are_rounded_by_largest_remainder) {
  const Plan ten = make_plan(cohort("count: 10, behaviour: {idle: 33%, wander: 33%, fight: 34%}"), 1);
  BOOST_TEST(count_of(ten, testing::behaviour("fight")) == 4);  // 3.3, 3.3, 3.4
  BOOST_TEST(count_of(ten, testing::behaviour("idle")) == 3);
  BOOST_TEST(count_of(ten, testing::behaviour("wander")) == 3);
  const Plan one = make_plan(cohort("count: 1, behaviour: {wander: 75%, fight: 25%}"), 1);
  BOOST_TEST(count_of(one, testing::behaviour("wander")) == 1);
  const Plan two = make_plan(cohort("count: 3, behaviour: {wander: 50%, fight: 50%}"), 1);
  BOOST_TEST(count_of(two, testing::behaviour("wander")) == 2);  // equal remainders: the first in the file
}

BOOST_AUTO_TEST_CASE(behaviours_are_dealt_out_evenly_along_the_cohort) {
  const Plan plan = make_plan(cohort("count: 32, behaviour: {wander: 75%, fight: 25%}"), 1);
  for (std::size_t four = 0; four < 32; four += 4) {
    const auto begin = plan.clients.begin() + static_cast<std::ptrdiff_t>(four);
    BOOST_TEST(std::count_if(begin, begin + 4, [](const ClientPlan& client) {
                 return client.behaviour == testing::behaviour("fight");
               }) == 1);
  }
}

BOOST_AUTO_TEST_CASE(draws_follow_the_seed_and_stay_in_their_bounds) {
  const Scenario scenario = cohort("count: 200, input_rate: 50Hz");
  const Plan plan = make_plan(scenario, 1);
  const Plan again = make_plan(scenario, 1);
  const Plan other = make_plan(scenario, 2);
  std::set<std::int64_t> phases;
  std::int32_t drift_min = 0;
  std::int32_t drift_max = 0;
  for (std::size_t i = 0; i < plan.clients.size(); ++i) {
    const ClientPlan& client = plan.clients[i];
    BOOST_TEST(same_draws(client, again.clients[i]));
    BOOST_TEST(!same_draws(client, other.clients[i]));
    BOOST_TEST((client.input_interval == 20ms));
    BOOST_TEST((client.phase_offset >= 0ns && client.phase_offset < client.input_interval));
    BOOST_TEST((client.clock_offset >= 0ns && client.clock_offset < kClockOffsetMax));
    phases.insert(client.phase_offset.count());
    drift_min = std::min(drift_min, client.drift_ppb);
    drift_max = std::max(drift_max, client.drift_ppb);
  }
  BOOST_TEST(phases.size() == 200u);
  BOOST_TEST((drift_min >= -kClockDriftPpbMax && drift_min < -40'000));
  BOOST_TEST((drift_max <= kClockDriftPpbMax && drift_max > 40'000));
}

BOOST_AUTO_TEST_CASE(one_more_cohort_or_client_shifts_nobodys_draws) {
  const Plan before = make_plan(valid(kSmall), 1);
  const std::string first =
      "netrig: 1\nname: small\nduration: 10s\ntransport: memory\nclients:\n  - {name: z, count: 3}\n";
  const Plan cohort_in_front = make_plan(valid(first + "  - {name: a, count: 2}\n"), 1);
  const Plan more_clients = make_plan(valid(kSmall, {{"clients.a.count", "9"}}), 1);
  for (std::size_t i = 0; i < 2; ++i) {
    BOOST_TEST(same_draws(before.clients[i], cohort_in_front.clients[3 + i]));
    BOOST_TEST(same_draws(before.clients[i], more_clients.clients[i]));
  }
}

BOOST_AUTO_TEST_CASE(phase_zero_locks_all_clocks) {
  for (const ClientPlan& client : make_plan(valid(kSmall + "phase: zero\n"), 1).clients) {
    BOOST_TEST((client.phase_offset == 0ns && client.clock_offset == 0ns));
    BOOST_TEST(client.drift_ppb == 0);
  }
}

BOOST_AUTO_TEST_CASE(clients_over_time_are_steps) {
  const Scenario scenario = valid(kSmall +
                                  "    join: {at: 1s, ramp: 2s}\n"
                                  "  - {name: b, count: 3, leave: {at: 2s}}\n");
  const std::vector<ClientsAt> expected{
      {instant_from_ns(0), 3}, {instant_from_ns(1'000'000'000), 4}, {instant_from_ns(2'000'000'000), 2}};
  BOOST_TEST((clients_over_time(make_plan(scenario, 1), Instant{} + std::chrono::hours{1}) == expected));
  BOOST_TEST(peak_clients(scenario) == 4u);
}

BOOST_AUTO_TEST_CASE(entities_follow_from_avatars_and_inhabitants) {
  const std::string world = "world: {npcs: 3, pickups: 4}\n";
  BOOST_TEST(entity_count(valid(kSmall + world)) == 9u);
  BOOST_TEST(entity_count(valid(kSmall + world + "server: {avatars: from_start}\n")) == 39u);
  BOOST_TEST(entity_count(valid(kSmall + world + "server: {avatars: none}\n")) == 7u);
}

BOOST_AUTO_TEST_CASE(the_forecast_of_32_players_is_the_figure_of_the_report) {
  const LoadedScenario loaded = load_scenario(std::string{NETRIG_SOURCE_DIR} + "/scenarios/32players.yaml",
                                              {}, testing::variables({}), testing::games());
  BOOST_REQUIRE(loaded.scenario);
  const DownstreamForecast forecast = forecast_downstream(*loaded.scenario);
  BOOST_TEST(forecast.entities == 32u);
  BOOST_TEST(forecast.state_update_bytes == 111u);
  BOOST_TEST(forecast.state_updates_per_second == 71'040u);   // 32 x 111 x 20
  BOOST_TEST(forecast.payload_per_second == 71'240u);         // + 20 x 10 of state header
  BOOST_TEST(forecast.protocol_per_second == 1'520u);         // 20 x (33 x 2 of tag and length + 2 x 5)
  BOOST_TEST(forecast.transport_model_per_second == 2'400u);  // 20 x 3 segments x 40
  BOOST_TEST(forecast.state_bytes == 3'638u);                 // 32 x 111 + 10 + 76
  BOOST_TEST(forecast.state_wire_bytes == 3'758u);
  const Plan plan = make_plan(*loaded.scenario, 1);
  BOOST_TEST(plan.clients.size() == 32u);
  BOOST_TEST(count_of(plan, testing::behaviour("fight")) == 8);
  BOOST_TEST((largest_rtt(*loaded.scenario) == 5s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
