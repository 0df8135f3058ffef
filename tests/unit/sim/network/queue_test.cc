#include "netrig/sim/network/queue.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/base/random.h"

using namespace netrig;
using sim::DropTailQueue;

BOOST_AUTO_TEST_SUITE(queue)

BOOST_AUTO_TEST_CASE(without_a_rate_packets_leave_at_once) {
  DropTailQueue queue{0, 0};
  for (int i = 0; i < 3; ++i) BOOST_CHECK(queue.push(1'000'000, Instant{5s}) == Instant{5s});
  BOOST_TEST(queue.bytes(Instant{5s}) == 0u);
  BOOST_TEST(queue.fits(1'000'000'000, Instant{5s}));
}

BOOST_AUTO_TEST_CASE(one_megabyte_over_8_megabits_takes_one_second_exactly) {
  DropTailQueue queue{8'000'000, 1'000'000};
  Instant last{};
  for (int i = 0; i < 1'000; ++i) last = queue.push(1'000, Instant{});
  BOOST_CHECK(last == Instant{1s});
}

BOOST_AUTO_TEST_CASE(a_rate_that_nanoseconds_cannot_express_is_held_in_the_long_run) {
  DropTailQueue queue{3'000'000, 1 << 30};  // 2,666.67 ns a byte
  Instant last{};
  for (int i = 0; i < 300'000; ++i) last = queue.push(1, Instant{});
  BOOST_CHECK(last == Instant{800ms});  // 2.4 Mbit; rounding each byte down would lose 0.2 ms
}

BOOST_AUTO_TEST_CASE(the_queue_drains_byte_by_byte) {
  DropTailQueue queue{8'000, 10'000};  // 1 ms a byte
  BOOST_CHECK(queue.push(1'000, Instant{}) == Instant{1s});
  BOOST_TEST(queue.bytes(Instant{}) == 1'000u);
  BOOST_TEST(queue.bytes(Instant{400ms}) == 600u);
  BOOST_TEST(queue.bytes(Instant{999'999us}) == 1u);  // the last bit has not left
  BOOST_TEST(queue.bytes(Instant{1s}) == 0u);
  BOOST_CHECK(queue.push(500, Instant{3s}) == Instant{3'500ms});  // an idle limiter saves nothing up
}

BOOST_AUTO_TEST_CASE(exactly_what_exceeds_the_bytes_does_not_fit) {
  for (const std::uint64_t rate : {1'000ull, 3'000'000ull, 7'777'777ull, 99'999'999'999ull}) {
    DropTailQueue queue{rate, 64'000};
    for (int i = 0; i < 64; ++i) {
      BOOST_REQUIRE(queue.fits(1'000, Instant{}));
      queue.push(1'000, Instant{});
    }
    BOOST_TEST(queue.bytes(Instant{}) == 64'000u);
    BOOST_TEST(!queue.fits(1, Instant{}));
  }
  DropTailQueue queue{8'000, 2'000};
  queue.push(2'000, Instant{});
  BOOST_TEST(!queue.fits(500, Instant{499ms}));
  BOOST_TEST(queue.fits(500, Instant{500ms}));
  BOOST_TEST(!queue.fits(501, Instant{500ms}));
}

// The queue keeps one instant; the oracle keeps every byte.
BOOST_AUTO_TEST_CASE(it_agrees_with_a_queue_that_counts_bytes) {
  Random random{11};
  constexpr std::uint64_t kBytesMax = 5'000;
  DropTailQueue queue{8'000'000, kBytesMax};  // 1 us a byte, so that the oracle steps in whole bytes
  std::uint64_t held = 0;
  Instant now{};
  std::uint64_t dropped = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t pause_us = random.below(2'000);
    now += std::chrono::microseconds{pause_us};
    held -= std::min(held, pause_us);
    BOOST_REQUIRE(queue.bytes(now) == held);
    const auto size = static_cast<std::uint32_t>(1 + random.below(2'000));
    const bool fits = held + size <= kBytesMax;
    BOOST_REQUIRE(queue.fits(size, now) == fits);
    if (!fits) {
      ++dropped;
      continue;
    }
    held += size;
    BOOST_REQUIRE((queue.push(size, now) == now + std::chrono::microseconds{held}));
  }
  BOOST_TEST(dropped > 100u);
}

BOOST_AUTO_TEST_SUITE_END()
