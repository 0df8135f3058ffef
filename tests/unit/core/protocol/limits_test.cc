#include "netrig/core/protocol/limits.h"

#include <boost/test/unit_test.hpp>

using namespace netrig;

BOOST_AUTO_TEST_SUITE(limits)

BOOST_AUTO_TEST_CASE(windows_follow_from_the_horizon) {
  const Windows windows = derive_windows({.rtt_max = 10s, .jitter_max = 1s, .tick_rate_hz = 20});
  BOOST_TEST((windows.idle_timeout == 20s));
  BOOST_TEST((windows.handshake_timeout == 42s));
  BOOST_TEST(windows.history_ticks == 12u * 20 + 16);
  BOOST_TEST(windows.inputs_burst_max == 11u * 20);
  BOOST_TEST(windows.inputs_queued_max == 11u * 20 + 64);
  BOOST_TEST(windows.pings_in_flight_max == 22u);
  BOOST_TEST(windows.reliable_in_flight_max == 1024u);
}

BOOST_AUTO_TEST_CASE(every_window_covers_the_round_trip_at_every_rate) {
  for (const std::uint32_t rate : {1u, 10u, 20u, 60u, 128u, 240u}) {
    for (const Duration rtt : {Duration{0}, Duration{200ms}, Duration{5s}, Duration{10s}}) {
      const Windows windows = derive_windows({.rtt_max = rtt, .jitter_max = 0ns, .tick_rate_hz = rate});
      BOOST_TEST(windows.history_ticks > seconds(rtt) * rate);
      BOOST_TEST(windows.inputs_in_flight_max > seconds(rtt) * rate);
      BOOST_TEST(windows.inputs_burst_max >= seconds(rtt) * rate);
      BOOST_TEST((windows.idle_timeout > rtt));
      BOOST_TEST((windows.pings_in_flight_max * kPingInterval > rtt));
    }
  }
}

// A jitter of 10 s once ended every run of such a scenario at an assertion; no test had tried the bounds
// together.
BOOST_AUTO_TEST_CASE(the_largest_jitter_is_within_the_windows_at_any_round_trip) {
  for (const Duration rtt : {Duration{0}, Duration{1ms}, Duration{10s}}) {
    for (const Duration jitter : {Duration{0}, Duration{8s}, Duration{10s}}) {
      const Windows windows = derive_windows({.rtt_max = rtt, .jitter_max = jitter, .tick_rate_hz = 240});
      BOOST_TEST((windows.idle_timeout > rtt + jitter + kPingInterval));
      BOOST_TEST((windows.idle_timeout >= rtt + 10s));
    }
  }
}

BOOST_AUTO_TEST_CASE(datagram_windows_follow_from_the_horizon) {
  const Windows windows = derive_windows({.rtt_max = 10s, .jitter_max = 1s, .tick_rate_hz = 60});
  BOOST_TEST((windows.reorder_max == 2s));
  BOOST_TEST((windows.packet_kept_for == 2 * 12s + 2s));
  BOOST_TEST(windows.packets_kept_max == 26u * 60 * 16);
  BOOST_TEST(windows.replay_packets == 16'384u);  // 14 s x 60 Hz x 16 = 13,440
  BOOST_TEST(windows.numbered_in_flight_max == 5u * 11 * 60);
  const Windows fastest = derive_windows({.rtt_max = 10s, .jitter_max = 5s, .tick_rate_hz = 240});
  BOOST_TEST(fastest.numbered_in_flight_max == kReliableMessagesMax);
  const Windows nearest = derive_windows({.rtt_max = 0s, .jitter_max = 0s, .tick_rate_hz = 1});
  BOOST_TEST(nearest.replay_packets == 1'024u);
  BOOST_TEST(nearest.numbered_in_flight_max == 1'024u);
  BOOST_TEST(nearest.packets_kept_max == 32u);
}

BOOST_AUTO_TEST_CASE(ticks_do_not_drift_at_rates_that_do_not_divide_a_second) {
  const Instant start = instant_from_ns(5);
  BOOST_TEST(ns_since_start(tick_instant(start, 1, 60)) == 5 + 16'666'666);
  BOOST_TEST(ns_since_start(tick_instant(start, 60, 60)) == 5 + 1'000'000'000);
  BOOST_TEST(ns_since_start(tick_instant(start, 86'400ull * 60, 60)) == 5 + 86'400'000'000'000);
}

BOOST_AUTO_TEST_SUITE_END()
