// Links as scenarios write them: shapes, losses, schedules, profiles, shared lines, partitions, traces.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "netrig/loadgen/commands/inspect.h"
#include "netrig/loadgen/scenario/link_profiles.h"
#include "netrig/loadgen/scenario/link_trace.h"
#include "netrig/loadgen/scenario/plan.h"
#include "netrig/tests/unit/loadgen/report/temporary_folder.h"
#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {

using testing::kSmall;
using testing::problems;
using testing::valid;
using Kind = sim::LinkEvent::Kind;

namespace {

// `link` stands on line 8, its value from column 11 on.
std::string with_link(const std::string& link) {
  return kSmall + "    link: " + link + "\n";
}

CohortLink link_of(const std::string& link) {
  return valid(with_link(link)).cohorts.at(0).link;
}

// The first line of what is said about a link.
std::string problem(const std::string& link) {
  const std::string all = problems(with_link(link));
  return all.substr(0, all.find('\n'));
}

const std::vector<sim::LinkEvent>& events_of(const sim::LinkConditions& link) {
  return link.schedule->events;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scenario_link)

BOOST_AUTO_TEST_CASE(a_pareto_delay_and_a_table_are_read_with_their_units) {
  const CohortLink link = link_of(
      "{up: {delay: {pareto: {min: 30ms, scale: 10ms, shape: 2.5, max: 1s}}}, "
      "down: {delay: {table: [[0%, 10ms], [50%, 20ms], [99.5%, 80ms], [100%, 200ms]]}}, correlation: 60%}");
  BOOST_CHECK((link.up.delay ==
               sim::Delay{sim::ParetoDelay{.min = 30ms, .scale = 10ms, .shape_milli = 2'500, .max = 1s}}));
  const auto points = std::make_shared<const std::vector<sim::DelayPoint>>(
      std::vector<sim::DelayPoint>{{0, 10ms}, {500'000, 20ms}, {995'000, 80ms}, {1'000'000, 200ms}});
  BOOST_CHECK((link.down.delay == sim::Delay{sim::TableDelay{points}}));
  BOOST_TEST(link.up.correlation_ppm == 600'000u);
}

BOOST_AUTO_TEST_CASE(losses_come_as_a_share_in_bursts_or_as_a_model) {
  BOOST_TEST(link_of("{loss: 2%}").up.loss_ppm == 20'000u);
  BOOST_CHECK(link_of("{loss: {mean: 2%, burst: 4}}").up.bursts == sim::bursts_of(20'000, 4'000));
  BOOST_CHECK(
      (link_of("{loss: {mean: 2%, burst: 300ms}}").up.timed_bursts == sim::TimedBursts{300ms, 20'000}));
  BOOST_CHECK((link_of("{loss: {enter: 0.1%, leave: 25%, good: 0.01%, bad: 60%}}").down.bursts ==
               sim::GilbertElliott{1'000, 250'000, 100, 600'000}));
  const CohortLink link = link_of("{loss: {mean: 2%, burst: 4}, down: {loss: 1%}}");
  BOOST_CHECK(!link.down.bursts);  // one direction's own replaces all of it
  BOOST_TEST(link.down.loss_ppm == 10'000u);
  const sim::LinkConditions other =
      link_of("{loss_by_delay: {from: 50ms, to: 1s, loss: 20%}, corrupt: 0.5%}").up;
  BOOST_CHECK((other.loss_by_delay == sim::LossByDelay{50ms, 1s, 200'000}));
  BOOST_TEST(other.corrupt_ppm == 5'000u);
}

BOOST_AUTO_TEST_CASE(a_schedule_of_a_link_holds_for_both_directions_or_for_one) {
  const CohortLink link = link_of(
      "{rtt: 50ms, rate: 8Mbit/s, schedule: ["
      "{outage: {at: 10s, for: 2s, every: 30s}}, "
      "{hold: {at: random, for: 50ms, every: 1s, direction: down}}, "
      "{change: {at: 20s, over: 5s, rtt: 91ms, rate: 2Mbit/s, loss: 1%}}]}");
  BOOST_REQUIRE(events_of(link.up).size() == 2u);
  BOOST_REQUIRE(events_of(link.down).size() == 3u);
  BOOST_CHECK(
      (events_of(link.up)[0] == sim::LinkEvent{.kind = Kind::outage, .at = 10s, .length = 2s, .every = 30s}));
  BOOST_CHECK(events_of(link.down)[1].at_random);
  BOOST_CHECK(events_of(link.up)[1].delay == 45'500us);
  BOOST_CHECK(events_of(link.down)[2].delay == 45'500us);
  BOOST_TEST(events_of(link.down)[2].rate_bits_per_second.value() == 2'000'000u);
}

BOOST_AUTO_TEST_CASE(each_client_draws_its_own_time_and_both_directions_share_it) {
  const Scenario scenario = valid(
      with_link("{schedule: [{hold: {at: random, for: 50ms, every: 1s}}, {outage: {at: 3s, for: 1s}}]}"));
  const Plan plan = make_plan(scenario, 1);
  const auto first = events_of(plan.clients.at(0).up);
  BOOST_CHECK(first == events_of(plan.clients.at(0).down));
  BOOST_CHECK(first[0].at != events_of(plan.clients.at(1).up)[0].at);
  BOOST_CHECK(first[0].at < 1s);
  BOOST_CHECK(first[1].at == 3s);
}

BOOST_AUTO_TEST_CASE(every_profile_is_valid_and_says_where_it_comes_from) {
  for (const LinkProfile& profile : link_profiles()) {
    const CohortLink link = link_of("{profile: " + std::string{profile.name} + "}");
    BOOST_CHECK(!sim::validate(link.up));
    BOOST_CHECK(!sim::validate(link.down));
    BOOST_TEST(link.profile == profile.name);
    BOOST_TEST(link.up.rate_bits_per_second > 0u);
    BOOST_TEST(!profile.what.empty());
    BOOST_TEST(profile.source.size() > 20u);
    BOOST_TEST(brief(link) == "profile " + link.profile);
  }
  const auto rtt_ms = [](const std::string& name) {
    return seconds(nominal_rtt(link_of("{profile: " + name + "}"))) * 1e3;
  };
  BOOST_CHECK_CLOSE(rtt_ms("lan"), 0.3, 1);
  BOOST_CHECK_CLOSE(rtt_ms("lte"), 62, 3);
  BOOST_CHECK_CLOSE(rtt_ms("geo"), 582, 3);
  BOOST_CHECK_CLOSE(rtt_ms("onion"), 1'580, 3);
}

BOOST_AUTO_TEST_CASE(what_stands_beside_a_profile_replaces_it_in_both_directions) {
  const CohortLink plain = link_of("{profile: lte}");
  const CohortLink link = link_of("{profile: lte, rate: 1Mbit/s, loss: 3%, schedule: []}");
  BOOST_TEST(link.up.rate_bits_per_second == 1'000'000u);
  BOOST_TEST(link.down.rate_bits_per_second == 1'000'000u);
  BOOST_TEST(link.up.queue_bytes_max == plain.up.queue_bytes_max);
  BOOST_CHECK(!link.up.bursts);
  BOOST_CHECK(link.up.schedule == nullptr);
  BOOST_CHECK(link.up.delay == plain.up.delay);
  BOOST_TEST(brief(link) == "profile lte, changed: rate, loss, schedule");

  const CohortLink far = link_of("{profile: lte, rtt: 300ms}");
  BOOST_CHECK((far.rtt == RttRange{300ms, 300ms}));
  const CohortLink one_way = link_of("{profile: lte, up: {loss: 5%}}");
  BOOST_TEST(one_way.up.loss_ppm == 50'000u);
  BOOST_CHECK(one_way.up.delay == plain.up.delay);
  BOOST_CHECK(one_way.down == plain.down);
}

BOOST_AUTO_TEST_CASE(households_are_dealt_along_the_cohort) {
  const Scenario scenario =
      valid(with_link("{rtt: 40ms, household: {size: 2, down: {rate: 2Mbit/s, codel: {target: 10ms}}}}"),
            {{"clients.a.count", "5"}});
  BOOST_CHECK((scenario.cohorts[0].link.household ==
               Household{2, std::nullopt,
                         sim::QueueConditions{2'000'000, 65'536, sim::CoDelConditions{.target = 10ms}}}));
  const Plan plan = make_plan(scenario, 1);
  for (std::uint32_t client = 0; client < 5; ++client)
    BOOST_TEST(plan.clients[client].household.value() == client / 2);
  const Scenario uplink = valid(kSmall + "server: {uplink: {rate: 10Mbit/s, queue: 1MiB}}\n");
  BOOST_CHECK((uplink.uplink == sim::QueueConditions{10'000'000, 1 << 20}));
}

BOOST_AUTO_TEST_CASE(a_partition_is_an_event_of_its_cohorts_links) {
  const Scenario scenario = valid(
      kSmall + "  - {name: b, count: 1}\npartitions:\n  - {cohorts: [b], at: 5s, for: 2s, direction: up}\n");
  BOOST_CHECK(scenario.cohorts[0].link.up.schedule == nullptr);
  const CohortLink& cut = scenario.cohorts[1].link;
  BOOST_CHECK(
      (events_of(cut.up) == std::vector{sim::LinkEvent{.kind = Kind::partition, .at = 5s, .length = 2s}}));
  BOOST_CHECK(cut.down.schedule == nullptr);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_link_is_said_at_its_place) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{profile: lt}",
       "s.yaml:8:21: clients[0].link.profile: expected one of lan, dsl, cable, lte, 5g_handover, "
       "wifi_bursts, geo, leo, onion, got \"lt\"; did you mean \"lte\"?"},
      {"{loss: {mean: 1%}}", "s.yaml:8:18: missing key \"burst\" in clients[0].link.loss"},
      {"{loss: {leave: 1%}}", "s.yaml:8:18: missing key \"enter\" in clients[0].link.loss"},
      {"{loss: {}}",
       "s.yaml:8:18: clients[0].link.loss: write mean and burst, or the chances enter and leave of a model"},
      {"{loss: {mean: 1%, burst: 2, bad: 50%}}",
       "s.yaml:8:18: clients[0].link.loss: write mean and burst, or the chances enter and leave of a model"},
      {"{loss: {mean: 1%, burst: 0.5}}",
       "s.yaml:8:36: clients[0].link.loss.burst: must be between 1 and 1000000, got 0.5"},
      {"{loss: {mean: 0%, burst: 1s}}",
       "s.yaml:8:25: clients[0].link.loss.mean: bursts have a mean between 0% and 100%"},
      {"{loss: {mean: 1%, burst: 1ms}}",
       "s.yaml:8:36: clients[0].link.loss.burst: must be between 10ms and 1h, got 1ms"},
      {"{loss: {mean: 0.0001%, burst: 100}}",
       "s.yaml:8:18: clients[0].link.loss.mean: netrig counts chances in 0.0001%, and no chance of a burst "
       "comes "
       "within 1 % of this mean with bursts this long; write another mean or shorter bursts"},
      {"{correlation: 100%}", "s.yaml:8:25: clients[0].link.correlation: must be below 100%"},
      {"{up: {delay: {pareto: {min: 2s, scale: 1ms, shape: 2, max: 1s}}}}",
       "s.yaml:8:33: clients[0].link.up.delay.pareto: min is above max"},
      {"{up: {delay: {table: [[0%, 2ms], [50%, 1ms], [100%, 3ms]]}}}",
       "s.yaml:8:44: clients[0].link.up.delay.table[1]: shares and delays must rise from point to point"},
      {"{up: {delay: {table: [[0%, 2ms], [50%, 3ms]]}}}",
       "s.yaml:8:32: clients[0].link.up.delay.table: needs 2 to 64 points, the first at 0% and the last at "
       "100%"},
      {"{up: {delay: {}}}",
       "s.yaml:8:24: clients[0].link.up.delay: expected one shape: uniform, normal, pareto or table"},
      {"{codel: {}}",
       "s.yaml:8:11: clients[0].link: has a queue and no rate; without a rate nothing ever waits"},
      {"{schedule: [{outage: {at: 1s}}]}",
       "s.yaml:8:32: clients[0].link.schedule[0].outage: needs a length above 0"},
      {"{schedule: [{hold: {at: random, for: 1s}}]}",
       "s.yaml:8:30: clients[0].link.schedule[0].hold: at a random time needs an interval: each client "
       "begins "
       "anywhere within it"},
      {"{schedule: [{change: {at: 1s, rate: 1Mbit/s}}]}",
       "s.yaml:8:11: clients[0].link: its schedule changes the rate, so it needs a rate to begin with"},
      {"{schedule: [{outage: {at: 1s, for: 1s}, hold: {at: 1s, for: 1s}}]}",
       "s.yaml:8:23: clients[0].link.schedule[0]: expected one of outage, hold, change"},
      {"{loss_by_delay: {from: 2s, to: 1s, loss: 1%}}",
       "s.yaml:8:27: clients[0].link.loss_by_delay: from must be below to"},
      {"{household: {size: 2}}",
       "s.yaml:8:23: clients[0].link.household: needs the line that they share: up, down, or both"},
      {"{rate: 1Mbit/s, household: {size: 2, up: {rate: 1Mbit/s}}}",
       "s.yaml:8:38: clients[0].link.household.up: the household's line has the rate, so the client's own "
       "link "
       "has none"},
      {"{rtt: 9s, schedule: [{change: {at: 1s, rtt: 10s}}, {change: {at: 9s, rtt: 11s}}]}",
       "s.yaml:8:85: clients[0].link.schedule[1].change.rtt: must be between 0s and 10s, got 11s"},
      {"{trace: nowhere.csv}", "s.yaml:8:19: clients[0].link.trace: nowhere.csv: No such file or directory"},
  };
  for (const auto& [link, expected] : cases) BOOST_TEST(problem(link) == expected);
}

BOOST_AUTO_TEST_CASE(a_partition_names_cohorts_that_exist) {
  BOOST_TEST(problems(kSmall + "partitions: [{cohorts: [b], at: 1s, for: 1s}]\n")
                 .starts_with("s.yaml:8:25: partitions[0].cohorts: there is no cohort \"b\""));
  BOOST_TEST(problems(kSmall + "partitions: [{cohorts: [a], at: 1s}]\n")
                 .starts_with("s.yaml:8:14: missing key \"for\" in partitions[0]"));
}

BOOST_AUTO_TEST_CASE(a_schedule_may_not_exceed_the_largest_round_trip) {
  BOOST_TEST(
      problems(with_link("{rtt: 1s, schedule: [{change: {at: 1s, rtt: 3s}}]}") + "server: {rtt_max: 2s}\n")
          .starts_with(
              "s.yaml:8:11: clients[0].link: the round trip can reach 3s, above server.rtt_max (2s)"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(link_trace)

BOOST_AUTO_TEST_CASE(a_trace_is_read_with_units_in_its_cells_or_in_its_header) {
  const auto trace = parse_link_trace(
      "# recorded on a train\n"
      "time,delay_ms,rate,loss_%\n"
      "0s,40.5,8Mbit/s,0\r\n"
      "\n"
      "1s,60,4Mbit/s,1.5\n"
      "3s,50,1Mbit/s,0\n",
      "t.csv");
  BOOST_REQUIRE(trace.has_value());
  BOOST_CHECK((trace->rows == std::vector<sim::LinkTrace::Row>{{0s, 40'500us, 8'000'000, 0},
                                                               {1s, 60ms, 4'000'000, 15'000},
                                                               {3s, 50ms, 1'000'000, 0}}));
  BOOST_CHECK(trace->period == 5s);  // the last row lasts as long as the one before it
  BOOST_TEST(trace->has_delay);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_trace_is_said_by_line) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "t.csv:1: is empty; the first line names the columns, such as time,delay,rate,loss"},
      {"time,delay\n", "t.csv:2: has no rows"},
      {"delay\n1ms\n", "t.csv:1: there is no column \"time\""},
      {"time\n1s\n", "t.csv:1: needs a delay, a rate or a loss beside the time"},
      {"time,time\n", "t.csv:1: column \"time\" stands there twice"},
      {"time,speed\n", "t.csv:1: there is no column \"speed\"; the first line names time, delay, rate, loss"},
      {"time,delay\n0s\n", "t.csv:2: has 1 values; there are 2 columns"},
      {"time,delay\n1s,1ms\n", "t.csv:2: time: the first row is at 0s"},
      {"time,delay\n0s,1ms\n0s,1ms\n", "t.csv:3: time: rows must come one after the other"},
      {"time,delay\n0s,11s\n", "t.csv:2: delay: must be between 0s and 10s"},
      {"time,rate\n0s,10bit/s\n", "t.csv:2: rate: must be between 1kbit/s and 100Gbit/s"},
      {"time,loss\n0s,101%\n", "t.csv:2: loss: "},
      {"time,delay\n0s,5\n",
       "t.csv:2: delay: \"5\" has no unit; write a duration such as 200ms (units: ns us ms s m h)"},
  };
  for (const auto& [text, expected] : cases) {
    const auto trace = parse_link_trace(text, "t.csv");
    BOOST_REQUIRE(!trace.has_value());
    BOOST_TEST(trace.error().front().starts_with(expected), trace.error().front());
  }
  std::string long_one = "time_s,delay_ms\n";
  for (std::size_t row = 0; row <= sim::kTraceRowsMax; ++row) long_one += std::to_string(row) + ",1\n";
  BOOST_TEST(parse_link_trace(long_one, "t.csv").error().front() ==
             "t.csv:86403: time: must be between 0s and 24h");
}

BOOST_AUTO_TEST_CASE(a_link_follows_the_trace_that_it_names) {
  const std::string file = "scenario_link_test.csv";
  std::ofstream{file} << "time,delay,rate\n0s,40ms,8Mbit/s\n1s,60ms,4Mbit/s\n";
  const CohortLink link = link_of("{trace: " + file + ", down: {loss: 1%}}");
  std::remove(file.c_str());
  BOOST_TEST(link.up.rate_bits_per_second == 8'000'000u);
  BOOST_TEST(link.up.queue_bytes_max == 65'536u);
  BOOST_TEST(link.down.loss_ppm == 10'000u);
  BOOST_TEST(link.down.schedule->trace->rows.size() == 2u);
  BOOST_CHECK(largest_rtt(link) == 120ms);
}

// A relative name counts from the file that it stands in: the trace's from the link's.
BOOST_AUTO_TEST_CASE(a_link_in_a_file_and_its_trace_belong_to_the_scenario) {
  testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("lines"));
  folder.write("s.yaml", with_link("{profile: lines/home.yaml}"));
  folder.write("lines/home.yaml", "link:\n  trace: home.csv\n");
  folder.write("lines/home.csv", "time,delay\n0s,40ms\n1s,60ms\n");
  const auto load = [&](std::vector<Override> overrides = {}) {
    return load_scenario(folder.path("s.yaml"), overrides, testing::variables({}), testing::games());
  };
  const LoadedScenario first = load();
  BOOST_TEST_REQUIRE(first.scenario.has_value());
  BOOST_CHECK(largest_rtt(first.scenario->cohorts[0].link) == 120ms);

  folder.write("lines/home.csv", "time,delay\n0s,40ms\n1s,70ms\n");
  const LoadedScenario slower = load();
  BOOST_TEST(slower.file_digest != first.file_digest);
  folder.write("lines/home.yaml", "link:\n  loss: 1%\n  trace: home.csv\n");
  BOOST_TEST(load().file_digest != slower.file_digest);

  const std::string elsewhere = "{profile: " + folder.path("lines/home.yaml") + "}";
  BOOST_TEST(load({{"clients.a.link", elsewhere}}).scenario.has_value());

  folder.write("lines/home.yaml", "link:\n  lsos: 1%\n");
  const LoadedScenario bad = load();
  BOOST_TEST_REQUIRE(bad.diagnostics.size() == 1u);
  const std::string said = text(bad.diagnostics[0]);
  BOOST_TEST(said.find("lines/home.yaml:2:3: unknown key \"lsos\" in link") != std::string::npos, said);
  folder.write("lines/home.yaml", "link:\n  trace: none.csv\n");
  const LoadedScenario without = load();
  BOOST_TEST_REQUIRE(without.diagnostics.size() == 1u);
  BOOST_TEST(
      text(without.diagnostics[0]).find("lines/home.yaml:2:10: clients[0].link.trace: ") != std::string::npos,
      text(without.diagnostics[0]));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
