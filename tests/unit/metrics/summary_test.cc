#include "netrig/metrics/summary.h"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "netrig/metrics/catalog.h"
#include "netrig/tests/unit/metrics/samples.h"

namespace netrig::metrics {

BOOST_AUTO_TEST_SUITE(summary)

BOOST_AUTO_TEST_CASE(no_samples_give_no_summary) {
  BOOST_TEST(!summarise(Histogram{}, 1e9).has_value());
}

BOOST_AUTO_TEST_CASE(nanoseconds_become_seconds) {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.record(i * 10ms);
  const Summary summary = summarise(histogram, steps_per_unit(Unit::seconds)).value();
  BOOST_TEST(summary.count == 100u);
  BOOST_TEST(summary.min == 0.01);
  BOOST_TEST(summary.max == 1.0);
  BOOST_TEST(summary.mean == 0.505);
  BOOST_TEST(std::abs(summary.p50 - 0.50) <= 0.0050);
  BOOST_TEST(std::abs(summary.p90 - 0.90) <= 0.0090);
  BOOST_TEST(std::abs(summary.p95 - 0.95) <= 0.0095);
  BOOST_TEST(std::abs(summary.p99 - 0.99) <= 0.0099);
}

BOOST_AUTO_TEST_CASE(bytes_stay_bytes) {
  Histogram histogram;
  histogram.record(71'040, 60);
  const Summary summary = summarise(histogram, steps_per_unit(Unit::bytes_per_second)).value();
  for (const double value :
       {summary.mean, summary.min, summary.p50, summary.p90, summary.p95, summary.p99, summary.max})
    BOOST_TEST(value == 71'040.0);
}

BOOST_AUTO_TEST_CASE(numbers_are_finite_and_in_order) {
  for (const std::uint64_t seed : testing::seeds())
    for (const auto distribution : testing::kDistributions)
      BOOST_TEST_CONTEXT("NETRIG_SEED=" << seed << " distribution " << static_cast<int>(distribution)) {
        Histogram histogram;
        testing::record_all(histogram, testing::samples(distribution, 1'000, Random{seed}));
        const Summary summary = summarise(histogram, 1e9).value();
        BOOST_TEST(std::isfinite(summary.max));
        BOOST_TEST(summary.min >= 0);
        BOOST_TEST(summary.min <= summary.p50);
        BOOST_TEST(summary.p50 <= summary.p90);
        BOOST_TEST(summary.p90 <= summary.p95);
        BOOST_TEST(summary.p95 <= summary.p99);
        BOOST_TEST(summary.p99 <= summary.max);
        BOOST_TEST(summary.min <= summary.mean);
        BOOST_TEST(summary.mean <= summary.max);
      }
}

BOOST_AUTO_TEST_CASE(the_mean_of_equal_samples_is_that_sample) {
  for (const std::uint64_t value : testing::samples(testing::Distribution::heavy_tail, 200, Random{8})) {
    Histogram histogram;
    histogram.record(value, 3);
    const Summary summary = summarise(histogram, 1e9).value();
    BOOST_TEST(summary.mean == static_cast<double>(value) / 1e9);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::metrics
