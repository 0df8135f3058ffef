#include "netrig/loadgen/commands/compare.h"

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "netrig/loadgen/report/report_json.h"
#include "netrig/tests/unit/loadgen/report/samples.h"
#include "netrig/tests/unit/loadgen/report/temporary_folder.h"

namespace netrig::loadgen {
namespace {

struct Files {
  Files() {
    RunResult run = testing::sample_result();
    baseline = folder.write("baseline.json", baseline_json(*make_baseline({&run, 1})));
    same = folder.write("same.json", result_json(run));
    run.bytes.downstream.totals.by_message["StateUpdate"].bytes += 1'228'800;
    run.bytes.downstream.totals.by_layer.payload += 1'228'800;
    wider = folder.write("wider.json", result_json(run));
    run.scenario.clients = 31;
    fewer_clients = folder.write("fewer_clients.json", result_json(run));
  }

  // The exit code; what was printed is in `output`.
  int run(const std::string& before, const std::string& now, std::vector<Tolerance> tolerances = {}) {
    std::ostringstream out;
    const ExitCode code =
        compare_command({.baseline = before, .result = now, .tolerances = std::move(tolerances)}, out, {});
    output = out.str();
    return status(code);
  }
  bool says(std::string_view text) const { return output.find(text) != std::string::npos; }

  testing::TemporaryFolder folder;
  std::string baseline, same, wider, fewer_clients, output;
};

BOOST_FIXTURE_TEST_SUITE(compare_commands, Files)

BOOST_AUTO_TEST_CASE(equal_runs_exit_0) {
  BOOST_TEST(run(baseline, same) == 0, output);
  BOOST_TEST(says("PASSED  no byte more than the baseline"), output);
  BOOST_TEST(run(same, baseline) == 0);  // a result is as good as a baseline, on either side
}

BOOST_AUTO_TEST_CASE(a_byte_more_in_each_update_exits_96_and_names_the_message) {
  BOOST_TEST(run(baseline, wider) == 96);
  BOOST_TEST(says("REGRESSED  more bytes than the baseline: StateUpdate (exit 96)"), output);
  BOOST_TEST(says("+1,228,800  +0.9 %"), output);
}

BOOST_AUTO_TEST_CASE(fewer_bytes_exit_0_and_ask_to_be_kept) {
  BOOST_TEST(run(wider, same) == 0);
  BOOST_TEST(says("-1,228,800  -0.9 %"), output);
  BOOST_TEST(says("Keep it that way: run with --save-baseline"), output);
}

// Between two results every number of the catalogue is compared; what has a tolerance is a gate.
BOOST_AUTO_TEST_CASE(a_metric_beyond_its_tolerance_exits_96_and_is_named) {
  RunResult before = testing::sample_result();
  before.metrics = {{"joins_total", std::uint64_t{100}},
                    {"rtt_seconds", Summary{.count = 9, .p50 = 1, .p95 = 2}}};
  RunResult after = before;
  after.metrics = {{"joins_total", std::uint64_t{104}},
                   {"rtt_seconds", Summary{.count = 9, .p50 = 1, .p95 = 2.2}}};
  const std::string old_file = folder.write("before.json", result_json(before));
  const std::string new_file = folder.write("after.json", result_json(after));
  BOOST_TEST(run(old_file, new_file) == 0, output);  // shown, not gated
  BOOST_TEST(says("  rtt_seconds    p95 "), output);
  BOOST_TEST(says("+10.0 %"), output);
  BOOST_TEST(run(old_file, new_file, {*parse_tolerance("rtt_seconds.p95=10%")}) == 0, output);
  BOOST_TEST(run(old_file, new_file, {*parse_tolerance("rtt_seconds.p95=9.9%")}) == 96, output);
  BOOST_TEST(says("beyond its tolerance: rtt_seconds.p95"), output);
  BOOST_TEST(run(old_file, new_file, {*parse_tolerance("joins_total=4%")}) == 0, output);
  BOOST_TEST(run(old_file, new_file, {*parse_tolerance("joins_total=3%")}) == 96, output);
  BOOST_TEST(run(new_file, old_file, {*parse_tolerance("joins_total=0%")}) == 0, output);  // fewer
}

BOOST_AUTO_TEST_CASE(a_tolerance_on_what_a_baseline_does_not_hold_exits_95) {
  BOOST_TEST(run(baseline, same, {*parse_tolerance("joins_total=3%")}) == 95);
  BOOST_TEST(says("joins_total stands in results (--out json) only"), output);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_compared_exits_95) {
  BOOST_TEST(run(baseline, fewer_clients) == 95);
  BOOST_TEST(says("clients was 32, now 31"), output);
  BOOST_TEST(run(folder.path("none.json"), same) == 95);
  BOOST_TEST(says("No such file or directory"), output);
  BOOST_TEST(run(baseline, folder.write("bad.json", "{")) == 95);
  BOOST_TEST(says("not JSON"), output);
}

BOOST_AUTO_TEST_CASE(a_tolerance_lets_growth_pass_and_shows_it) {
  const std::vector<Tolerance> tolerances{*parse_tolerance("message_bytes_total=1%"),
                                          *parse_tolerance("wire_bytes_total=1%")};
  BOOST_TEST(run(baseline, wider, tolerances) == 0);
  BOOST_TEST(says("no more bytes than the baseline and its tolerance"), output);
  BOOST_TEST(says("+1,228,800"), output);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
