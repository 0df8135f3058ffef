#include "netrig/sim/network/delay_model.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "netrig/sim/network/normal_table.h"

using namespace netrig;
using namespace netrig::sim;

namespace {

constexpr std::size_t kDraws = 200'000;

// Sorted draws, in nanoseconds.
std::vector<std::int64_t> draws_of(const LinkConditions& conditions, std::uint64_t seed = 1) {
  DelayModel model{conditions, Random{seed}};
  std::vector<std::int64_t> draws(kDraws);
  for (std::int64_t& draw : draws) draw = model.draw().count();
  std::sort(draws.begin(), draws.end());
  return draws;
}

double mean_of(const std::vector<std::int64_t>& draws) {
  double sum = 0;
  for (const std::int64_t draw : draws) sum += static_cast<double>(draw);
  return sum / static_cast<double>(draws.size());
}

double variance_of(const std::vector<std::int64_t>& draws) {
  const double mean = mean_of(draws);
  double sum = 0;
  for (const std::int64_t draw : draws)
    sum += (static_cast<double>(draw) - mean) * (static_cast<double>(draw) - mean);
  return sum / static_cast<double>(draws.size());
}

double quantile_of(const std::vector<std::int64_t>& draws, double share) {
  return static_cast<double>(draws[static_cast<std::size_t>(share * static_cast<double>(draws.size()))]);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(delay_model)

BOOST_AUTO_TEST_CASE(a_constant_delay_is_constant) {
  const auto draws = draws_of({.delay = ConstantDelay{70ms}});
  BOOST_TEST(draws.front() == 70'000'000);
  BOOST_TEST(draws.back() == 70'000'000);
}

// Tolerances: five standard errors of 200,000 draws.
BOOST_AUTO_TEST_CASE(a_uniform_delay_has_the_mean_variance_and_quantiles_of_its_range) {
  const auto draws = draws_of({.delay = UniformDelay{100ms, 200ms}});
  BOOST_TEST(draws.front() >= 100'000'000);
  BOOST_TEST(draws.back() <= 200'000'000);
  BOOST_TEST(draws.front() < 100'010'000);  // the ends are reached
  BOOST_TEST(draws.back() > 199'990'000);
  BOOST_CHECK_SMALL(mean_of(draws) - 150e6, 0.33e6);  // 28.87 ms / sqrt(200,000) * 5
  BOOST_CHECK_CLOSE(variance_of(draws), 100e6 * 100e6 / 12, 1.0);
  for (const double share : {0.05, 0.25, 0.5, 0.75, 0.95})
    BOOST_CHECK_SMALL(quantile_of(draws, share) - (100e6 + share * 100e6), 0.56e6);
}

BOOST_AUTO_TEST_CASE(both_ends_of_a_uniform_delay_occur) {
  DelayModel model{{.delay = UniformDelay{3ns, 5ns}}, Random{1}};
  std::vector<int> seen(9);
  for (int i = 0; i < 3'000; ++i) ++seen[static_cast<std::size_t>(model.draw().count())];
  BOOST_TEST(seen[3] + seen[4] + seen[5] == 3'000);
  for (const int count : {seen[3], seen[4], seen[5]}) BOOST_TEST(count > 870);  // 1,000 - 5 * sqrt(667)
}

BOOST_AUTO_TEST_CASE(a_normal_delay_has_the_mean_deviation_and_quantiles_of_its_bell) {
  const auto draws = draws_of({.delay = NormalDelay{500ms, 20ms}});
  BOOST_CHECK_SMALL(mean_of(draws) - 500e6, 0.23e6);        // 20 ms / sqrt(200,000) * 5
  BOOST_CHECK_CLOSE(variance_of(draws), 20e6 * 20e6, 1.6);  // sqrt(2 / 200,000) * 5
  struct Quantile {
    double share, sigma, tolerance;  // tolerance: 5 * sqrt(p (1 - p) / n) / density
  };
  for (const Quantile q :
       {Quantile{0.5, 0, 0.015}, Quantile{0.841345, 1, 0.017}, Quantile{0.158655, -1, 0.017},
        Quantile{0.977250, 2, 0.032}, Quantile{0.022750, -2, 0.032}, Quantile{0.998650, 3, 0.093},
        Quantile{0.001350, -3, 0.093}})
    BOOST_CHECK_SMALL((quantile_of(draws, q.share) - 500e6) / 20e6 - q.sigma, q.tolerance);
}

BOOST_AUTO_TEST_CASE(a_normal_delay_below_zero_counts_as_zero) {
  const auto draws = draws_of({.delay = NormalDelay{0ms, 20ms}});
  BOOST_TEST(draws.front() == 0);
  const auto zeros = std::upper_bound(draws.begin(), draws.end(), 0) - draws.begin();
  BOOST_CHECK_SMALL(static_cast<double>(zeros) / kDraws - 0.5, 0.0056);
}

BOOST_AUTO_TEST_CASE(the_normal_table_is_symmetric_with_variance_one_and_known_quantiles) {
  BOOST_TEST(kNormalQuantiles[0] == 0);
  BOOST_TEST(kNormalQuantiles[1024] == 674'490);    // quantile of 0.75
  BOOST_TEST(kNormalQuantiles[2047] == 3'487'104);  // of 1 - 1/4096
  BOOST_CHECK(std::is_sorted(kNormalQuantiles.begin(), kNormalQuantiles.end()));
  double square = 0;  // of the interpolated distribution: exact within each cell
  for (std::size_t i = 0; i < kNormalCells; ++i) {
    const double a = kNormalQuantiles[i] / 1e6, b = kNormalQuantiles[i + 1] / 1e6;
    square += (a * a + a * b + b * b) / 3 / kNormalCells;
  }
  BOOST_CHECK_CLOSE(square, 1.0, 0.0002);
  for (const std::uint64_t bits : {0x0ull, 0x3FFull << 32, 0x7FF'FFFF'FFFFull, 0x123'4567'89ABull})
    BOOST_TEST(normal_micro_sigma(bits) == -normal_micro_sigma(bits | 1ull << 63));
  BOOST_TEST(normal_micro_sigma(1024ull << 32) == 674'490);
  BOOST_TEST(normal_micro_sigma((2047ull << 32) | 0x8000'0000) == (3'487'104 + 3'964'876) / 2);
}

BOOST_AUTO_TEST_CASE(jitter_shifts_uniformly_within_its_bounds_and_not_below_zero) {
  const auto draws = draws_of({.delay = ConstantDelay{100ms}, .jitter = 20ms});
  BOOST_TEST(draws.front() >= 80'000'000);
  BOOST_TEST(draws.back() <= 120'000'000);
  BOOST_CHECK_SMALL(mean_of(draws) - 100e6, 0.13e6);
  BOOST_CHECK_CLOSE(variance_of(draws), 40e6 * 40e6 / 12, 1.0);

  const auto near_zero = draws_of({.delay = ConstantDelay{5ms}, .jitter = 20ms});
  BOOST_TEST(near_zero.front() == 0);
  BOOST_TEST(near_zero.back() <= 25'000'000);
}

BOOST_AUTO_TEST_CASE(jitter_leaves_the_draws_of_the_shape_alone) {
  DelayModel calm{{.delay = UniformDelay{1s, 2s}}, Random{5}};
  DelayModel jittery{{.delay = UniformDelay{1s, 2s}, .jitter = 1us}, Random{5}};
  for (int i = 0; i < 1'000; ++i) {
    const Duration apart = jittery.draw() - calm.draw();
    BOOST_REQUIRE(apart >= -1us);
    BOOST_REQUIRE(apart <= 1us);
  }
}

BOOST_AUTO_TEST_CASE(the_seed_decides_and_nothing_else) {
  const LinkConditions conditions{.delay = NormalDelay{100ms, 10ms}, .jitter = 5ms};
  BOOST_CHECK(draws_of(conditions, 3) == draws_of(conditions, 3));
  BOOST_CHECK(draws_of(conditions, 3) != draws_of(conditions, 4));
}

BOOST_AUTO_TEST_SUITE_END()
