#include "netrig/loadgen/io/text_table.h"

#include <boost/test/unit_test.hpp>
#include <sstream>

namespace netrig::loadgen {
namespace {

std::string written(const TextTable& table, const Style& style) {
  std::ostringstream out;
  table.write(out, style);
  return out.str();
}

std::string wrapped(const Cell& first, std::string_view text, std::size_t width) {
  std::ostringstream out;
  write_wrapped(out, first, text, {.width = width});
  return out.str();
}

BOOST_AUTO_TEST_SUITE(text_tables)

BOOST_AUTO_TEST_CASE(columns_are_aligned_and_lines_end_in_no_blanks) {
  TextTable table{{Align::left, Align::right, Align::left}};
  table.add({{"name"}, {"n"}, {"remark"}});
  table.add({{"ü"}, {"1,000"}});
  table.add({});
  table.add({{"longer"}, {}, {"x"}});
  BOOST_TEST(written(table, {}) ==
             "  name        n  remark\n"
             "  ü       1,000\n"
             "\n"
             "  longer         x\n");
}

BOOST_AUTO_TEST_CASE(only_the_flexible_column_is_cut) {
  TextTable table{{Align::left, Align::left, Align::right}, 1};
  table.add({{"ok"}, {std::string(100, 'x')}, {"71,040 B/s"}});
  const std::string line = written(table, {.width = 60});
  BOOST_TEST(line == "  ok  " + std::string(41, 'x') + "…  71,040 B/s\n");
  BOOST_TEST(written(table, {.unicode = false, .width = 60}) ==
             "  ok  " + std::string(41, 'x') + "~  71,040 B/s\n");
}

BOOST_AUTO_TEST_CASE(a_line_between_rows_stands_in_no_column) {
  TextTable table{{Align::left, Align::right}};
  table.add({{"a"}, {"1"}});
  table.add_line({"  a line that is wider than any column"});
  table.add({{"b"}, {"2"}});
  BOOST_TEST(written(table, {}) == "  a  1\n  a line that is wider than any column\n  b  2\n");
}

BOOST_AUTO_TEST_CASE(an_expendable_column_goes_before_any_other_is_cut) {
  TextTable table{{Align::left, Align::right, Align::right}};
  table.set_expendable(1);
  table.add({{std::string(50, 'x')}, {"mean"}, {"max"}});
  BOOST_TEST(written(table, {.width = 64}) == "  " + std::string(50, 'x') + "  mean  max\n");
  BOOST_TEST(written(table, {.width = 60}) == "  " + std::string(50, 'x') + "  max\n");
}

BOOST_AUTO_TEST_CASE(colour_is_only_where_it_was_asked_for_and_takes_no_room) {
  TextTable table{{Align::left, Align::right}};
  table.add({{"ok", Paint::good}, {"1"}});
  BOOST_TEST(written(table, {}) == "  ok  1\n");
  BOOST_TEST(written(table, {.colour = true}) == "  \x1b[32mok\x1b[0m  1\n");
}

BOOST_AUTO_TEST_CASE(text_breaks_between_words_under_its_label) {
  BOOST_TEST(wrapped({"label "}, "one two three", 13) == "label one two\n      three\n");
  BOOST_TEST(wrapped({"label "}, "one two three", 60) == "label one two three\n");
}

BOOST_AUTO_TEST_CASE(a_word_longer_than_a_line_stays_whole) {
  BOOST_TEST(wrapped({"- "}, "a /very/long/path b", 8) == "- a\n  /very/long/path\n  b\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
