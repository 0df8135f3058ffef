// The window by itself, against the formulas of RFC 9438 in floating point.
#include "netrig/sim/network/congestion_window.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

namespace netrig::testing {
namespace {

using namespace sim;

constexpr std::uint64_t kSegment = kSegmentBytes;

double segments(std::uint64_t bytes) {
  return static_cast<double>(bytes) / static_cast<double>(kSegment);
}

// Acknowledges a window's worth of segments per round trip, evenly, from `from` on for `span`.
template <class Look>
void acknowledge_for(CongestionWindow& window, Duration span, Duration rtt, Instant from, Look&& look) {
  for (Instant now = from; now < from + span;) {
    window.on_acked(kSegment, true, rtt, now);
    look(now - from);
    now += rtt / static_cast<std::int64_t>(window.bytes() / kSegment);
  }
}

// What a window of `segments` is right after a loss, without the slow start that led there.
CongestionWindow after_loss_at(std::uint64_t segments) {
  CongestionWindow window{segments * kSegment};
  window.on_loss();
  return window;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(congestion_window)

BOOST_AUTO_TEST_CASE(the_cube_root_is_exact) {
  for (std::uint64_t root = 0; root < 3'000; ++root) {
    BOOST_REQUIRE(integer_cube_root(root * root * root) == root);
    if (root > 0) BOOST_REQUIRE(integer_cube_root(root * root * root - 1) == root - 1);
  }
  BOOST_TEST(integer_cube_root(UINT64_MAX) == 2'642'245u);  // 2^64 lies between its cube and the next one's
}

BOOST_AUTO_TEST_CASE(every_byte_acknowledged_in_slow_start_is_one_byte_more) {
  CongestionWindow window{10 * kSegment};
  BOOST_TEST(window.in_slow_start());
  window.on_acked(10 * kSegment, true, 1s, Instant{1s});
  BOOST_TEST(window.bytes() == 20 * kSegment);
  window.on_acked(20 * kSegment, true, 1s, Instant{2s});
  BOOST_TEST(window.bytes() == 40 * kSegment);
}

BOOST_AUTO_TEST_CASE(a_window_that_does_not_limit_does_not_grow) {
  CongestionWindow window{10 * kSegment};
  window.on_acked(10 * kSegment, false, 1s, Instant{1s});
  BOOST_TEST(window.bytes() == 10 * kSegment);
}

BOOST_AUTO_TEST_CASE(a_loss_keeps_seven_tenths) {
  CongestionWindow window = after_loss_at(1'000);
  BOOST_TEST(window.bytes() == 700 * kSegment);
  BOOST_TEST(!window.in_slow_start());
  CongestionWindow small{2 * kSegment};
  small.on_loss();
  BOOST_TEST(small.bytes() == 2 * kSegment);  // never below two
}

BOOST_AUTO_TEST_CASE(after_a_loss_the_window_follows_the_cubic_curve_within_a_segment) {
  constexpr Duration kRtt = 50ms;
  CongestionWindow window = after_loss_at(1'000);
  const double until_peak = std::cbrt(300 / 0.4);  // K: 9.08 s
  double worst = 0;
  acknowledge_for(window, 16s, kRtt, Instant{1s}, [&](Duration since) {
    const double from_peak = seconds(since) - until_peak;
    worst = std::max(worst,
                     std::abs(segments(window.bytes()) - (1'000 + 0.4 * from_peak * from_peak * from_peak)));
  });
  BOOST_TEST(worst < 2.5);  // a fraction of a round trip on the steep ends of the curve
  // On the plateau the curve itself is the window.
  BOOST_TEST(std::abs(segments(window.cubic_bytes(Duration{9'086ms})) - 1'000) < 0.01);
}

BOOST_AUTO_TEST_CASE(the_curve_is_the_formula_within_a_segment) {
  CongestionWindow window = after_loss_at(5'000);
  window.on_acked(kSegment, true, 100ms, Instant{1s});
  const double until_peak = std::cbrt(1'500 / 0.4);
  for (Duration since{0}; since < 60s; since += 37ms) {
    const double from_peak = seconds(since) - until_peak;
    const double formula = 5'000 + 0.4 * from_peak * from_peak * from_peak;
    BOOST_REQUIRE(std::abs(segments(window.cubic_bytes(since)) - formula) < 1);
  }
}

BOOST_AUTO_TEST_CASE(a_second_loss_below_the_peak_releases_bandwidth) {
  CongestionWindow window = after_loss_at(1'000);
  window.on_loss();  // at 700, below 1,000: W_max = 700 * 0.85 = 595, window 490
  BOOST_TEST(window.bytes() == 490 * kSegment);
  window.on_acked(kSegment, true, 10ms, Instant{1s});
  const double until_peak = std::cbrt((595 - 490) / 0.4);
  BOOST_TEST(std::abs(segments(window.cubic_bytes(Duration{static_cast<std::int64_t>(until_peak * 1e9)})) -
                      595) < 0.01);
}

BOOST_AUTO_TEST_CASE(over_a_short_round_trip_it_is_no_slower_than_reno) {
  constexpr Duration kRtt = 10ms;
  CongestionWindow window = after_loss_at(100);
  double last = 0;
  // 1 s is 100 round trips: Reno's friend has 70 + 9/17 * 100 = 123, but grows by one a round trip once past
  // 100: 70 + 57 round trips * 9/17 = 100, then 43 more. The curve has 100 + 0.4 * (1 - 4.2)^3 = 87.
  acknowledge_for(window, 1s, kRtt, Instant{1s}, [&](Duration) { last = segments(window.bytes()); });
  BOOST_TEST(last > 138);
  BOOST_TEST(last < 146);
}

BOOST_AUTO_TEST_CASE(a_timeout_starts_again_from_one_segment_and_keeps_its_threshold) {
  CongestionWindow window{100 * kSegment};
  window.on_timeout(false);
  BOOST_TEST(window.bytes() == kSegment);
  window.on_timeout(true);  // the same loss, twice
  window.on_acked(69 * kSegment, true, 1s, Instant{1s});
  BOOST_TEST(window.bytes() == 70 * kSegment);
  BOOST_TEST(!window.in_slow_start());
  // From there on it probes from where it stands (4.8): K is 0.
  window.on_acked(kSegment, true, 1s, Instant{2s});
  BOOST_TEST(window.cubic_bytes(0s) == 70 * kSegment);
  BOOST_TEST(segments(window.cubic_bytes(10s)) == 470, boost::test_tools::tolerance(0.001));
}

BOOST_AUTO_TEST_CASE(idle_time_halves_the_window_down_to_the_initial_one) {
  CongestionWindow window{10 * kSegment};
  window.on_acked(150 * kSegment, true, 1s, Instant{1s});
  CongestionWindow rested = window;
  rested.on_restart(2500ms, 1s);  // two more timeouts passed after the first
  BOOST_TEST(rested.bytes() == 40 * kSegment);
  rested.on_restart(100s, 1s);
  BOOST_TEST(rested.bytes() == 10 * kSegment);
}

BOOST_AUTO_TEST_CASE(time_in_which_the_application_was_silent_does_not_count) {
  constexpr Duration kRtt = 50ms;
  CongestionWindow paused = after_loss_at(1'000);
  CongestionWindow steady = after_loss_at(1'000);
  acknowledge_for(steady, 4s, kRtt, Instant{1s}, [](Duration) {});
  acknowledge_for(paused, 2s, kRtt, Instant{1s}, [](Duration) {});
  for (Instant now{3s}; now < Instant{60s}; now += kRtt) paused.on_acked(kSegment, false, kRtt, now);
  acknowledge_for(paused, 2s, kRtt, Instant{60s}, [](Duration) {});
  BOOST_TEST(std::abs(segments(paused.bytes()) - segments(steady.bytes())) < 2);
}

BOOST_AUTO_TEST_CASE(it_never_passes_its_bound) {
  CongestionWindow window = after_loss_at(1'000);
  for (Instant now{}; now < Instant{100'000s}; now += 100s) window.on_acked(1 << 29, true, 10s, now);
  BOOST_TEST(window.bytes() == kCongestionWindowMax);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
