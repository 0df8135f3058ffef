#include "netrig/loadgen/io/json_writer.h"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>

namespace netrig::loadgen {
namespace {

std::string number(double value) {
  JsonWriter json;
  json.value(value);
  return json.finish();
}

BOOST_AUTO_TEST_SUITE(json_writer)

BOOST_AUTO_TEST_CASE(objects_and_arrays_are_laid_out_for_a_diff) {
  JsonWriter json;
  json.begin_object();
  json.member("name", "a");
  json.key("list");
  json.begin_array();
  json.value(1);
  json.value(true);
  json.null();
  json.end_array();
  json.key("line");
  json.begin_object(JsonWriter::Layout::one_line);
  json.member("x", -1);
  json.key("y");
  json.begin_array();  // inside a line, everything is
  json.value(2);
  json.value(3);
  json.end_array();
  json.end_object();
  json.key("empty");
  json.begin_object();
  json.end_object();
  json.end_object();
  BOOST_TEST(json.finish() ==
             "{\n"
             "  \"name\": \"a\",\n"
             "  \"list\": [\n"
             "    1,\n"
             "    true,\n"
             "    null\n"
             "  ],\n"
             "  \"line\": {\"x\": -1, \"y\": [2, 3]},\n"
             "  \"empty\": {}\n"
             "}\n");
}

BOOST_AUTO_TEST_CASE(numbers_are_exact_and_have_no_exponent) {
  BOOST_TEST(number(12220.5) == "12220.5\n");
  BOOST_TEST(number(0.00001) == "0.00001\n");
  BOOST_TEST(number(60) == "60\n");
  BOOST_TEST(number(1e21) == "1000000000000000000000\n");
  BOOST_TEST(number(0.1 + 0.2) == "0.30000000000000004\n");
  BOOST_TEST(number(-std::numeric_limits<double>::denorm_min()).size() > 300u);
  JsonWriter json;
  json.value(std::numeric_limits<std::uint64_t>::max());
  BOOST_TEST(json.finish() == "18446744073709551615\n");
}

BOOST_AUTO_TEST_CASE(strings_are_escaped) {
  JsonWriter json;
  json.value(std::string_view{"a\"b\\c\n\t\0\x7F\xFFü", 12});
  BOOST_TEST(json.finish() == "\"a\\\"b\\\\c\\n\\u0009\\u0000\x7F\xEF\xBF\xBDü\"\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
