#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {

using testing::kSmall;
using testing::problems;
using testing::valid;

BOOST_AUTO_TEST_SUITE(scenario_overrides)

BOOST_AUTO_TEST_CASE(an_override_is_a_path_and_a_value) {
  BOOST_TEST(parse_override("server.tick_rate=60Hz")->path == "server.tick_rate");
  BOOST_TEST(parse_override("thresholds.errors_total=count==0")->value == "count==0");
  BOOST_TEST(parse_override("seed=")->value == "");
  BOOST_TEST(!parse_override("seed"));
  BOOST_TEST(!parse_override("=5"));
}

BOOST_AUTO_TEST_CASE(overrides_replace_and_add_values) {
  const Scenario scenario = valid(kSmall, {{"duration", "3s"},
                                           {"server.tick_rate", "60Hz"},
                                           {"clients.0.link.rtt", "{from: 1s, to: 2s}"},
                                           {"clients.a.count", "5"}});
  BOOST_TEST((scenario.duration == 3s));
  BOOST_TEST(scenario.server.horizon.tick_rate_hz == 60u);
  BOOST_TEST((scenario.cohorts[0].link.rtt == RttRange{1s, 2s}));
  BOOST_TEST(scenario.cohorts[0].count == 5u);
}

BOOST_AUTO_TEST_CASE(the_last_of_two_overrides_wins) {
  BOOST_TEST(valid(kSmall, {{"seed", "2"}, {"seed", "3"}}).seed == 3u);
}

BOOST_AUTO_TEST_CASE(an_override_may_heal_a_value_of_the_file) {
  BOOST_TEST(valid(kSmall + "seed: broken\n", {{"seed", "4"}}).seed == 4u);
}

BOOST_AUTO_TEST_CASE(an_overridden_cohort_is_found_by_its_name_after_earlier_overrides) {
  BOOST_TEST(valid(kSmall, {{"clients.0.name", "b"}, {"clients.b.count", "7"}}).cohorts[0].count == 7u);
}

BOOST_AUTO_TEST_CASE(errors_name_the_override_and_not_the_file) {
  BOOST_TEST(problems(kSmall, {{"server.tik_rate", "60Hz"}}) ==
             "--set server.tik_rate=60Hz: unknown key \"tik_rate\" in server; did you mean \"tick_rate\"?\n");
  BOOST_TEST(problems(kSmall, {{"server.tick_rate", "500Hz"}}) ==
             "--set server.tick_rate=500Hz: server.tick_rate: must be between 1Hz and 240Hz, got 500Hz\n");
  BOOST_TEST(problems(kSmall, {{"seed", ""}}) == "--set seed=: seed: has no value\n");
  BOOST_TEST(problems(kSmall, {{"server", "[1"}}) ==
             "--set server=[1: not valid YAML: end of sequence flow not found\n");
  BOOST_TEST(
      problems(kSmall, {{"server", "{tick_rate: 1Hz, tick_rate: 2Hz}"}}) ==
      "--set server={tick_rate: 1Hz, tick_rate: 2Hz}: duplicate key \"tick_rate\"; it stands on line 1 "
      "already\n");
}

BOOST_AUTO_TEST_CASE(a_path_that_leads_nowhere_says_what_is_there) {
  BOOST_TEST(problems(kSmall, {{"clients.b.count", "3"}}) ==
             "--set clients.b.count=3: clients has no element b; it has 0 (a)\n");
  BOOST_TEST(problems(kSmall, {{"clients.1.count", "3"}}) ==
             "--set clients.1.count=3: clients has no element 1; it has 0 (a)\n");
  BOOST_TEST(problems(kSmall, {{"name.x", "3"}}) ==
             "--set name.x=3: name is a single value and has nothing called x\n");
  BOOST_TEST(problems(kSmall, {{"a..b", "3"}}) ==
             "--set a..b=3: the path is empty, has an empty part, or has more than 16 parts\n");
  BOOST_TEST(
      problems(kSmall, {{"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q", "3"}}) ==
      "--set a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q=3: the path is empty, has an empty part, or has more than 16 "
      "parts\n");
}

BOOST_AUTO_TEST_CASE(variables_are_replaced_in_overrides_too) {
  BOOST_TEST(valid(kSmall, {{"seed", "${N:-6}"}}).seed == 6u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
