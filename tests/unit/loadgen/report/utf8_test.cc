#include "netrig/loadgen/io/utf8.h"

#include <boost/test/unit_test.hpp>

namespace netrig::loadgen {
namespace {

const std::string kReplaced = "\xEF\xBF\xBD";

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(well_formed_text_stays) {
  for (const std::string_view text :
       {"", "abc", "ü", "€", "\xF0\x9F\x8E\xAE", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"})
    BOOST_TEST(valid_utf8(text) == text);
}

BOOST_AUTO_TEST_CASE(each_malformed_byte_is_replaced) {
  BOOST_TEST(valid_utf8("a\xFF") == std::string{"a"}.append(kReplaced));
  BOOST_TEST(valid_utf8("\xC3") == kReplaced);                   // cut short
  BOOST_TEST(columns_of(valid_utf8("\xC0\xAF")) == 2u);          // overlong
  BOOST_TEST(columns_of(valid_utf8("\xE0\x80\x80")) == 3u);      // overlong
  BOOST_TEST(columns_of(valid_utf8("\xED\xA0\x80")) == 3u);      // surrogate
  BOOST_TEST(columns_of(valid_utf8("\xF4\x90\x80\x80")) == 4u);  // above U+10FFFF
  BOOST_TEST(valid_utf8("\xE2\x82x") == kReplaced + kReplaced + "x");
}

BOOST_AUTO_TEST_CASE(control_characters_never_reach_a_terminal) {
  BOOST_TEST(printable("a\x1b[2J") == std::string{"a"}.append(kReplaced).append("[2J"));
  BOOST_TEST(printable("\r\n\x7F\xC2\x9B").find_first_of("\r\n\x7F\x9B") == std::string::npos);
  BOOST_TEST(printable("über") == "über");
}

BOOST_AUTO_TEST_CASE(cutting_counts_characters_and_leaves_them_whole) {
  BOOST_TEST(cut_to("grün", 4, "…") == "grün");
  BOOST_TEST(cut_to("grüner", 4, "…") == "grü…");
  BOOST_TEST(cut_to("grüner", 1, "…") == "…");
  BOOST_TEST(cut_to("grüner", 0, "…") == "");
  BOOST_TEST(cut_to("abc", 2, "") == "ab");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
