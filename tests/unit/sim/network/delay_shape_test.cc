#include "netrig/sim/network/delay_shape.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "netrig/sim/network/correlated_normal.h"
#include "netrig/sim/network/delay_model.h"
#include "netrig/sim/network/integer_sqrt.h"
#include "netrig/sim/network/normal_table.h"
#include "netrig/sim/network/power_table.h"

using namespace netrig;
using namespace netrig::sim;

namespace {

constexpr std::size_t kDraws = 200'000;

TableDelay table_of(std::vector<DelayPoint> points) {
  return {std::make_shared<const std::vector<DelayPoint>>(std::move(points))};
}

std::vector<double> draws_of(const LinkConditions& conditions) {
  DelayModel model{conditions, Random{1}};
  std::vector<double> draws(kDraws);
  for (double& draw : draws) draw = static_cast<double>(model.draw().count());
  return draws;
}

double mean_of(const std::vector<double>& draws) {
  double sum = 0;
  for (const double draw : draws) sum += draw;
  return sum / static_cast<double>(draws.size());
}

// Correlation of each draw with the one `lag` before it.
double autocorrelation(const std::vector<double>& draws, std::size_t lag) {
  const double mean = mean_of(draws);
  double both = 0;
  double square = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    square += (draws[i] - mean) * (draws[i] - mean);
    if (i >= lag) both += (draws[i] - mean) * (draws[i - lag] - mean);
  }
  return both / square;
}

double quantile_of(std::vector<double> draws, double share) {
  std::ranges::sort(draws);
  return draws[static_cast<std::size_t>(share * static_cast<double>(draws.size()))];
}

std::uint64_t bits_at(double share) {
  return static_cast<std::uint64_t>(std::ldexp(share, 64));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(delay_shape)

BOOST_AUTO_TEST_CASE(powers_and_logarithms_agree_with_libm) {
  for (std::uint64_t bits = 1;; bits = bits * 3 | 1) {
    const double exact = 64 - std::log2(static_cast<double>(bits));
    BOOST_REQUIRE_SMALL(std::ldexp(static_cast<double>(minus_log2_q32(bits)), -32) - exact, 3e-6);
    if (bits > UINT64_MAX / 4) break;
  }
  for (std::uint32_t fraction = 0; fraction < 0xFFF0'0000; fraction += 0x0007'1235) {
    const double exact = std::exp2(std::ldexp(static_cast<double>(fraction), -32));
    BOOST_REQUIRE_CLOSE(std::ldexp(static_cast<double>(exp2_q28(fraction)), -28), exact, 1e-4);
  }
}

BOOST_AUTO_TEST_CASE(the_tail_of_the_normal_distribution_agrees_with_libm) {
  for (std::int64_t micro_sigma = 0; micro_sigma <= 4'000'000; micro_sigma += 997) {
    const double exact = 0.5 * std::erfc(static_cast<double>(micro_sigma) / 1e6 / std::numbers::sqrt2);
    BOOST_REQUIRE_CLOSE(std::ldexp(static_cast<double>(normal_tail(micro_sigma)), -64), exact, 0.005);
  }
}

BOOST_AUTO_TEST_CASE(integer_roots_are_rounded_down) {
  for (const std::uint64_t root : {0ull, 1ull, 2ull, 3ull, 1'000ull, 65'535ull, 4'294'967'295ull}) {
    BOOST_TEST(integer_sqrt(root * root) == root);
    if (root > 0) BOOST_TEST(integer_sqrt(root * root - 1) == root - 1);
    BOOST_TEST(integer_sqrt(root * root + root) == root);
  }
  BOOST_TEST(integer_sqrt(UINT64_MAX) == 4'294'967'295ull);
}

// P(delay > min + x) = (1 + x / scale)^-shape, so the quantile of p is min + scale ((1 - p)^(-1/shape) - 1).
// The draw at `bits` is the quantile of 1 - bits / 2^64.
BOOST_AUTO_TEST_CASE(a_pareto_delay_has_the_quantiles_of_its_closed_form) {
  for (const std::uint32_t shape : {500u, 1'000u, 2'500u, 20'000u, 100'000u}) {
    const ParetoDelay pareto{.min = 30ms, .scale = 10ms, .shape_milli = shape, .max = 10s};
    for (const double share : {0.0001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 0.99999}) {
      const double exact = std::min(30e6 + 10e6 * (std::pow(1 - share, -1'000.0 / shape) - 1), 10e9);
      BOOST_REQUIRE_CLOSE(static_cast<double>(delay_at(pareto, bits_at(1 - share)).count()), exact, 0.001);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_pareto_delay_has_its_mean_and_never_exceeds_its_maximum) {
  const auto draws = draws_of({.delay = ParetoDelay{.min = 30ms, .scale = 10ms, .shape_milli = 4'000}});
  BOOST_CHECK_CLOSE(mean_of(draws), 30e6 + 10e6 / 3, 0.1);
  BOOST_TEST(*std::ranges::min_element(draws) >= 30e6);
  const auto capped =
      draws_of({.delay = ParetoDelay{.min = 30ms, .scale = 10ms, .shape_milli = 1'000, .max = 60ms}});
  BOOST_TEST(*std::ranges::max_element(capped) == 60e6);
  // (1 + 30 / 10)^-1 of them.
  BOOST_CHECK_SMALL(static_cast<double>(std::ranges::count(capped, 60e6)) - kDraws / 4.0, 5 * 194.0);
  for (const std::uint64_t bits : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX})
    BOOST_TEST(delay_at(ParetoDelay{.min = 1s, .scale = 10s, .shape_milli = 500, .max = 10s}, bits).count() <=
               10'000'000'000);
}

BOOST_AUTO_TEST_CASE(a_table_has_straight_lines_between_its_points) {
  const auto table = table_of({{0, 10ms}, {500'000, 20ms}, {900'000, 40ms}, {1'000'000, 140ms}});
  BOOST_CHECK(delay_at(table, 0) == 10ms);
  BOOST_CHECK(delay_at(table, bits_at(0.25)) == 15ms);
  BOOST_CHECK(delay_at(table, bits_at(0.5)) == 20ms);
  BOOST_CHECK(delay_at(table, bits_at(0.75)) - 32'500us < 1us);
  BOOST_TEST(delay_at(table, UINT64_MAX).count() <= 140'000'000);
  BOOST_TEST(delay_at(table, UINT64_MAX).count() > 139'990'000);
  BOOST_CHECK(nominal_delay(table) == 20ms);
  BOOST_CHECK(largest_delay(table) == 140ms);
  const auto draws = draws_of({.delay = table});
  for (const auto& [share, expected] : {std::pair{0.25, 15e6}, {0.5, 20e6}, {0.7, 30e6}, {0.95, 90e6}})
    BOOST_CHECK_CLOSE(quantile_of(draws, share), expected, 1.5);
  // Each line's mean, weighted: 15 * 0.5 + 30 * 0.4 + 90 * 0.1.
  BOOST_CHECK_CLOSE(mean_of(draws), 28.5e6, 0.5);
}

BOOST_AUTO_TEST_CASE(bad_shapes_are_named) {
  const auto error = [](const Delay& delay) { return validate_delay(delay); };
  BOOST_CHECK(error(ParetoDelay{.min = 2s, .max = 1s}) == DelayError::min_above_max);
  BOOST_CHECK(error(ParetoDelay{.shape_milli = 499}) == DelayError::shape_out_of_range);
  BOOST_CHECK(error(ParetoDelay{.scale = 11s}) == DelayError::out_of_range);
  BOOST_CHECK(error(TableDelay{}) == DelayError::bad_table);
  BOOST_CHECK(error(table_of({{0, 1ms}})) == DelayError::bad_table);
  BOOST_CHECK(error(table_of({{1, 1ms}, {1'000'000, 2ms}})) == DelayError::bad_table);
  BOOST_CHECK(error(table_of({{0, 1ms}, {999'999, 2ms}})) == DelayError::bad_table);
  BOOST_CHECK(error(table_of({{0, 2ms}, {1'000'000, 1ms}})) == DelayError::bad_table);
  BOOST_CHECK(error(table_of({{0, 1ms}, {1'000'000, 11s}})) == DelayError::out_of_range);
  BOOST_CHECK(error(table_of(std::vector<DelayPoint>(kDelayPointsMax + 1))) == DelayError::bad_table);
  BOOST_CHECK(!error(table_of({{0, 1ms}, {1'000'000, 1ms}})));
}

BOOST_AUTO_TEST_CASE(correlated_normal_numbers_are_standard_normal_and_decay_by_powers) {
  for (const std::uint32_t rho_ppm : {0u, 300'000u, 900'000u}) {
    const double rho = rho_ppm / 1e6;
    CorrelatedNormal normal{rho_ppm, Random{3}};
    std::vector<double> draws(kDraws);
    for (double& draw : draws) draw = static_cast<double>(normal.draw()) / 1e6;
    double square = 0;
    for (const double draw : draws) square += draw * draw;
    const double slower = (1 + rho) / (1 - rho);  // fewer independent ones: their errors grow by its root
    BOOST_CHECK_SMALL(mean_of(draws), 5 * std::sqrt(slower / kDraws));
    BOOST_CHECK_SMALL(square / kDraws - 1, 5 * std::sqrt(2 * slower / kDraws));
    for (const std::size_t lag : {1u, 2u, 5u})
      BOOST_CHECK_SMALL(autocorrelation(draws, lag) - std::pow(rho, lag), 5 * std::sqrt(slower / kDraws));
  }
}

BOOST_AUTO_TEST_CASE(correlated_jitter_stays_uniform_and_correlates_as_a_gaussian_copula_does) {
  const auto draws = draws_of({.delay = ConstantDelay{100ms}, .jitter = 20ms, .correlation_ppm = 800'000});
  BOOST_TEST(*std::ranges::min_element(draws) >= 80e6);
  BOOST_TEST(*std::ranges::max_element(draws) <= 120e6);
  for (const double share : {0.05, 0.25, 0.5, 0.75, 0.95})
    BOOST_CHECK_SMALL(quantile_of(draws, share) - (80e6 + share * 40e6), 0.7e6);
  for (const std::size_t lag : {1u, 3u}) {
    const double expected = 6 / std::numbers::pi * std::asin(std::pow(0.8, lag) / 2);
    BOOST_CHECK_SMALL(autocorrelation(draws, lag) - expected, 0.03);
  }
}

BOOST_AUTO_TEST_CASE(correlation_keeps_the_quantiles_of_every_shape) {
  const std::vector<Delay> shapes{UniformDelay{50ms, 90ms}, NormalDelay{70ms, 9ms},
                                  ParetoDelay{.min = 40ms, .scale = 10ms, .shape_milli = 3'000},
                                  table_of({{0, 10ms}, {500'000, 20ms}, {1'000'000, 60ms}})};
  for (const Delay& shape : shapes) {
    const auto free = draws_of({.delay = shape});
    const auto tied = draws_of({.delay = shape, .correlation_ppm = 700'000});
    BOOST_CHECK_SMALL(autocorrelation(free, 1), 0.012);
    BOOST_TEST(autocorrelation(tied, 1) > 0.5);
    for (const double share : {0.1, 0.5, 0.9})
      BOOST_CHECK_CLOSE(quantile_of(tied, share), quantile_of(free, share), 2.0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
