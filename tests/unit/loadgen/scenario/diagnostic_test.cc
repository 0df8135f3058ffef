#include "netrig/loadgen/scenario/diagnostic.h"

#include <array>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace netrig::loadgen {
namespace {

Diagnostic at(std::uint32_t column, std::string source_line) {
  Diagnostic diagnostic;
  diagnostic.file = "f.yaml";
  diagnostic.line = 3;
  diagnostic.column = column;
  diagnostic.message = "wrong";
  diagnostic.source_line = std::move(source_line);
  return diagnostic;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(diagnostics)

BOOST_AUTO_TEST_CASE(the_caret_stands_below_the_column) {
  BOOST_TEST(text(at(7, "seed: x")) == "f.yaml:3:7: wrong\n  seed: x\n        ^\n");
}

BOOST_AUTO_TEST_CASE(tabs_stay_tabs_above_the_caret) {
  BOOST_TEST(text(at(4, "a:\tx")) == "f.yaml:3:4: wrong\n  a:\tx\n    \t^\n");
}

BOOST_AUTO_TEST_CASE(columns_count_characters_and_not_bytes) {
  BOOST_TEST(text(at(5, "äö: x")) == "f.yaml:3:5: wrong\n  äö: x\n      ^\n");
}

BOOST_AUTO_TEST_CASE(a_long_line_is_cut_around_the_column) {
  const std::string line = std::string(500, 'a') + "X" + std::string(500, 'b');
  BOOST_TEST(text(at(501, line)) == "f.yaml:3:501: wrong\n  " + std::string(60, 'a') + "X" +
                                        std::string(59, 'b') + "\n  " + std::string(60, ' ') + "^\n");
}

BOOST_AUTO_TEST_CASE(a_warning_says_so_and_an_option_has_no_line) {
  Diagnostic diagnostic;
  diagnostic.file = "--set seed=x";
  diagnostic.severity = Severity::warning;
  diagnostic.message = "odd";
  BOOST_TEST(text(diagnostic) == "--set seed=x: warning: odd\n");
  BOOST_TEST(!has_error({&diagnostic, 1}));
  diagnostic.severity = Severity::error;
  BOOST_TEST(has_error({&diagnostic, 1}));
}

BOOST_AUTO_TEST_CASE(json_has_the_five_keys_and_survives_any_bytes) {
  Diagnostic diagnostic = at(7, "not shown");
  diagnostic.message = "a \"quote\" and \xFF";
  const auto parsed = nlohmann::json::parse(json({&diagnostic, 1}));
  BOOST_TEST(parsed.size() == 1u);
  BOOST_TEST(parsed[0].size() == 5u);
  BOOST_TEST(parsed[0]["file"] == "f.yaml");
  BOOST_TEST(parsed[0]["line"] == 3);
  BOOST_TEST(parsed[0]["column"] == 7);
  BOOST_TEST(parsed[0]["severity"] == "error");
  BOOST_TEST(parsed[0]["message"] == "a \"quote\" and \xEF\xBF\xBD");
  BOOST_TEST(json({}) == "[]");
}

BOOST_AUTO_TEST_CASE(a_suggestion_is_a_clause_or_nothing) {
  constexpr std::array<std::string_view, 3> kWords{"tick_rate", "players_max", "on_join"};
  BOOST_TEST(did_you_mean("player_max", kWords) == "; did you mean \"players_max\"?");
  BOOST_TEST(did_you_mean("x", kWords) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
