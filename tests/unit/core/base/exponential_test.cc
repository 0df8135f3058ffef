#include "netrig/core/base/exponential.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "netrig/tests/support/seed.h"

namespace netrig {
namespace {

constexpr std::size_t kDraws = 400'000;

std::vector<double> draws_of(Duration mean, std::uint64_t seed) {
  Random random{seed};
  std::vector<double> draws(kDraws);
  for (double& draw : draws)
    draw = static_cast<double>(draw_exponential(mean, random).count()) / static_cast<double>(mean.count());
  std::ranges::sort(draws);
  return draws;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exponential_draws)

// Kolmogorov and Smirnov: 1.95 / sqrt(n) is exceeded by one sample in a thousand.
BOOST_AUTO_TEST_CASE(draws_follow_the_exponential_distribution) {
  for (const Duration mean : {Duration{1s}, Duration{std::chrono::hours{24}}, Duration{1ms}}) {
    const std::vector<double> draws = draws_of(mean, testing::test_seed());
    double distance = 0;
    double sum = 0;
    for (std::size_t i = 0; i < draws.size(); ++i) {
      const double expected = 1 - std::exp(-draws[i]);
      distance = std::max(distance, std::abs(expected - static_cast<double>(i) / kDraws));
      sum += draws[i];
    }
    BOOST_TEST(distance < 2.5 / std::sqrt(static_cast<double>(kDraws)));
    BOOST_TEST(std::abs(sum / kDraws - 1) < 5 / std::sqrt(static_cast<double>(kDraws)));
    BOOST_TEST(draws.back() > 9.0);  // the tail: beyond 9 means lie 49 of 400,000
  }
}

BOOST_AUTO_TEST_CASE(draws_are_the_same_everywhere) {
  Random random{1};
  for (const std::int64_t ns :
       std::initializer_list<std::int64_t>{1'391'328'601, 3'080'455'944, 45'820'168, 463'230'194})
    BOOST_TEST(draw_exponential(1s, random).count() == ns);
  BOOST_TEST(draw_exponential(0s, random).count() == 0);
}

BOOST_AUTO_TEST_CASE(the_longest_mean_does_not_overflow) {
  Random random{testing::test_seed()};
  for (int i = 0; i < 10'000; ++i) {
    const Duration draw = draw_exponential(kExponentialMeanMax, random);
    BOOST_TEST_REQUIRE((draw >= Duration{0} && draw / kExponentialMeansMax <= kExponentialMeanMax));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig
