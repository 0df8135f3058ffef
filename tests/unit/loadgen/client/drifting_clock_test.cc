#include "netrig/loadgen/run/drifting_clock.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/base/random.h"
#include "netrig/tests/support/seed.h"

namespace netrig::loadgen {
namespace {

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::int32_t kDriftPpbMax = 50'000;  // 50 ppm

BOOST_AUTO_TEST_SUITE(drifting_clock)

BOOST_AUTO_TEST_CASE(a_clock_without_drift_only_has_an_offset) {
  const DriftingClock clock{7s, 0};
  BOOST_TEST((clock.local(instant_from_ns(5)) == instant_from_ns(7'000'000'005)));
  BOOST_TEST((clock.run(instant_from_ns(7'000'000'005)) == instant_from_ns(5)));
}

BOOST_AUTO_TEST_CASE(a_fast_clock_gains_its_drift_and_a_slow_one_loses_it) {
  BOOST_TEST((DriftingClock{0ns, 50'000}.local(Instant{} + 1000s) == Instant{} + 1000s + 50ms));
  BOOST_TEST((DriftingClock{0ns, -50'000}.local(Instant{} + 1000s) == Instant{} + 1000s - 50ms));
  BOOST_TEST((DriftingClock{0ns, 1}.local(Instant{} + 86'400s) == Instant{} + 86'400s + 86'400ns));
}

BOOST_AUTO_TEST_CASE(it_never_goes_back) {
  Random random{netrig::testing::test_seed()};
  for (int round = 0; round < 2'000; ++round) {
    const DriftingClock clock{0ns, static_cast<std::int32_t>(random.between(-kDriftPpbMax, kDriftPpbMax))};
    // Around whole seconds and anywhere else.
    const std::int64_t base = random.chance(500'000) ? random.between(0, 86'400) * 1'000'000'000 - 10
                                                     : random.between(0, 24 * kHourNs);
    for (std::int64_t ns = base; ns < base + 20; ++ns) {
      const Duration step = clock.local(instant_from_ns(ns + 1)) - clock.local(instant_from_ns(ns));
      BOOST_REQUIRE((step >= 0ns && step <= 2ns));
    }
  }
}

BOOST_AUTO_TEST_CASE(run_is_the_first_instant_that_shows_the_local_time_or_later) {
  Random random{netrig::testing::test_seed()};
  for (int round = 0; round < 200'000; ++round) {
    const DriftingClock clock{Duration{random.between(0, kHourNs)},
                              static_cast<std::int32_t>(random.between(-kDriftPpbMax, kDriftPpbMax))};
    const Instant local =
        clock.local(instant_from_ns(random.between(1, 24 * kHourNs))) + Duration{random.between(0, 2)};
    const Instant run = clock.run(local);
    BOOST_REQUIRE((clock.local(run) >= local));
    BOOST_REQUIRE((clock.local(run - 1ns) < local));
    BOOST_REQUIRE((clock.local(run) - local <= 1ns));  // a fast clock leaves single nanoseconds out
  }
}

BOOST_AUTO_TEST_CASE(there_and_back_is_exact) {
  Random random{netrig::testing::test_seed()};
  for (int round = 0; round < 200'000; ++round) {
    const auto drift_ppb = static_cast<std::int32_t>(random.between(-kDriftPpbMax, kDriftPpbMax));
    const DriftingClock clock{Duration{random.between(0, kHourNs)}, drift_ppb};
    const Instant run = instant_from_ns(random.between(0, 24 * kHourNs));
    const Instant back = clock.run(clock.local(run));
    // A slow clock shows one time for two nanoseconds now and then: the first of them.
    const bool is_shown_before = drift_ppb < 0 && clock.local(run - 1ns) == clock.local(run);
    BOOST_REQUIRE((back == (is_shown_before ? run - 1ns : run)));
    // What the clock shows when a local time has come, it shows again.
    BOOST_REQUIRE((clock.local(back) == clock.local(run)));
  }
}

BOOST_AUTO_TEST_CASE(a_deadline_on_the_local_clock_is_reached_in_one_step) {
  // A timer set for run(deadline) must find the deadline passed when it fires, or it would be set for now for
  // ever.
  Random random{netrig::testing::test_seed()};
  for (int round = 0; round < 100'000; ++round) {
    const DriftingClock clock{Duration{random.between(0, kHourNs)},
                              static_cast<std::int32_t>(random.between(-kDriftPpbMax, kDriftPpbMax))};
    const Instant deadline = clock.local(Instant{}) + Duration{random.between(0, kHourNs)};
    BOOST_REQUIRE((clock.local(clock.run(deadline)) >= deadline));
    BOOST_REQUIRE((clock.run(deadline) >= Instant{}));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
