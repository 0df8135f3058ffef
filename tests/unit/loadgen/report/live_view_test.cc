#include "netrig/loadgen/report/live_view.h"

#include <boost/test/unit_test.hpp>
#include <sstream>
#include <string>

#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {
namespace {

const Style kPlain{.colour = false, .unicode = true, .width = 80};

LiveFacts facts() {
  LiveFacts facts{
      .progress = {.simulated = 25s, .total = 60s, .wall = 1s, .clients = 20, .clients_planned = 32}};
  facts.cohorts = {{"broadband", 12, 12}, {"mobile", 6, 12}, {"satellite", 2, 8}};
  for (int i = 0; i < 100; ++i) facts.downstream_bytes_per_second.push_back(1e6 * i);
  facts.tick_seconds_p99 = {50e-6, 61e-6};
  facts.input_to_ack_seconds_p95 = {5.2};
  facts.lateness_seconds_p99 = {0};
  return facts;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(live_view)

BOOST_AUTO_TEST_CASE(it_shows_cohorts_and_what_went_on_lately) {
  const std::vector<std::string> lines = live_lines(facts(), kPlain, {80, 24});
  BOOST_REQUIRE(lines.size() == 8u);
  BOOST_TEST(lines[0].starts_with("25 s of 60 s ["));
  BOOST_TEST(lines[2].starts_with("  mobile                  6 of 12  ████"));
  BOOST_TEST(lines[2].ends_with("░░░░"));
  BOOST_TEST(lines[4].find("99 MB/s") != std::string::npos, lines[4]);
  BOOST_TEST(lines[6].find("61") != std::string::npos, lines[6]);
}

BOOST_AUTO_TEST_CASE(no_line_is_wider_than_the_terminal_and_no_block_higher) {
  LiveFacts crowded = facts();
  for (int i = 0; i < 60; ++i) crowded.cohorts.push_back({"cohort-" + std::string(20, 'x'), 7, 1'000'000});
  for (const bool unicode : {true, false})
    for (std::size_t columns = 1; columns <= 200; ++columns)
      for (const std::size_t rows : {1u, 2u, 5u, 24u}) {
        const auto lines = live_lines(crowded, {.colour = false, .unicode = unicode}, {columns, rows});
        BOOST_TEST(lines.size() <= std::max<std::size_t>(rows, 2) - 1);
        for (const std::string& line : lines)
          BOOST_TEST(columns_of(line) < std::max<std::size_t>(columns, 2));
      }
  BOOST_TEST(joined(live_lines(crowded, kPlain, {100, 40})).find("55 more") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_narrow_terminal_gets_the_line_of_progress_alone) {
  BOOST_TEST(live_lines(facts(), kPlain, {39, 24}).size() == 1u);
}

BOOST_AUTO_TEST_CASE(before_the_window_it_says_what_it_waits_for) {
  LiveFacts waiting = facts();
  waiting.warming_up = true;
  BOOST_TEST(joined(live_lines(waiting, kPlain, {80, 24})).find("waiting until everybody has joined") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_sparkline_is_of_the_newest_and_measures_against_the_greatest) {
  BOOST_TEST(sparkline({9, 0, 4, 8}, 3, true) == "▁▅█");
  BOOST_TEST(sparkline({0, 4, 8}, 10, false) == ".+#");
  BOOST_TEST(sparkline({0, 0}, 10, false) == "..");
  BOOST_TEST(sparkline({}, 10, true).empty());
  BOOST_TEST(sparkline({1}, 0, true).empty());
}

BOOST_AUTO_TEST_CASE(colours_only_when_they_are_wanted) {
  BOOST_TEST(joined(live_lines(facts(), kPlain, {80, 24})).find('\x1b') == std::string::npos);
  const Style colours{.colour = true, .unicode = true, .width = 80};
  BOOST_TEST(joined(live_lines(facts(), colours, {80, 24})).find("\x1b[") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(it_repaints_ten_times_a_second_over_its_own_lines_and_wipes_them) {
  std::ostringstream out;
  LiveView view{out, kPlain, [] { return TerminalSize{80, 24}; }};
  int looks = 0;
  for (int ms = 0; ms < 1000; ++ms)
    view.update(std::chrono::milliseconds{ms}, [&] {
      ++looks;
      return facts();
    });
  BOOST_TEST(looks == 10);
  BOOST_TEST(out.str().find("\x1b[8A\r") != std::string::npos);
  view.clear();
  BOOST_TEST(out.str().ends_with("\x1b[8A\r\x1b[J"));
  const std::size_t sent = out.str().size();
  view.clear();
  BOOST_TEST(out.str().size() == sent);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
