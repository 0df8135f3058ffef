#include "netrig/core/base/backoff.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "netrig/tests/support/seed.h"

namespace netrig {
namespace {

BackoffPolicy policy(BackoffJitter jitter) {
  return {.first = 100ms, .max = 5s, .jitter = jitter};
}

// The wait before attempt `attempt` of many clients.
std::vector<Duration> waits(BackoffJitter jitter, int attempt) {
  std::vector<Duration> all;
  const Random root{testing::test_seed()};
  for (std::uint64_t client = 0; client < 20'000; ++client) {
    Backoff backoff{policy(jitter), root.fork("backoff", client)};
    for (int i = 1; i < attempt; ++i) backoff.next();
    all.push_back(backoff.next());
  }
  return all;
}

double mean_seconds(const std::vector<Duration>& all) {
  double sum = 0;
  for (const Duration wait : all) sum += seconds(wait);
  return sum / static_cast<double>(all.size());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(backoff)

BOOST_AUTO_TEST_CASE(without_jitter_it_doubles_up_to_its_bound) {
  Backoff backoff{policy(BackoffJitter::none), Random{1}};
  for (const Duration wait : {Duration{100ms}, Duration{200ms}, Duration{400ms}, Duration{800ms},
                              Duration{1600ms}, Duration{3200ms}, Duration{5s}, Duration{5s}})
    BOOST_TEST((backoff.next() == wait));
  BOOST_TEST(backoff.failures() == 8u);
  backoff.reset();
  BOOST_TEST(backoff.failures() == 0u);
  BOOST_TEST((backoff.next() == 100ms));
}

BOOST_AUTO_TEST_CASE(full_jitter_is_uniform_below_what_it_would_be_without) {
  for (const auto& [attempt, ceiling] : {std::pair{1, Duration{100ms}}, {3, 400ms}, {9, 5s}}) {
    const std::vector<Duration> all = waits(BackoffJitter::full, attempt);
    BOOST_TEST((std::ranges::min(all) >= 0s && std::ranges::min(all) < ceiling / 100));
    BOOST_TEST((std::ranges::max(all) <= ceiling && std::ranges::max(all) > ceiling * 99 / 100));
    BOOST_TEST(mean_seconds(all) == seconds(ceiling) / 2, boost::test_tools::tolerance(0.03));
  }
}

BOOST_AUTO_TEST_CASE(decorrelated_jitter_follows_the_wait_before_it) {
  for (std::uint64_t client = 0; client < 2'000; ++client) {
    Backoff backoff{policy(BackoffJitter::decorrelated), Random{testing::test_seed()}.fork("b", client)};
    Duration previous = 100ms;
    for (int attempt = 0; attempt < 12; ++attempt) {
      const Duration wait = backoff.next();
      BOOST_TEST_REQUIRE((wait >= 100ms && wait <= std::min(3 * previous, Duration{5s})));
      previous = wait;
    }
  }
  BOOST_TEST(mean_seconds(waits(BackoffJitter::decorrelated, 1)) == 0.2, boost::test_tools::tolerance(0.03));
}

// What it is for: clients who failed together come back apart, none of them in step.
BOOST_AUTO_TEST_CASE(clients_that_failed_together_come_back_apart) {
  for (const BackoffJitter jitter : {BackoffJitter::full, BackoffJitter::decorrelated}) {
    std::vector<Duration> all = waits(jitter, 2);
    std::ranges::sort(all);
    BOOST_TEST(std::ranges::unique(all).size() < all.size() / 1000);
  }
}

BOOST_AUTO_TEST_CASE(the_longest_policy_does_not_overflow) {
  for (const BackoffJitter jitter : {BackoffJitter::none, BackoffJitter::full, BackoffJitter::decorrelated}) {
    Backoff backoff{{.first = kBackoffMax, .max = kBackoffMax, .jitter = jitter}, Random{3}};
    for (int i = 0; i < 100; ++i) {
      const Duration wait = backoff.next();
      BOOST_TEST_REQUIRE((wait >= 0s && wait <= kBackoffMax));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig
