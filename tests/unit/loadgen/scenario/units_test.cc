#include "netrig/loadgen/io/units.h"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>

namespace netrig::loadgen {
namespace {

std::string error_of(const auto& parsed) {
  return parsed ? "no error" : parsed.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(units)

BOOST_AUTO_TEST_CASE(durations_are_exact_nanoseconds) {
  BOOST_TEST(parse_duration("1ns")->count() == 1);
  BOOST_TEST(parse_duration("250us")->count() == 250'000);
  BOOST_TEST(parse_duration("200 ms")->count() == 200'000'000);
  BOOST_TEST(parse_duration("1.5s")->count() == 1'500'000'000);
  BOOST_TEST(parse_duration("0.000000001s")->count() == 1);
  BOOST_TEST(parse_duration("2m")->count() == 120'000'000'000);
  BOOST_TEST(parse_duration("0.5h")->count() == 1'800'000'000'000);
  BOOST_TEST(parse_duration("0s")->count() == 0);
}

BOOST_AUTO_TEST_CASE(sizes_know_powers_of_ten_from_powers_of_two) {
  BOOST_TEST(*parse_size_bytes("1kB") == 1'000);
  BOOST_TEST(*parse_size_bytes("1KiB") == 1'024);
  BOOST_TEST(*parse_size_bytes("0.5KiB") == 512);
  BOOST_TEST(*parse_size_bytes("0.25MiB") == 262'144);
  BOOST_TEST(*parse_size_bytes("3GiB") == 3'221'225'472);
}

BOOST_AUTO_TEST_CASE(bytes_a_second_are_eight_bits_each) {
  BOOST_TEST(*parse_bits_per_second("8Mbit/s") == 8'000'000);
  BOOST_TEST(*parse_bits_per_second("1MB/s") == 8'000'000);
  BOOST_TEST(*parse_bits_per_second("1.5kbit/s") == 1'500);
}

BOOST_AUTO_TEST_CASE(percentages_are_exact_to_a_part_per_million) {
  BOOST_TEST(*parse_percentage_ppm("1%") == 10'000u);
  BOOST_TEST(*parse_percentage_ppm("0.0001%") == 1u);
  BOOST_TEST(*parse_percentage_ppm("100%") == 1'000'000u);
  BOOST_TEST(*parse_percentage_ppm("12.3456%") == 123'456u);
  BOOST_TEST(error_of(parse_percentage_ppm("0.00001%")) ==
             "\"0.00001%\" is finer than netrig counts; use fewer decimals");
  BOOST_TEST(error_of(parse_percentage_ppm("100.1%")) == "\"100.1%\" is more than 100%");
}

BOOST_AUTO_TEST_CASE(angles_are_exact_to_a_thousandth_of_a_degree) {
  BOOST_TEST(*parse_angle_mdeg("90deg") == 90'000);
  BOOST_TEST(*parse_angle_mdeg("0.125deg") == 125);
  BOOST_TEST(text_of_angle(0) == "0deg");
  BOOST_TEST(text_of_angle(500) == "0.5deg");
  BOOST_TEST(text_of_angle(360'000) == "360deg");
  BOOST_TEST(error_of(parse_angle_mdeg("0.0001deg")) ==
             "\"0.0001deg\" is finer than netrig counts; use fewer decimals");
  BOOST_TEST(error_of(parse_angle_mdeg("90")) == "\"90\" has no unit; write an angle such as 90deg");
}

BOOST_AUTO_TEST_CASE(lengths_and_frequencies_have_units_of_their_own) {
  BOOST_TEST(*parse_length_mm("1.5m") == 1'500);
  BOOST_TEST(*parse_length_mm("10km") == 10'000'000);
  BOOST_TEST(*parse_frequency_hz("20Hz") == 20);
  BOOST_TEST(error_of(parse_frequency_hz("0.5Hz")) ==
             "\"0.5Hz\" is finer than netrig counts; use fewer decimals");
}

BOOST_AUTO_TEST_CASE(a_missing_unit_is_named_with_those_allowed) {
  BOOST_TEST(error_of(parse_duration("200")) ==
             "\"200\" has no unit; write a duration such as 200ms (units: ns us ms s m h)");
  BOOST_TEST(error_of(parse_percentage_ppm("0.01")) ==
             "\"0.01\" has no unit; write a percentage such as 0.1%");
}

BOOST_AUTO_TEST_CASE(a_wrong_unit_is_answered_with_those_allowed) {
  BOOST_TEST(error_of(parse_duration("200min")) ==
             "expected a duration such as 200ms (units: ns us ms s m h), got \"200min\"");
  BOOST_TEST(error_of(parse_size_bytes("64kib")) ==
             "expected a size such as 64KiB (units: B kB KiB MB MiB GB GiB), got \"64kib\"");
}

BOOST_AUTO_TEST_CASE(what_yaml_would_read_otherwise_is_refused) {
  for (const char* text :
       {"", "s", ".5s", "1.s", "1e3s", "0x10", "1_000", "+5", "1,5s", "5  s", " 5s", "5s "})
    BOOST_TEST(!parse_duration(text), text);
  for (const char* text : {"", "1.0", "1e3", "0x10", "1_000", "+5", "5 "})
    BOOST_TEST(!parse_integer(text), text);
  BOOST_TEST(error_of(parse_integer("010")) ==
             "\"010\" has a leading zero; numbers are decimal, write it without");
  BOOST_TEST(error_of(parse_integer("-1")) == "\"-1\" must not be negative");
}

BOOST_AUTO_TEST_CASE(overflow_is_an_error_at_every_step) {
  BOOST_TEST(*parse_integer("9223372036854775807") == INT64_MAX);
  BOOST_TEST(error_of(parse_integer("9223372036854775808")) ==
             "\"9223372036854775808\" is too large to be represented");
  BOOST_TEST(!parse_duration("9223372036854775807h"));
  BOOST_TEST(!parse_duration("2562048h"));
  BOOST_TEST(parse_duration("2562046h").has_value());
  BOOST_TEST(!parse_duration("0.1111111111111111111111111s"));
}

BOOST_AUTO_TEST_CASE(long_input_is_quoted_in_part_and_never_inside_a_character) {
  const std::string umlauts = "aäöüäöüäöüäöüäöüäöüäöüäöü";
  BOOST_TEST(error_of(parse_integer(umlauts)) ==
             "expected a whole number such as 32, got \"aäöüäöüäöüäöüäöüäöüä...\"");
}

BOOST_AUTO_TEST_CASE(written_quantities_parse_back) {
  for (const std::int64_t ns : {1LL, 999LL, 1'000LL, 1'500'000LL, 166'666'666LL, 60'000'000'000LL,
                                90'000'000'000LL, 86'400'000'000'000LL})
    BOOST_TEST(parse_duration(text_of_duration(Duration{ns}))->count() == ns);
  for (const std::int64_t bytes : {0LL, 1LL, 1'500LL, 65'536LL, 1'000'000LL, 1'073'741'824LL})
    BOOST_TEST(*parse_size_bytes(text_of_size(bytes)) == bytes);
  for (const std::uint32_t ppm : {0u, 1u, 1'000u, 123'456u, 1'000'000u})
    BOOST_TEST(*parse_percentage_ppm(text_of_percentage(ppm)) == ppm);
  BOOST_TEST(text_of_duration(1500ms) == "1.5s");
  BOOST_TEST(text_of_duration(10s) == "10s");
  BOOST_TEST(text_of_bit_rate(8'000'000) == "8Mbit/s");
  BOOST_TEST(text_of_length(10'000'000) == "10km");
  BOOST_TEST(text_of_percentage(1'000) == "0.1%");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
