#include "netrig/loadgen/report/progress.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <sstream>

namespace netrig::loadgen {
namespace {

using Mode = ProgressLine::Mode;

// 600 times real time, 60 s in all.
Progress after(Duration wall) {
  return {.simulated = 600 * wall, .total = 60s, .wall = wall, .clients = 32, .clients_planned = 32};
}

// 0.5 times real time.
Progress slow(Duration wall) {
  return {.simulated = wall / 2, .total = 60s, .wall = wall, .clients = 8, .clients_planned = 32};
}

struct Painted {
  explicit Painted(Mode mode) : line(out, mode, Style{.width = 80}) {}
  std::size_t count(char c) const {
    const std::string text = out.str();
    return static_cast<std::size_t>(std::ranges::count(text, c));
  }

  std::ostringstream out;
  ProgressLine line;
};

BOOST_AUTO_TEST_SUITE(progress_lines)

BOOST_AUTO_TEST_CASE(the_line_says_how_far_how_fast_and_how_long) {
  BOOST_TEST(progress_bar(after(43ms), 80) ==
             "25.8 s of 60 s [=========>            ]  43 %  600x  ETA 57 ms  32 of 32 clients");
  BOOST_TEST(progress_sentence(slow(30s)) == "25 %, simulated 15 s of 60 s, 0.5x, ETA 90 s, 8 of 32 clients");
}

BOOST_AUTO_TEST_CASE(the_line_fits_every_width) {
  for (std::size_t columns = 1; columns < 200; ++columns)
    BOOST_TEST(progress_bar(after(43ms), columns).size() <= columns);
}

BOOST_AUTO_TEST_CASE(the_bar_goes_before_the_words_do) {
  BOOST_TEST(progress_bar(after(43ms), 62).find('[') == std::string::npos);
  BOOST_TEST(progress_bar(after(43ms), 62).ends_with("32 of 32 clients"));
}

BOOST_AUTO_TEST_CASE(before_anything_has_passed_nothing_is_divided_by_it) {
  BOOST_TEST(progress_sentence({}) == "0 %, simulated 0 s of 0 s, -, ETA -, 0 of 0 clients");
}

BOOST_AUTO_TEST_CASE(a_hundred_percent_is_said_at_the_end_only) {
  BOOST_TEST(progress_sentence({.simulated = 59'999ms, .total = 60s, .wall = 1s}).starts_with("99 %"));
  BOOST_TEST(progress_sentence({.simulated = 61s, .total = 60s, .wall = 1s}).starts_with("100 %"));
}

BOOST_AUTO_TEST_CASE(a_terminal_is_repainted_ten_times_a_second_at_most) {
  Painted painted{Mode::terminal};
  for (int ms = 0; ms <= 1000; ++ms) painted.line.update(slow(std::chrono::milliseconds{ms}));
  BOOST_TEST(painted.count('\r') == 11u);  // at 0, 100, ... 1000 ms
  BOOST_TEST(painted.count('\n') == 0u);
}

BOOST_AUTO_TEST_CASE(a_shorter_line_wipes_what_a_longer_one_left) {
  Painted painted{Mode::terminal};
  painted.line.update(
      {.simulated = 10'000s, .total = 20'000s, .wall = 1s, .clients = 5'000, .clients_planned = 5'000});
  const std::size_t longer = painted.out.str().size();
  painted.line.update({.simulated = 1s, .total = 2s, .wall = 2s, .clients = 1, .clients_planned = 1});
  BOOST_TEST(painted.out.str().size() == 2 * longer);
}

BOOST_AUTO_TEST_CASE(clearing_leaves_an_empty_line_and_paints_at_once_afterwards) {
  Painted painted{Mode::terminal};
  painted.line.clear();
  BOOST_TEST(painted.out.str().empty());
  painted.line.update(after(10ms));
  const std::size_t shown = painted.out.str().size() - 1;
  painted.line.clear();
  BOOST_TEST(painted.out.str().ends_with('\r' + std::string(shown, ' ') + '\r'));
  painted.line.update(after(11ms));
  BOOST_TEST(painted.count('\r') == 4u);
}

BOOST_AUTO_TEST_CASE(a_log_gets_a_line_every_five_seconds) {
  Painted painted{Mode::plain};
  for (int ms = 0; ms <= 21'000; ms += 10) painted.line.update(slow(std::chrono::milliseconds{ms}));
  BOOST_TEST(painted.count('\n') == 4u);  // at 5, 10, 15, 20 s
  BOOST_TEST(painted.count('\r') == 0u);
  painted.line.clear();
  BOOST_TEST(painted.count('\r') == 0u);
}

BOOST_AUTO_TEST_CASE(quiet_is_quiet) {
  Painted painted{Mode::quiet};
  for (int s = 0; s <= 100; ++s) painted.line.update(slow(std::chrono::seconds{s}));
  painted.line.clear();
  BOOST_TEST(painted.out.str().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
