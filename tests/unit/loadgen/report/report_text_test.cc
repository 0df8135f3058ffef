#include "netrig/loadgen/report/report_text.h"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/tests/unit/loadgen/report/samples.h"
#include "netrig/tests/unit/loadgen/report/temporary_folder.h"

namespace netrig::loadgen {
namespace {

std::string whole_report(const RunResult& result, const Style& style, const OutputNotes& notes = {}) {
  std::ostringstream out;
  write_header(out, result, style);
  write_report(out, result, notes, style);
  return out.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// On a difference, the text that was printed is left in the working folder.
void check_golden(const std::string& name, const std::string& text) {
  const std::string golden = std::string{NETRIG_SOURCE_DIR} + "/tests/unit/loadgen/report/golden/" + name;
  const bool same = testing::contents_of(golden) == text;
  if (!same) std::ofstream{name} << text;
  BOOST_TEST(same, "compare " << golden << " with ./" << name);
}

BOOST_AUTO_TEST_SUITE(text_reports)

BOOST_AUTO_TEST_CASE(a_passed_run_reads_as_designed) {
  check_golden("passed.txt",
               whole_report(testing::sample_result(), {}, {.written = {"JSON to r.json"}, .failed = {}}));
}

BOOST_AUTO_TEST_CASE(a_failed_run_reads_as_designed) {
  const OutputNotes notes{.written = {}, .failed = {{"/none/r.json", "No such file or directory"}}};
  check_golden("failed.txt", whole_report(testing::troubled_result(), {.unicode = false}, notes));
}

BOOST_AUTO_TEST_CASE(no_line_is_wider_than_the_terminal) {
  RunResult result = testing::troubled_result();
  result.scenario.name =
      "a scenario with a name that is a good deal longer than anybody would want to read aloud";
  result.cohorts[0].name = "a-cohort-with-a-name-that-would-fill-the-better-part-of-a-line-all-by-itself";
  result.bytes.downstream.totals
      .by_message["AMessageTypeThatIsNamedAfterEverythingThatItCarriesAndThenSome"] = {1, 1};
  for (const std::size_t width : {80u, 100u, 120u})
    for (const std::string& line : lines_of(whole_report(result, {.width = width})))
      BOOST_TEST(columns_of(line) <= width, line);
}

BOOST_AUTO_TEST_CASE(the_verdict_stands_first_and_just_before_the_replay_command) {
  std::ostringstream out;
  write_report(out, testing::troubled_result(), {}, {});
  const auto lines = lines_of(out.str());
  BOOST_REQUIRE(lines.size() > 10);
  BOOST_TEST(lines.front().starts_with("✗ FAILED  2 of 5 thresholds do not hold"), lines.front());
  BOOST_TEST(lines.back() == "loadgen run scenarios/32players.yaml --seed 7");
  BOOST_TEST(has(lines[lines.size() - 3], "FAILED"), lines[lines.size() - 3]);  // it takes two lines
}

BOOST_AUTO_TEST_CASE(a_long_replay_command_is_not_broken) {
  RunResult result = testing::sample_result();
  result.replay = "loadgen run " + std::string(200, 'x') + ".yaml --seed 1 --set " + std::string(100, 'y');
  BOOST_TEST(whole_report(result, {}).ends_with("\n" + result.replay + "\n"));
}

BOOST_AUTO_TEST_CASE(the_state_rate_is_computed_and_held_against_the_original_claim) {
  RunResult result = testing::sample_result();
  const std::string flat = whole_report(result, {.width = 200});
  BOOST_TEST(
      has(flat,
          "StateUpdate 71,040 B/s per client (73,600 with v1 framing; the original report claimed 48 KB/s)"));
  result.bytes.state_updates = StateUpdateRate{.messages = 10, .bytes = 1'000, .client_seconds = 10};
  BOOST_TEST(
      has(whole_report(result, {.width = 200}), "StateUpdate 100 B/s per client (104 with v1 framing)"));
  result.bytes.state_updates.reset();
  BOOST_TEST(!has(whole_report(result, {}), "original report"));
}

BOOST_AUTO_TEST_CASE(escape_codes_appear_only_when_colour_is_asked_for) {
  BOOST_TEST(!has(whole_report(testing::troubled_result(), {}), "\x1b"));
  const std::string colourful = whole_report(testing::troubled_result(), {.colour = true});
  BOOST_TEST(has(colourful, "\x1b[1;31m"));
  // without its codes it is the same text
  std::string plain;
  for (std::size_t i = 0; i < colourful.size(); ++i) {
    if (colourful[i] == '\x1b')
      i = colourful.find('m', i);
    else
      plain += colourful[i];
  }
  BOOST_TEST(plain == whole_report(testing::troubled_result(), {}));
}

BOOST_AUTO_TEST_CASE(names_from_files_cannot_move_the_cursor) {
  RunResult result = testing::troubled_result();
  const std::string evil = "x\x1b[2J\r\n\xFF";
  result.scenario.name = result.cohorts[0].name = result.cohorts[0].link = result.description.network = evil;
  result.replay = result.comparison->baseline = result.thresholds[0].expression = evil;
  result.errors[evil] = 1;
  result.bytes.upstream.totals.by_message[evil] = {1, 1};
  const std::string text = whole_report(result, {});
  BOOST_TEST(text.find_first_of("\x1b\r\xFF") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(other_ends_say_what_happened) {
  RunResult result = testing::sample_result();
  result.comparison.reset();
  result.exit_code = ExitCode::interrupted;
  BOOST_TEST(has(whole_report(result, {.width = 200}),
                 "INTERRUPTED  interrupted; the result is partial; 3 of 3 thresholds hold (exit 105)"));
  result.exit_code = ExitCode::pass;
  result.thresholds.clear();
  BOOST_TEST(has(whole_report(result, {}), "PASSED  no thresholds were declared\n"));
}

BOOST_AUTO_TEST_CASE(a_baseline_that_is_no_use_says_why) {
  RunResult result = testing::sample_result();
  result.exit_code = ExitCode::baseline_unusable;
  result.comparison->state = ComparisonState::unusable;
  result.comparison->problem = "b.json: No such file or directory";
  const std::string text = whole_report(result, {.width = 200});
  BOOST_TEST(has(text, "ERROR  3 of 3 thresholds hold; b.json: No such file or directory (exit 95)"), text);
}

BOOST_AUTO_TEST_CASE(fewer_bytes_than_the_baseline_ask_to_be_saved) {
  RunResult result = testing::sample_result();
  result.comparison->state = ComparisonState::shrank;
  BOOST_TEST(has(whole_report(result, {.width = 200}), "--save-baseline scenarios/baselines/32players.json"));
}

BOOST_AUTO_TEST_CASE(a_run_of_nothing_prints_no_empty_sections) {
  const std::string text = whole_report({}, {});
  for (const std::string_view title :
       {"THRESHOLDS", "BASELINE", "LATENCY", "TICKS", "NETWORK", "ERRORS", "COHORTS"})
    BOOST_TEST(!has(text, title), title);
  BOOST_TEST(has(text, "digest none"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
