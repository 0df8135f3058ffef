#include "netrig/loadgen/io/human.h"

#include <boost/test/unit_test.hpp>

namespace netrig::loadgen {
namespace {

BOOST_AUTO_TEST_SUITE(human_numbers)

BOOST_AUTO_TEST_CASE(whole_numbers_have_thousands_separators) {
  BOOST_TEST(whole(std::uint64_t{0}) == "0");
  BOOST_TEST(whole(std::uint64_t{999}) == "999");
  BOOST_TEST(whole(std::uint64_t{1'000}) == "1,000");
  BOOST_TEST(whole(std::uint64_t{18'446'744'073'709'551'615u}) == "18,446,744,073,709,551,615");
  BOOST_TEST(whole(71'039.6) == "71,040");
  BOOST_TEST(whole(-0.4) == "0");
  BOOST_TEST(whole(-1'234.0) == "-1,234");
  BOOST_TEST(signed_whole(0) == "0");
  BOOST_TEST(signed_whole(1'228'800) == "+1,228,800");
  BOOST_TEST(signed_whole(-100) == "-100");
  BOOST_TEST(signed_whole(INT64_MIN) == "-9,223,372,036,854,775,808");
}

BOOST_AUTO_TEST_CASE(seconds_change_unit_after_rounding) {
  BOOST_TEST(short_seconds(0) == "0 s");
  BOOST_TEST(short_seconds(1e-9) == "1 ns");
  BOOST_TEST(short_seconds(12.34e-6) == "12.3 us");
  BOOST_TEST(short_seconds(0.2134) == "213 ms");
  BOOST_TEST(short_seconds(0.99949) == "999 ms");
  BOOST_TEST(short_seconds(0.99951) == "1 s");
  BOOST_TEST(short_seconds(5.214) == "5.21 s");
  BOOST_TEST(short_seconds(9.996) == "10 s");
  BOOST_TEST(short_seconds(3600) == "3,600 s");
  BOOST_TEST(table_seconds(5) == "5.00 s");
  BOOST_TEST(table_seconds(0.01) == "10.0 ms");
}

BOOST_AUTO_TEST_CASE(bytes_counts_and_factors_are_short) {
  BOOST_TEST(short_bytes(0) == "0 B");
  BOOST_TEST(short_bytes(999) == "999 B");
  BOOST_TEST(short_bytes(73'600) == "73.6 kB");
  BOOST_TEST(short_bytes(999'900) == "1 MB");
  BOOST_TEST(short_bytes(2.5e15) == "2,500 TB");
  BOOST_TEST(short_count(1'934'211) == "1.93 M");
  BOOST_TEST(short_count(12) == "12");
  BOOST_TEST(short_speedup(611.8) == "612x");
  BOOST_TEST(short_speedup(0.98) == "0.98x");
}

BOOST_AUTO_TEST_CASE(shares_never_round_something_to_nothing) {
  BOOST_TEST(percent(964, 1'000) == "96.4 %");
  BOOST_TEST(percent(1, 1e6) == "<0.1 %");
  BOOST_TEST(percent(0, 1e6) == "0.0 %");
  BOOST_TEST(percent(1, 0) == "-");
  BOOST_TEST(signed_percent(9, 1'000) == "+0.9 %");
  BOOST_TEST(signed_percent(-9, 1'000) == "-0.9 %");
  BOOST_TEST(signed_percent(1, 1e6) == "+<0.1 %");
  BOOST_TEST(signed_percent(-1, 1e6) == "-<0.1 %");
  BOOST_TEST(signed_percent(5, 0) == "new");
}

BOOST_AUTO_TEST_CASE(compared_values_keep_six_digits_and_the_base_unit) {
  using enum metrics::Unit;
  BOOST_TEST(in_base_unit(71'040, bytes_per_second) == "71,040 B/s");
  BOOST_TEST(in_base_unit(5.213041, seconds) == "5.21304 s");
  BOOST_TEST(in_base_unit(0.50001, seconds) == "0.50001 s");
  BOOST_TEST(in_base_unit(0.952107008, seconds) == "0.952107 s");
  BOOST_TEST(in_base_unit(0.0123456789, seconds) == "0.0123457 s");
  BOOST_TEST(in_base_unit(0.000000001, seconds) == "0.000000001 s");
  BOOST_TEST(in_base_unit(123.4567, seconds) == "123.457 s");
  BOOST_TEST(in_base_unit(12'345'678, bytes) == "12,345,678 B");
  BOOST_TEST(in_base_unit(0, count) == "0");
  BOOST_TEST(in_base_unit(-1'500.5, count) == "-1,500.5");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
