#include "netrig/sim/network/conditions.h"

#include <boost/test/unit_test.hpp>

using namespace netrig;
using namespace netrig::sim;

namespace {

void expect(ConditionsError error, const LinkConditions& conditions) {
  const auto found = validate(conditions);
  BOOST_REQUIRE(found.has_value());
  BOOST_CHECK(*found == error);
  BOOST_TEST(!text(error).empty());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(conditions)

BOOST_AUTO_TEST_CASE(bounds_belong_to_the_range) {
  BOOST_CHECK(!validate({}));
  BOOST_CHECK(!validate({.delay = ConstantDelay{10s}}));
  BOOST_CHECK(!validate({.delay = UniformDelay{0s, 10s}, .jitter = 10s}));
  BOOST_CHECK(!validate({.delay = NormalDelay{10s, 10s}}));
  BOOST_CHECK(!validate({.loss_ppm = 1'000'000, .duplicate_ppm = 1'000'000}));
  BOOST_CHECK(!validate({.rate_bits_per_second = 1'000, .queue_bytes_max = 1'500}));
  BOOST_CHECK(!validate({.rate_bits_per_second = 100'000'000'000, .queue_bytes_max = 1 << 30}));
}

BOOST_AUTO_TEST_CASE(what_lies_outside_is_named) {
  expect(ConditionsError::delay_out_of_range, {.delay = ConstantDelay{10s + 1ns}});
  expect(ConditionsError::delay_out_of_range, {.delay = ConstantDelay{-1ns}});
  expect(ConditionsError::delay_out_of_range, {.delay = UniformDelay{1s, 11s}});
  expect(ConditionsError::delay_out_of_range, {.delay = NormalDelay{1s, -1s}});
  expect(ConditionsError::delay_min_above_max, {.delay = UniformDelay{2s, 1s}});
  expect(ConditionsError::jitter_out_of_range, {.jitter = -1ns});
  expect(ConditionsError::reorder_delay_out_of_range, {.reorder_delay = 11s});
  expect(ConditionsError::reorder_without_delay, {.reorder_ppm = 1});
  expect(ConditionsError::share_above_one, {.loss_ppm = 1'000'001});
  expect(ConditionsError::share_above_one, {.duplicate_ppm = 1'000'001});
  expect(ConditionsError::share_above_one, {.reorder_ppm = 1'000'001, .reorder_delay = 1ms});
  expect(ConditionsError::rate_out_of_range, {.rate_bits_per_second = 999, .queue_bytes_max = 1'500});
  expect(ConditionsError::rate_out_of_range,
         {.rate_bits_per_second = 100'000'000'001, .queue_bytes_max = 1'500});
  expect(ConditionsError::queue_out_of_range, {.rate_bits_per_second = 1'000, .queue_bytes_max = 1'499});
  expect(ConditionsError::queue_out_of_range,
         {.rate_bits_per_second = 1'000, .queue_bytes_max = (1 << 30) + 1});
}

BOOST_AUTO_TEST_CASE(the_nominal_delay_is_the_middle) {
  BOOST_CHECK(nominal_delay(ConstantDelay{70ms}) == 70ms);
  BOOST_CHECK(nominal_delay(UniformDelay{10ms, 40ms}) == 25ms);
  BOOST_CHECK(nominal_delay(NormalDelay{60ms, 5ms}) == 60ms);
}

BOOST_AUTO_TEST_CASE(conditions_are_described_in_plain_words) {
  BOOST_TEST(describe({}) == "delay 0 ms");
  BOOST_TEST(describe({.delay = ConstantDelay{100ms}, .jitter = 20ms, .loss_ppm = 10'000}) ==
             "delay 100 ms +-20 ms, loss 1 %");
  BOOST_TEST(describe({.delay = UniformDelay{100ms, 2'500ms}, .jitter_may_reorder = true, .loss_ppm = 1}) ==
             "delay uniform from 100 ms to 2.5 s in any order, loss 0.0001 %");
  BOOST_TEST(
      describe({.delay = NormalDelay{80ms, 1'500us},
                .duplicate_ppm = 2'500,
                .reorder_ppm = 1'000'000,
                .reorder_delay = 30ms,
                .rate_bits_per_second = 1'500'000,
                .queue_bytes_max = 65'536}) ==
      "delay normal with mean 80 ms and deviation 1.5 ms, duplicates 0.25 %, reordering 100 % by 30 ms, "
      "1.5 Mbit/s behind a queue of 65.536 kB");
}

BOOST_AUTO_TEST_CASE(durations_are_written_exactly_in_the_unit_that_fits) {
  BOOST_TEST(duration_text(0ns) == "0 ms");
  BOOST_TEST(duration_text(1ns) == "1 ns");
  BOOST_TEST(duration_text(1'050ns) == "1.05 us");
  BOOST_TEST(duration_text(250us) == "250 us");
  BOOST_TEST(duration_text(1'500us) == "1.5 ms");
  BOOST_TEST(duration_text(5s) == "5 s");
  BOOST_TEST(duration_text(5s + 1ns) == "5.000000001 s");
  BOOST_TEST(duration_text(-20ms) == "-20 ms");
}

BOOST_AUTO_TEST_SUITE_END()
