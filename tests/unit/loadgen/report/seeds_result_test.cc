#include "netrig/loadgen/report/seeds_result.h"

#include <boost/test/unit_test.hpp>

#include "netrig/loadgen/report/report_json.h"
#include "netrig/loadgen/report/result_parse.h"
#include "netrig/tests/unit/loadgen/report/samples.h"

namespace netrig::loadgen {
namespace {

BOOST_AUTO_TEST_SUITE(seeds)

BOOST_AUTO_TEST_CASE(the_median_of_an_even_number_lies_between_the_middle_two) {
  BOOST_TEST(!spread_of({}).has_value());
  BOOST_TEST((*spread_of({5}) == Spread{5, 5, 5}));
  BOOST_TEST((*spread_of({9, 1, 4}) == Spread{1, 4, 9}));
  BOOST_TEST((*spread_of({9, 1, 4, 6}) == Spread{1, 5, 9}));
}

BOOST_AUTO_TEST_CASE(a_threshold_over_all_seeds_is_as_bad_as_its_worst) {
  RunResult good = testing::sample_result();
  RunResult failed = good;
  RunResult empty = good;
  failed.thresholds[0].state = ThresholdState::failed;
  failed.thresholds[0].value = 1e9;
  empty.thresholds[0].state = ThresholdState::no_data;
  empty.thresholds[0].value.reset();
  BOOST_TEST((threshold_spreads({good, good})[0].state == ThresholdState::passed));
  BOOST_TEST((threshold_spreads({good, failed})[0].state == ThresholdState::failed));
  const ThresholdSpread worst = threshold_spreads({good, empty, failed})[0];
  BOOST_TEST((worst.state == ThresholdState::no_data));
  BOOST_TEST(worst.failing == 2u);
  BOOST_TEST(worst.values->max == 1e9);
  BOOST_TEST(worst.values->min == *good.thresholds[0].value);
}

BOOST_AUTO_TEST_CASE(the_exit_code_is_the_worst_of_all_runs) {
  SeedsResult result;
  result.runs = {testing::sample_result(), testing::sample_result()};
  BOOST_TEST((exit_code_of(result, false) == ExitCode::pass));
  result.runs[1].exit_code = ExitCode::threshold_failed;
  BOOST_TEST((exit_code_of(result, false) == ExitCode::threshold_failed));
  result.lost.push_back({3, "killed", ""});
  BOOST_TEST((exit_code_of(result, false) == ExitCode::worker_lost));
  BOOST_TEST((exit_code_of(result, true) == ExitCode::interrupted));
}

// What a worker sends is what its parent sums up.
BOOST_AUTO_TEST_CASE(a_result_comes_back_from_its_file) {
  for (const RunResult& written : {testing::sample_result(), testing::troubled_result()}) {
    std::string problem;
    const std::optional<RunResult> read = parse_result(result_json(written), problem);
    BOOST_REQUIRE_MESSAGE(read, problem);
    BOOST_TEST(read->seed == written.seed);
    BOOST_TEST((read->exit_code == written.exit_code));
    BOOST_TEST((read->digest == written.digest));
    BOOST_TEST((read->bytes.downstream.totals == written.bytes.downstream.totals));
    BOOST_TEST((read->bytes.upstream.totals == written.bytes.upstream.totals));
    BOOST_TEST(read->replay == written.replay);
    BOOST_TEST(read->metrics.size() == written.metrics.size());
    BOOST_REQUIRE_EQUAL(read->thresholds.size(), written.thresholds.size());
    for (std::size_t i = 0; i < written.thresholds.size(); ++i) {
      BOOST_TEST((read->thresholds[i].state == written.thresholds[i].state));
      BOOST_TEST((read->thresholds[i].value == written.thresholds[i].value));
      BOOST_TEST(read->thresholds[i].expression == written.thresholds[i].expression);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_result_that_was_cut_off_is_refused) {
  const std::string whole = result_json(testing::sample_result());
  for (std::size_t size = 0; size + 2 < whole.size(); size += 97) {
    std::string problem;
    BOOST_TEST(!parse_result(whole.substr(0, size), problem).has_value());
    BOOST_TEST(!problem.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
