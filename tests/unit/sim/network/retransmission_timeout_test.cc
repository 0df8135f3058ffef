#include "netrig/sim/network/retransmission_timeout.h"

#include <boost/test/unit_test.hpp>
#include <vector>

namespace netrig::testing {
namespace {
using namespace sim;
}

BOOST_AUTO_TEST_SUITE(retransmission_timeout)

BOOST_AUTO_TEST_CASE(the_first_timeout_is_three_round_trips) {
  BOOST_CHECK((RetransmissionTimeout{1s, 200ms}.timeout() == 3s));     // R + 4 * R/2
  BOOST_CHECK((RetransmissionTimeout{0s, 200ms}.timeout() == 200ms));  // the floor
}

BOOST_AUTO_TEST_CASE(a_steady_round_trip_leaves_the_floor_above_it) {
  RetransmissionTimeout rtt{1s, 200ms};
  for (int i = 0; i < 100; ++i) rtt.sample(1s);
  BOOST_CHECK(rtt.smoothed() == 1s);
  BOOST_CHECK(rtt.timeout() == 1200ms);
}

BOOST_AUTO_TEST_CASE(samples_are_smoothed_as_in_rfc_6298) {
  RetransmissionTimeout rtt{800ms, 1ms};
  rtt.sample(1600ms);  // var: 400 + (800 - 400)/4 = 500; smoothed: 800 + 800/8 = 900
  BOOST_CHECK(rtt.smoothed() == 900ms);
  BOOST_CHECK(rtt.timeout() == 900ms + 4 * 500ms);
}

BOOST_AUTO_TEST_CASE(each_timeout_is_twice_the_last_up_to_a_minute_and_a_sample_ends_that) {
  RetransmissionTimeout rtt{1s, 200ms};
  std::vector<Duration> timeouts;
  for (int i = 0; i < 70; ++i, rtt.back_off()) timeouts.push_back(rtt.timeout());
  const std::vector<Duration> expected{3s, 6s, 12s, 24s, 48s, 60s, 60s};
  BOOST_CHECK(std::vector<Duration>(timeouts.begin(), timeouts.begin() + 7) == expected);
  BOOST_CHECK(timeouts.back() == 60s);
  rtt.sample(1s);
  BOOST_CHECK(rtt.timeout() == 1s + 4 * 375ms);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
