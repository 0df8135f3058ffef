#include "netrig/sim/network/timed_bursts.h"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "netrig/sim/network/link.h"
#include "netrig/tests/unit/sim/network/network_testing.h"

namespace netrig::testing {
namespace {

constexpr TimedBursts kBursts{.mean_length = 200ms, .mean_ppm = 50'000};
constexpr double kStep = 0.001;              // seconds
constexpr std::int64_t kSteps = 20'000'000;  // 5,000 bursts

struct Watched {
  double lost = 0;  // share of the time
  double bursts = 0;
  double longer_than_mean = 0;  // share of bursts
  double stays_lost = 0;        // of what is lost, the share that is lost 50 ms later
};

Watched watch(const TimedBursts& bursts) {
  TimedBurstModel model{bursts, Random{11}};
  TimedBurstModel later{bursts, Random{11}};
  Watched watched;
  double run = 0;
  double lost = 0;
  double stays = 0;
  for (std::int64_t step = 0; step < kSteps; ++step) {
    const Instant at = Instant{} + step * Duration{1ms};
    const bool still = later.is_lost(at + 50ms);
    if (model.is_lost(at)) {
      ++run;
      ++lost;
      stays += still ? 1 : 0;
    } else if (run > 0) {
      ++watched.bursts;
      if (run * kStep > seconds(bursts.mean_length)) ++watched.longer_than_mean;
      run = 0;
    }
  }
  watched.lost = lost / kSteps;
  watched.longer_than_mean /= watched.bursts;
  watched.stays_lost = stays / lost;
  return watched;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(timed_bursts)

// In the long run the share of the time; as many bursts as their mean length makes of it; exponential
// lengths, of which 1 / e are longer than the mean; and what is lost at t is lost at t + s with the chance of
// a two-state Markov process, mean + (1 - mean) exp(-s / (length (1 - mean))).
BOOST_AUTO_TEST_CASE(they_are_the_gilbert_model_in_continuous_time) {
  const Watched watched = watch(kBursts);
  const double mean = 0.05;
  const double length = 0.2;
  const double bursts = kSteps * kStep * mean / length;
  const double error = 1 / std::sqrt(bursts);
  BOOST_CHECK_SMALL(watched.lost / mean - 1, 5 * error * std::sqrt(2));
  BOOST_CHECK_SMALL(watched.bursts / bursts - 1, 5 * error);
  BOOST_CHECK_SMALL(watched.longer_than_mean - std::exp(-1), 5 * error);
  BOOST_CHECK_SMALL(watched.stays_lost - (mean + (1 - mean) * std::exp(-0.05 / (length * (1 - mean)))),
                    5 * error);
}

BOOST_AUTO_TEST_CASE(the_first_instant_meets_the_state_of_the_long_run) {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 20'000; ++seed)
    lost += TimedBurstModel{{.mean_length = 1s, .mean_ppm = 300'000}, Random{seed}}.is_lost(Instant{});
  BOOST_CHECK_SMALL(lost / 20'000.0 - 0.3, 0.02);  // six standard deviations
}

BOOST_AUTO_TEST_CASE(a_link_loses_what_leaves_in_a_burst_and_nothing_else) {
  const LinkConditions conditions{.delay = ConstantDelay{30ms}, .timed_bursts = kBursts};
  Link link{conditions, Random{3}};
  TimedBurstModel bursts{kBursts, Random{3}.fork("loss", 0).fork("timed_bursts", 0)};
  LinkLog log;
  std::size_t expected = 0;
  for (std::uint32_t number = 0; number < 20'000; ++number) {
    const Instant now = Instant{} + number * Duration{7ms};
    advance_until(link, now, log);
    link.enqueue(numbered_packet(number, 100), now);
    if (!bursts.is_lost(now)) ++expected;
  }
  advance_until(link, kEver, log);
  BOOST_TEST(log.delivered.size() == expected);
  BOOST_TEST(expected < 19'500u);
  BOOST_TEST(mean_loss_ppm(conditions) == 50'000u);
}

BOOST_AUTO_TEST_CASE(the_longest_times_fit) {
  TimedBurstModel rare{{.mean_length = kBurstLengthMax, .mean_ppm = 1}, Random{1}};
  BOOST_TEST(!rare.is_lost(Instant{} + std::chrono::hours{48}));
}

BOOST_AUTO_TEST_CASE(bad_lengths_are_named) {
  for (const TimedBursts& bad : {TimedBursts{9ms, 1}, TimedBursts{kBurstLengthMax + 1ns, 1},
                                 TimedBursts{1s, 0}, TimedBursts{1s, kPartsPerMillion}})
    BOOST_CHECK(validate({.timed_bursts = bad}) == ConditionsError::timed_bursts_out_of_range);
  BOOST_CHECK(!validate({.timed_bursts = kBursts}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
