#include <boost/test/unit_test.hpp>

#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/report/report_json.h"
#include "netrig/tests/unit/loadgen/report/samples.h"
#include "netrig/tests/unit/loadgen/report/temporary_folder.h"

namespace netrig::loadgen {
namespace {

std::string sample_json() {
  const RunResult run = testing::sample_result();
  return baseline_json(*make_baseline({&run, 1}));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, "nothing to replace: " << from);
  return text.replace(at, from.size(), to);
}

std::string error_of(std::string_view json) {
  const auto baseline = parse_baseline(json);
  return baseline ? "accepted" : baseline.error();
}

std::string error_with(std::string_view from, std::string_view to) {
  return error_of(replaced(sample_json(), from, to));
}

bool same(const Baseline& a, const Baseline& b) {
  return a.seeds == b.seeds && a.downstream == b.downstream && a.upstream == b.upstream &&
         compare("", a, b, {}).notes.empty() && compare("", a, b, {}).state == ComparisonState::same;
}

BOOST_AUTO_TEST_SUITE(baseline_files)

BOOST_AUTO_TEST_CASE(a_baseline_comes_back_as_it_was_written) {
  RunResult run = testing::sample_result();
  run.seed = 0xFFFF'FFFF'FFFF'FFFF;  // more than a double holds
  run.scenario.duration = 1'000'000'001ns;
  const Baseline baseline = *make_baseline({&run, 1});
  const auto back = parse_baseline(baseline_json(baseline));
  BOOST_REQUIRE_MESSAGE(back, back.error());
  BOOST_TEST(same(baseline, *back));
  BOOST_TEST(baseline_json(*back) == baseline_json(baseline));
}

BOOST_AUTO_TEST_CASE(a_result_and_several_results_serve_as_baselines) {
  std::vector<RunResult> runs{testing::sample_result(), testing::sample_result()};
  runs[1].seed = 8;
  const auto one = parse_baseline(result_json(runs[0]));
  SeedsResult together;
  together.documents = {result_json(runs[0]), result_json(runs[1])};
  const auto two = parse_baseline(results_json(together));
  BOOST_REQUIRE_MESSAGE(one, one.error());
  BOOST_REQUIRE_MESSAGE(two, two.error());
  BOOST_TEST(same(*one, *make_baseline({runs.data(), 1})));
  BOOST_TEST(same(*two, *make_baseline(runs)));
}

BOOST_AUTO_TEST_CASE(a_partial_result_is_no_baseline) {
  RunResult run = testing::sample_result();
  run.exit_code = ExitCode::interrupted;
  BOOST_TEST(error_of(result_json(run)) ==
             "the run of seed 7 did not finish: interrupted; the result is partial");
}

BOOST_AUTO_TEST_CASE(what_is_not_json_is_refused_with_its_place) {
  BOOST_TEST(error_of("").starts_with("not JSON: parse error at line 1, column 1"));
  BOOST_TEST(error_of("{\n  \"schema\": }").starts_with("not JSON: parse error at line 2, column 13"));
  BOOST_TEST(error_of(sample_json() + "x").starts_with("not JSON"));
  BOOST_TEST(error_of(std::string_view{"\0\1\2\xFF", 4}).starts_with("not JSON"));
  BOOST_TEST(error_of("\"\xFF\"").starts_with("not JSON"));
}

BOOST_AUTO_TEST_CASE(every_truncation_is_refused) {
  const std::string json = sample_json();
  for (std::size_t size = 0; size + 1 < json.size(); ++size)  // the last byte is a line break
    BOOST_REQUIRE_MESSAGE(error_of(std::string_view{json}.substr(0, size)) != "accepted", size);
}

BOOST_AUTO_TEST_CASE(json_that_is_something_else_is_refused) {
  BOOST_TEST(error_of("[]") == "is not an object");
  BOOST_TEST(error_of("{}") == "schema is missing");
  BOOST_TEST(error_of("{\"schema\": 1}") == "schema is not a string");
  BOOST_TEST(error_with("netrig-baseline/1", "netrig-baseline/2") ==
             "schema is \"netrig-baseline/2\", not netrig-baseline/1, netrig-result/1 or netrig-results/1");
  BOOST_TEST(error_of("{\"schema\": \"netrig-results/1\", \"runs\": []}") == "runs is empty");
}

BOOST_AUTO_TEST_CASE(missing_keys_and_wrong_types_are_named_by_their_path) {
  BOOST_TEST(error_with("\"dialect\"", "\"dialekt\"") == "scenario.dialect is missing");
  BOOST_TEST(error_with("\"payload\"", "\"paylode\"") == "bytes.downstream.by_layer.payload is missing");
  BOOST_TEST(error_with("\"name\": \"32players\"", "\"name\": 32") == "scenario.name is not a string");
  BOOST_TEST(error_with("[7]", "7") == "scenario.seeds is not an array");
  BOOST_TEST(error_with("[7]", "[]") == "scenario.seeds is empty");
  BOOST_TEST(error_with("[7]", "[\"7\"]") == "scenario.seeds is not a whole number from 0 to 2^64 - 1");
  for (const std::string_view bad : {"-32", "32.5", "3e1", "18446744073709551616", "null", "\"32\""})
    BOOST_TEST(error_with("\"clients\": 32", "\"clients\": " + std::string{bad}) ==
               "scenario.clients is not a whole number from 0 to 2^64 - 1");
  for (const std::string_view bad : {"-1", "1e300", "\"60\"", "null"})
    BOOST_TEST(error_with("\"duration_seconds\": 60", "\"duration_seconds\": " + std::string{bad}) ==
               "scenario.duration_seconds is not a number of seconds");
}

BOOST_AUTO_TEST_CASE(totals_that_do_not_add_up_are_refused) {
  BOOST_TEST(error_with("\"bytes\": 47040", "\"bytes\": 47041") ==
             "bytes.downstream does not add up: by_message is not payload");
  BOOST_TEST(error_with("\"protocol\": 499200", "\"protocol\": 499201") ==
             "bytes.downstream does not add up: by_layer is not total");
}

BOOST_AUTO_TEST_CASE(a_key_given_twice_is_refused) {
  BOOST_TEST(error_with("\"clients\": 32", "\"clients\": 32, \"clients\": 32") ==
             "the key \"clients\" stands twice in one object");
}

BOOST_AUTO_TEST_CASE(endless_nesting_is_refused) {
  BOOST_TEST(error_of(std::string(100'000, '[') + std::string(100'000, ']')) ==
             "nested deeper than 32 levels");
  BOOST_TEST(error_of(std::string(100'000, '[')) != "accepted");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_says_why) {
  const testing::TemporaryFolder folder;
  const auto error = [](const std::string& path) { return read_baseline(path).error(); };
  BOOST_TEST(error(folder.path("none.json")) == folder.path("none.json") + ": No such file or directory");
  BOOST_TEST(error(folder.path("")) == folder.path("") + ": Is a directory");
  const std::string empty = folder.write("empty.json", "");
  BOOST_TEST(error(empty).starts_with(empty + ": not JSON"));
  BOOST_TEST(error("/dev/zero") == "/dev/zero: larger than 67108864 bytes");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
