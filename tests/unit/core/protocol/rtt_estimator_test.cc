#include "netrig/core/protocol/rtt_estimator.h"

#include <boost/test/unit_test.hpp>

using namespace netrig;

BOOST_AUTO_TEST_SUITE(rtt_estimator)

BOOST_AUTO_TEST_CASE(a_steady_link_gives_its_round_trip_no_jitter_and_the_true_offset) {
  RttEstimator estimator;
  BOOST_TEST(!estimator.has_sample());
  BOOST_TEST(!estimator.clock_offset().has_value());
  const Duration true_offset = 7s;
  for (int i = 0; i < 20; ++i) {
    const Instant now = instant_from_ns(0) + i * 1s;
    estimator.add(400ms, now - 200ms + true_offset, now);
  }
  BOOST_TEST((estimator.smoothed() == 400ms));
  BOOST_TEST((estimator.jitter() == 0ns));
  BOOST_TEST((*estimator.clock_offset() == true_offset));
}

BOOST_AUTO_TEST_CASE(the_smoothed_round_trip_moves_an_eighth_at_a_time) {
  RttEstimator estimator;
  estimator.add(800ms, Instant{}, Instant{});
  estimator.add(1600ms, Instant{}, Instant{});
  BOOST_TEST((estimator.smoothed() == 900ms));
  BOOST_TEST((estimator.latest() == 1600ms));
  BOOST_TEST((estimator.jitter() == 50ms));  // 800 ms / 16
}

BOOST_AUTO_TEST_CASE(one_delayed_answer_does_not_move_the_clock) {
  RttEstimator estimator;
  const Instant now = instant_from_ns(1'000'000'000);
  estimator.add(200ms, now - 100ms, now);           // symmetric: offset 0
  estimator.add(5s, now - 100ms + 10s, now + 10s);  // 4.9 s up, 0.1 s down: looks like 2.4 s of offset
  BOOST_TEST((*estimator.clock_offset() == 0ns));
}

BOOST_AUTO_TEST_SUITE_END()
