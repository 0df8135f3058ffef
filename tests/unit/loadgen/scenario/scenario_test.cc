#include "netrig/loadgen/scenario/scenario.h"

#include <boost/test/unit_test.hpp>
#include <variant>

#include "netrig/core/base/digest.h"
#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {
namespace {

using testing::kSmall;
using testing::valid;
using testing::variables;

const sim::ArenaConfig& arena(const Scenario& scenario) {
  return dynamic_cast<const ArenaGame&>(*scenario.game).config();
}

CohortLink link_of(const std::string& written) {
  return valid(kSmall + "    link: " + written + "\n").cohorts[0].link;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scenarios)

BOOST_AUTO_TEST_CASE(everything_left_out_has_the_documented_default) {
  const Scenario scenario = valid(kSmall);
  BOOST_TEST(scenario.seed == 1u);
  BOOST_TEST((scenario.phase == Phase::random));
  BOOST_TEST((scenario.measure.after == MeasureAfter::all_joined));
  BOOST_TEST(scenario.server.horizon.tick_rate_hz == 20u);
  BOOST_TEST((scenario.server.horizon.rtt_max == 10s));
  BOOST_TEST((scenario.server.horizon.jitter_max == 1s));
  BOOST_TEST(scenario.server.players_max == 32u);
  BOOST_TEST((scenario.server.avatars == Avatars::on_join));
  BOOST_TEST(arena(scenario).npcs == 0u);
  BOOST_TEST(scenario.cohorts.size() == 1u);
  BOOST_TEST((scenario.cohorts[0].behaviours ==
              std::vector<BehaviourShare>{{testing::behaviour("wander"), 1'000'000}}));
  BOOST_TEST(scenario.cohorts[0].input_rate_hz == 20u);
  BOOST_TEST((scenario.cohorts[0].link.up == sim::LinkConditions{}));
  BOOST_TEST((scenario.cohorts[0].join == Schedule{}));
  BOOST_TEST(!scenario.cohorts[0].leave);
  BOOST_TEST(scenario.thresholds.empty());
}

BOOST_AUTO_TEST_CASE(every_key_arrives_where_it_belongs) {
  const Scenario scenario = valid(R"(netrig: 1
name: full
description: >-
  two
  lines
seed: 7
duration: 1.5s
transport: tls
stream: {congestion: ideal}
measure: {after: start, warm_up_max: 30s}
phase: zero
server:
  tick_rate: 60Hz
  players_max: 64
  replication: full
  avatars: from_start
  rtt_max: 6s
  jitter_max: 500ms
world: {game: arena, npcs: 3, pickups: 4, width: 50m, height: 1km}
clients:
  - name: metro
    count: 8
    behaviour: {wander: 75%, fight: 25%}
    input_rate: 30Hz
    join: {at: 1s, ramp: 5s}
    leave: {at: 30s, ramp: 2s}
thresholds:
  errors_total: "count==0"
  rtt_seconds: ["p(95)<1", "max<2"]
)");
  BOOST_TEST(scenario.description == "two lines");
  BOOST_TEST(scenario.seed == 7u);
  BOOST_TEST((scenario.duration == 1500ms));
  BOOST_TEST((scenario.transport == sim::TransportKind::tls));
  BOOST_TEST((scenario.congestion == sim::Congestion::ideal));
  BOOST_TEST((scenario.measure.after == MeasureAfter::start));
  BOOST_TEST((scenario.measure.warm_up_max == Duration{30s}));
  BOOST_TEST((scenario.phase == Phase::zero));
  BOOST_TEST(scenario.server.horizon.tick_rate_hz == 60u);
  BOOST_TEST(scenario.server.players_max == 64u);
  BOOST_TEST((scenario.server.avatars == Avatars::from_start));
  BOOST_TEST((scenario.server.horizon.rtt_max == 6s));
  BOOST_TEST((scenario.server.horizon.jitter_max == 500ms));
  BOOST_TEST(arena(scenario).npcs == 3u);
  BOOST_TEST(arena(scenario).pickups == 4u);
  BOOST_TEST(arena(scenario).width_mm == 50'000);
  BOOST_TEST(arena(scenario).height_mm == 1'000'000);
  const Cohort& cohort = scenario.cohorts.at(0);
  BOOST_TEST(cohort.name == "metro");
  BOOST_TEST(cohort.count == 8u);
  BOOST_TEST((cohort.behaviours == std::vector<BehaviourShare>{{testing::behaviour("wander"), 750'000},
                                                               {testing::behaviour("fight"), 250'000}}));
  BOOST_TEST(cohort.input_rate_hz == 30u);
  BOOST_TEST((cohort.join == Schedule{1s, 5s}));
  BOOST_TEST((cohort.leave == Schedule{30s, 2s}));
  BOOST_TEST(scenario.thresholds.size() == 3u);
  BOOST_TEST(scenario.thresholds[1].metric->name == "rtt_seconds");
  BOOST_TEST(scenario.thresholds[2].text == "max<2");
}

BOOST_AUTO_TEST_CASE(a_tcp_stream_is_what_linux_has_unless_the_scenario_says_otherwise) {
  const Scenario plain = valid(kSmall + "stream: {congestion: cubic}\n");
  BOOST_TEST((plain.congestion == sim::Congestion::cubic));
  BOOST_TEST((plain.tcp == sim::TcpOptions{.receive_window_bytes = 3 << 20,
                                           .send_buffer_bytes = 4 << 20,
                                           .initial_window_segments = 10,
                                           .timeout_min = 200ms}));
  const Scenario set = valid(kSmall +
                             "stream: {congestion: cubic, receive_window: 64KiB, send_buffer: 16KiB, "
                             "initial_window: 3, rto_min: 1s}\n");
  BOOST_TEST((set.tcp == sim::TcpOptions{.receive_window_bytes = 64 << 10,
                                         .send_buffer_bytes = 16 << 10,
                                         .initial_window_segments = 3,
                                         .timeout_min = 1s}));
}

BOOST_AUTO_TEST_CASE(a_transport_without_headers_has_an_ideal_stream) {
  const Scenario scenario = valid(kSmall + "stream: {congestion: cubic}\n");
  BOOST_TEST((congestion_of(scenario) == sim::Congestion::ideal));
}

BOOST_AUTO_TEST_CASE(the_arenas_delays_take_the_same_time_at_any_tick_rate) {
  const Scenario scenario = valid(kSmall + "server: {tick_rate: 60Hz}\n");
  BOOST_TEST(arena(scenario).tick_rate_hz == 60u);
  BOOST_TEST(arena(scenario).cooldown_ticks == 30u);
  BOOST_TEST(arena(scenario).respawn_ticks == 180u);
  BOOST_TEST(arena(scenario).npc_turn_ticks == 60u);
  BOOST_TEST(arena(scenario).pickup_respawn_ticks == 600u);
  BOOST_TEST(arena(valid(kSmall + "server: {tick_rate: 1Hz}\n")).cooldown_ticks == 1u);
}

BOOST_AUTO_TEST_CASE(what_a_link_says_holds_for_both_directions_unless_one_says_otherwise) {
  const CohortLink link =
      link_of("{rtt: 200ms, jitter: 10ms, loss: 0.1%, rate: 8Mbit/s, up: {loss: 2%, queue: 32KiB}}");
  BOOST_TEST((link.rtt == RttRange{200ms, 200ms}));
  BOOST_TEST((link.up.jitter == 10ms && link.down.jitter == 10ms));
  BOOST_TEST(link.up.loss_ppm == 20'000u);
  BOOST_TEST(link.down.loss_ppm == 1'000u);
  BOOST_TEST(link.up.rate_bits_per_second == 8'000'000u);
  BOOST_TEST(link.up.queue_bytes_max == 32'768u);
  BOOST_TEST(link.down.queue_bytes_max == 65'536u);  // the default with a rate
}

BOOST_AUTO_TEST_CASE(a_direction_has_any_shape_of_delay) {
  const CohortLink link = link_of(
      "{up: {delay: {uniform: [50ms, 150ms]}}, down: {delay: {normal: {mean: 100ms, deviation: 20ms}}}}");
  BOOST_TEST((std::get<sim::UniformDelay>(link.up.delay) == sim::UniformDelay{50ms, 150ms}));
  BOOST_TEST((std::get<sim::NormalDelay>(link.down.delay) == sim::NormalDelay{100ms, 20ms}));
  BOOST_TEST((std::get<sim::ConstantDelay>(link_of("{up: {delay: 30ms}}").up.delay).delay == 30ms));
}

BOOST_AUTO_TEST_CASE(reordering_duplicates_and_overtaking_are_read) {
  const CohortLink link =
      link_of("{duplicate: 1%, jitter: 1ms, jitter_reorders: true, reorder: {probability: 5%, delay: 30ms}}");
  BOOST_TEST(link.up.duplicate_ppm == 10'000u);
  BOOST_TEST(link.up.jitter_may_reorder);
  BOOST_TEST(link.down.reorder_ppm == 50'000u);
  BOOST_TEST((link.down.reorder_delay == 30ms));
}

BOOST_AUTO_TEST_CASE(the_largest_rtt_covers_ranges_shapes_and_both_directions) {
  BOOST_TEST((largest_rtt(link_of("{rtt: {from: 200ms, to: 5s}}")) == 5s));
  BOOST_TEST((largest_rtt(link_of("{up: {delay: 1s}, down: {delay: {uniform: [1s, 2s]}}}")) == 3s));
  BOOST_TEST((largest_rtt(link_of("{up: {delay: {normal: {mean: 1s, deviation: 10ms}}}}")) == 1040ms));
}

BOOST_AUTO_TEST_CASE(the_warm_up_follows_from_the_slowest_line_and_the_last_join) {
  BOOST_TEST((warm_up_max(valid(kSmall)) == 10s));
  const Scenario scenario =
      valid(kSmall + "    link: {rtt: 5s, jitter: 50ms}\n    join: {at: 1s, ramp: 4s}\n");
  BOOST_TEST((warm_up_max(scenario) == 5s + 4 * 5100ms + 10s));
  BOOST_TEST((warm_up_max(valid(kSmall + "measure: {warm_up_max: 3s}\n")) == 3s));
}

BOOST_AUTO_TEST_CASE(json_is_a_way_to_write_a_scenario) {
  const Scenario scenario = valid(
      R"({"netrig": 1, "name": "j", "duration": "2s", "transport": "memory", "clients": [{"name": "a", "count": 3}]})");
  BOOST_TEST((scenario.duration == 2s));
  BOOST_TEST(scenario.cohorts[0].count == 3u);
}

BOOST_AUTO_TEST_CASE(aliases_are_copies) {
  const Scenario scenario = valid(kSmall +
                                  "    link: &line {rtt: 300ms}\n"
                                  "  - name: b\n"
                                  "    count: 1\n"
                                  "    link: *line\n");
  BOOST_TEST((scenario.cohorts[1].link.rtt == RttRange{300ms, 300ms}));
}

BOOST_AUTO_TEST_CASE(line_ends_and_a_byte_order_mark_do_not_matter) {
  std::string windows = "\xEF\xBB\xBF";
  for (const char letter : kSmall) windows += letter == '\n' ? "\r\n" : std::string(1, letter);
  BOOST_TEST(valid(windows).name == "small");
}

BOOST_AUTO_TEST_CASE(variables_are_replaced_and_defaults_fill_in) {
  const Environment environment = variables({{"SEED", "9"}, {"EMPTY", ""}});
  const std::string text = kSmall +
                           "seed: ${SEED}\n"
                           "description: a ${MISSING:-default} ${EMPTY:-filled} ${EMPTY}. $$5 $6\n"
                           "server: {tick_rate: \"${RATE:-30}Hz\", players_max: \"${SEED}\"}\n";
  const Scenario scenario = valid(text, {}, environment);
  BOOST_TEST(scenario.seed == 9u);
  BOOST_TEST(scenario.description == "a default filled . $5 $6");
  BOOST_TEST(scenario.server.horizon.tick_rate_hz == 30u);
  BOOST_TEST(scenario.server.players_max == 9u);
}

BOOST_AUTO_TEST_CASE(the_digest_is_of_the_files_bytes_alone) {
  const LoadedScenario plain = testing::parse(kSmall);
  BOOST_TEST(plain.file_digest == digest_of(bytes_of(kSmall)));
  BOOST_TEST(testing::parse(kSmall, {{"seed", "2"}}).file_digest == plain.file_digest);
  BOOST_TEST(testing::parse(kSmall + "seed: 2\n").file_digest != plain.file_digest);
}

BOOST_AUTO_TEST_CASE(every_scenario_of_the_project_is_valid) {
  for (const char* name : {"32players", "satellite_5s", "smoke"}) {
    const std::string path = std::string{NETRIG_SOURCE_DIR} + "/scenarios/" + name + ".yaml";
    const LoadedScenario loaded = load_scenario(path, {}, variables({}), testing::games());
    for (const Diagnostic& diagnostic : loaded.diagnostics) BOOST_ERROR(text(diagnostic));
    BOOST_REQUIRE(loaded.scenario);
    BOOST_TEST(loaded.scenario->name == name);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
