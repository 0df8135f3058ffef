#include "netrig/metrics/histogram.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>
#include <vector>

#include "netrig/tests/unit/metrics/aborts.h"
#include "netrig/tests/unit/metrics/samples.h"

namespace netrig::metrics {
namespace {

using testing::Distribution;

constexpr std::uint32_t kShares[] = {0,       1,       10'000,  250'000, 500'000,  900'000,
                                     950'000, 990'000, 999'000, 999'999, 1'000'000};

// The value of nearest rank, from all the samples.
std::uint64_t exact_quantile(const std::vector<std::uint64_t>& sorted, std::uint64_t parts_per_million) {
  const std::uint64_t rank = (sorted.size() * parts_per_million + 999'999) / 1'000'000;
  return sorted[std::max<std::uint64_t>(rank, 1) - 1];
}

bool within_one_percent(std::uint64_t value, std::uint64_t exact) {
  return (value > exact ? value - exact : exact - value) <= exact / 100;
}

void check_against_oracle(std::vector<std::uint64_t> values) {
  Histogram histogram;
  testing::record_all(histogram, values);
  std::sort(values.begin(), values.end());
  BOOST_TEST(histogram.count() == values.size());
  BOOST_TEST(histogram.min().value() == values.front());
  BOOST_TEST(histogram.max().value() == values.back());
  for (const std::uint32_t share : kShares) {
    const std::uint64_t exact = exact_quantile(values, share);
    const std::uint64_t got = histogram.quantile(share).value();
    BOOST_TEST(within_one_percent(got, exact), share << " ppm: " << got << " instead of " << exact);
    BOOST_TEST(got >= values.front());
    BOOST_TEST(got <= values.back());
  }
}

WideSum sum_of(const std::vector<std::uint64_t>& values) {
  WideSum sum;
  for (const std::uint64_t value : values) sum.add(value);
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(histogram)

BOOST_AUTO_TEST_CASE(quantiles_are_within_one_percent_of_those_of_the_samples) {
  for (const std::uint64_t seed : testing::seeds())
    for (const Distribution distribution : testing::kDistributions)
      for (const std::size_t count : {1u, 2u, 3u, 100u, 9'999u})
        BOOST_TEST_CONTEXT("NETRIG_SEED=" << seed << " distribution " << static_cast<int>(distribution)
                                          << " samples " << count) {
          check_against_oracle(testing::samples(distribution, count, Random{seed}));
        }
}

BOOST_AUTO_TEST_CASE(every_value_alone_in_the_middle_of_its_bucket_is_found_within_one_percent) {
  // Three samples with the value between two far ones: the quantile cannot be clamped to it.
  for (unsigned power = 0; power < 63; ++power)
    for (const std::uint64_t step : {0u, 1u, 63u, 127u}) {
      const std::uint64_t value = (std::uint64_t{1} << power) + step * ((std::uint64_t{1} << power) / 128);
      Histogram histogram;
      for (const std::uint64_t sample : {std::uint64_t{0}, value, Histogram::kValueMax})
        histogram.record(sample);
      const std::uint64_t got = histogram.quantile(500'000).value();
      BOOST_TEST(within_one_percent(got, value), got << " instead of " << value);
    }
}

BOOST_AUTO_TEST_CASE(values_below_256_are_exact) {
  for (std::uint64_t value = 0; value < 256; ++value) {
    Histogram histogram;
    for (const std::uint64_t sample : {std::uint64_t{0}, value, Histogram::kValueMax})
      histogram.record(sample);
    BOOST_TEST(histogram.quantile(500'000).value() == value);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_histogram_has_no_value_to_give) {
  const Histogram empty;
  BOOST_TEST(empty.count() == 0u);
  BOOST_TEST((empty.sum() == WideSum{}));
  BOOST_TEST(!empty.min());
  BOOST_TEST(!empty.max());
  for (const std::uint32_t share : kShares) BOOST_TEST(!empty.quantile(share));
}

BOOST_AUTO_TEST_CASE(one_sample_is_every_quantile) {
  Histogram histogram;
  histogram.record(987'654'321u);
  for (const std::uint32_t share : kShares) BOOST_TEST(histogram.quantile(share).value() == 987'654'321u);
}

BOOST_AUTO_TEST_CASE(the_first_and_the_last_rank_are_exact) {
  constexpr std::uint64_t kFirstOfBucket = 1 << 20;  // neither is the middle of its bucket
  constexpr std::uint64_t kLastOfBucket = (1 << 21) - 1;
  Histogram histogram;
  for (const std::uint64_t value : {kFirstOfBucket, kLastOfBucket}) histogram.record(value);
  BOOST_TEST(histogram.quantile(0).value() == kFirstOfBucket);
  BOOST_TEST(histogram.quantile(1'000'000).value() == kLastOfBucket);
}

BOOST_AUTO_TEST_CASE(ranks_are_right_for_counts_whose_product_with_a_million_wraps) {
  constexpr std::uint64_t kMany = std::uint64_t{1} << 62;
  Histogram histogram;
  histogram.record(10, kMany);
  histogram.record(20, kMany);
  BOOST_TEST(histogram.quantile(500'000).value() == 10u);
  BOOST_TEST(histogram.quantile(500'001).value() == 20u);
}

BOOST_AUTO_TEST_CASE(merging_equals_recording_together) {
  for (const std::uint64_t seed : testing::seeds())
    for (const Distribution first : testing::kDistributions)
      for (const Distribution second : testing::kDistributions) BOOST_TEST_CONTEXT("NETRIG_SEED=" << seed) {
          const auto left_values = testing::samples(first, 500, Random{seed}.fork("left", 0));
          const auto right_values = testing::samples(second, 700, Random{seed}.fork("right", 0));
          Histogram left, right, together;
          testing::record_all(left, left_values);
          testing::record_all(right, right_values);
          testing::record_all(together, left_values);
          testing::record_all(together, right_values);
          Histogram left_first = left, right_first = right;
          left_first.merge(right);
          right_first.merge(left);
          BOOST_TEST((left_first == together));
          BOOST_TEST((right_first == together));
        }
}

BOOST_AUTO_TEST_CASE(merging_with_an_empty_one_changes_nothing) {
  Histogram some;
  testing::record_all(some, testing::samples(Distribution::heavy_tail, 100, Random{1}));
  Histogram merged = some;
  merged.merge(Histogram{});
  BOOST_TEST((merged == some));
  Histogram from_empty;
  from_empty.merge(some);
  BOOST_TEST((from_empty == some));
}

BOOST_AUTO_TEST_CASE(recording_a_count_equals_recording_one_by_one) {
  Histogram counted, single;
  for (const std::uint64_t value : testing::samples(Distribution::heavy_tail, 200, Random{4})) {
    counted.record(value, value % 5);
    for (std::uint64_t i = 0; i < value % 5; ++i) single.record(value);
  }
  BOOST_TEST((counted == single));
}

BOOST_AUTO_TEST_CASE(recording_no_occurrence_leaves_no_trace) {
  Histogram histogram;
  histogram.record(7, 0);
  BOOST_TEST((histogram == Histogram{}));
}

BOOST_AUTO_TEST_CASE(a_reset_histogram_is_as_new) {
  for (const Distribution distribution : testing::kDistributions) {
    Histogram histogram;
    testing::record_all(histogram, testing::samples(distribution, 300, Random{5}));
    histogram.reset();
    BOOST_TEST((histogram == Histogram{}));
  }
}

BOOST_AUTO_TEST_CASE(values_beyond_the_range_count_as_its_end) {
  Histogram beyond, at_end;
  beyond.record(std::numeric_limits<std::uint64_t>::max());
  beyond.record(Histogram::kValueMax + 1, 2);
  at_end.record(Histogram::kValueMax, 3);
  BOOST_TEST((beyond == at_end));
  BOOST_TEST(beyond.max().value() == Histogram::kValueMax);
  BOOST_TEST(beyond.quantile(500'000).value() == Histogram::kValueMax);
}

BOOST_AUTO_TEST_CASE(sums_are_exact) {
  for (const Distribution distribution : testing::kDistributions) {
    const auto values = testing::samples(distribution, 1'000, Random{6});
    Histogram histogram;
    testing::record_all(histogram, values);
    BOOST_TEST((histogram.sum() == sum_of(values)));
  }
}

BOOST_AUTO_TEST_CASE(a_sum_goes_on_beyond_64_bits) {
  Histogram histogram;
  histogram.record(Histogram::kValueMax, 6);  // 6 * (2^63 - 1) = 2 * 2^64 + (2^64 - 6)
  BOOST_TEST(histogram.sum().high() == 2u);
  BOOST_TEST(histogram.sum().low() == std::numeric_limits<std::uint64_t>::max() - 5);
}

BOOST_AUTO_TEST_CASE(a_duration_is_recorded_in_nanoseconds) {
  Histogram histogram;
  histogram.record(200ms);
  BOOST_TEST(histogram.max().value() == 200'000'000u);
}

BOOST_AUTO_TEST_CASE(broken_promises_are_caught) {
  BOOST_TEST(netrig::testing::aborts([] { Histogram{}.record(Duration{-1}); }));
  BOOST_TEST(netrig::testing::aborts([] { Histogram{}.quantile(1'000'001); }));
  BOOST_TEST(netrig::testing::aborts([] {
    Histogram full;
    full.record(1, std::numeric_limits<std::uint64_t>::max());
    full.record(1, 1);
  }));
  BOOST_TEST(!netrig::testing::aborts([] { Histogram{}.record(Duration{0}); }));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(wide_sum)

BOOST_AUTO_TEST_CASE(a_product_equals_its_repeated_sum) {
  for (const std::uint64_t value : testing::samples(Distribution::heavy_tail, 100, Random{7})) {
    WideSum product, repeated;
    product.add_product(value, 1'000);
    for (int i = 0; i < 1'000; ++i) repeated.add(value);
    BOOST_TEST((product == repeated));
  }
}

BOOST_AUTO_TEST_CASE(the_greatest_product_is_right) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  WideSum sum;
  sum.add_product(kMost, kMost);  // (2^64 - 1)^2 = (2^64 - 2) * 2^64 + 1
  BOOST_TEST(sum.high() == kMost - 1);
  BOOST_TEST(sum.low() == 1u);
}

BOOST_AUTO_TEST_CASE(sums_of_sums_carry) {
  WideSum half;
  half.add(std::uint64_t{1} << 63);
  WideSum whole = half;
  whole.add(half);
  BOOST_TEST(whole.high() == 1u);
  BOOST_TEST(whole.low() == 0u);
  BOOST_TEST(whole.to_double() == 18446744073709551616.0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::metrics
