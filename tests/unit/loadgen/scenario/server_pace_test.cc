#include "netrig/loadgen/scenario/server_pace.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/base/random.h"
#include "netrig/tests/support/seed.h"
#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {
namespace {

using testing::kSmall;
using testing::problems;
using testing::valid;

constexpr Instant at(Duration since_start) {
  return Instant{} + since_start;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(server_pace)

BOOST_AUTO_TEST_CASE(without_stalls_time_is_what_the_work_takes) {
  const ServerPace pace;
  BOOST_TEST((running_from(pace, at(3s)) == at(3s)));
  BOOST_TEST((finished_at(pace, at(3s), 16ms) == at(3016ms)));
  BOOST_TEST((finished_at(pace, at(3s), 0ms) == at(3s)));
}

BOOST_AUTO_TEST_CASE(a_stall_holds_from_its_begin_until_before_its_end) {
  const ServerPace pace{.stalls = {{.at = 10s, .length = 500ms}}, .tick_cost = {}};
  BOOST_TEST((running_from(pace, at(10s - 1ns)) == at(10s - 1ns)));
  BOOST_TEST((running_from(pace, at(10s)) == at(10500ms)));
  BOOST_TEST((running_from(pace, at(10499ms)) == at(10500ms)));
  BOOST_TEST((running_from(pace, at(10500ms)) == at(10500ms)));
}

BOOST_AUTO_TEST_CASE(stalls_that_touch_are_one) {
  const ServerPace pace{.stalls = {{.at = 11s, .length = 1s}, {.at = 10s, .length = 1s}}, .tick_cost = {}};
  BOOST_TEST((running_from(pace, at(10s)) == at(12s)));
}

BOOST_AUTO_TEST_CASE(work_that_a_stall_interrupts_takes_that_much_longer) {
  const ServerPace pace{.stalls = {{.at = 10s, .length = 100ms, .every = 1s}}, .tick_cost = {}};
  BOOST_TEST((finished_at(pace, at(9990ms), 10ms) == at(10s)));  // just in time
  BOOST_TEST((finished_at(pace, at(9990ms), 11ms) == at(10101ms)));
  BOOST_TEST((finished_at(pace, at(10050ms), 11ms) == at(10111ms)));  // begun when it ends
  BOOST_TEST((finished_at(pace, at(9s), 2800ms) == at(12s)));         // 1 s, then 0.9 s of each
  BOOST_TEST((finished_at(pace, at(9s), 2801ms) == at(12101ms)));
}

// Against a clock that is looked at each millisecond.
BOOST_AUTO_TEST_CASE(any_stalls_agree_with_a_naive_clock) {
  Random random{netrig::testing::test_seed()};
  for (int round = 0; round < 300; ++round) {
    ServerPace pace;
    for (std::uint64_t i = random.below(4); i > 0; --i) {
      Stall stall{.at = 1ms * random.between(0, 200), .length = 1ms * random.between(1, 30)};
      if (random.chance(500'000)) stall.every = 1ms * random.between(100, 200);
      pace.stalls.push_back(stall);
    }
    const auto runs = [&](std::int64_t ms) {
      for (const Stall& stall : pace.stalls) {
        std::int64_t since = ms - stall.at / 1ms;
        if (since >= 0 && stall.every) since %= *stall.every / 1ms;
        if (since >= 0 && since < stall.length / 1ms) return false;
      }
      return true;
    };
    const std::int64_t from = random.between(0, 300);
    std::int64_t work = random.between(1, 100);
    std::int64_t now = from;
    while (!runs(now)) ++now;
    BOOST_TEST_REQUIRE((running_from(pace, at(1ms * from)) == at(1ms * now)));
    const Instant finished = finished_at(pace, at(1ms * from), 1ms * work);
    while (work > 0) work -= runs(now++) ? 1 : 0;
    BOOST_TEST_REQUIRE((finished == at(1ms * now)));
  }
}

BOOST_AUTO_TEST_CASE(work_adds_up_and_is_sent_once) {
  const TickCost cost{.constant = 4ms, .per_entity = 250us, .per_client = 500us};
  BOOST_TEST((work_of(cost, 1, 16, 16) == 16ms));
  BOOST_TEST((work_of(cost, 4, 16, 16) == 4 * 8ms + 8ms));
}

BOOST_AUTO_TEST_CASE(keys_are_read_and_what_makes_no_sense_is_said_with_its_place) {
  const Scenario scenario = valid(kSmall +
                                  "server:\n  tick_cost: {constant: 1ms, per_entity: 2us}\n"
                                  "  stalls: [{at: 5s, for: 100ms, every: 1s}, {at: 7s, for: 2s}]\n");
  BOOST_TEST((scenario.pace.tick_cost == TickCost{1ms, 2us, 0ns}));
  BOOST_TEST_REQUIRE(scenario.pace.stalls.size() == 2u);
  BOOST_TEST((scenario.pace.stalls[0] == Stall{5s, 100ms, 1s}));
  const auto says = [](const std::string& key, const std::string& what) {
    const std::string found = problems(kSmall + "server:\n  " + key + "\n");
    BOOST_TEST(found.find("s.yaml:9:") == 0u, found);
    BOOST_TEST(found.find(what) != std::string::npos, found);
  };
  says("stalls: 5s", "expected a list such as [{at: 10s, for: 500ms}]");
  says("stalls: [{at: 5s}]", "missing key \"for\" in server.stalls[0]");
  says("stalls: [{at: 5s, for: 1s, every: 1s}]", "every must be longer than for");
  says("stalls: [{at: 5s, for: 0ms}]", "between 1ms and 10m");
  says("stalls: [{at: 0s, for: 1s, every: 2s}, {at: 1s, for: 1s, every: 2s}]", "no time to run");
  says("tick_cost: 5ms", "expected a map of keys");
  says("tick_cost: {per_entitiy: 1ms}", "did you mean \"per_entity\"?");
  says("tick_cost: {constant: 11s}", "between 0s and 10s");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
