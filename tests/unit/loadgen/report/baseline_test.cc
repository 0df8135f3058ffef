#include "netrig/loadgen/report/baseline.h"

#include <boost/test/unit_test.hpp>
#include <functional>

#include "netrig/tests/unit/loadgen/report/samples.h"
#include "netrig/tests/unit/loadgen/report/temporary_folder.h"

namespace netrig::loadgen {
namespace {

Baseline sample() {
  const RunResult run = testing::sample_result();
  return *make_baseline({&run, 1});
}

BaselineComparison compared(const Baseline& before, const Baseline& now,
                            std::vector<Tolerance> tolerances = {}) {
  return compare("b.json", before, now, tolerances);
}

// A message type that weighs `bytes` more, with the payload that follows from it.
Baseline heavier(std::string_view message, std::uint64_t bytes) {
  Baseline baseline = sample();
  baseline.downstream.by_message[std::string{message}].bytes += bytes;
  baseline.downstream.by_layer.payload += bytes;
  return baseline;
}

const ByteChange* change_of(const BaselineComparison& comparison, std::string_view name) {
  for (const ByteChange& change : comparison.changes)
    if (change.name == name) return &change;
  return nullptr;
}

BOOST_AUTO_TEST_SUITE(baselines)

BOOST_AUTO_TEST_CASE(equal_totals_pass) {
  const BaselineComparison comparison = compared(sample(), sample());
  BOOST_CHECK(comparison.state == ComparisonState::same);
  BOOST_TEST(comparison.changes.empty());
  BOOST_TEST(comparison.notes.empty());
  BOOST_CHECK(exit_code_of(comparison.state) == ExitCode::pass);
}

BOOST_AUTO_TEST_CASE(one_byte_more_in_one_message_is_a_regression_that_names_it) {
  const BaselineComparison comparison = compared(sample(), heavier("StateUpdate", 1));
  BOOST_CHECK(comparison.state == ComparisonState::grew);
  BOOST_CHECK(exit_code_of(comparison.state) == ExitCode::regression);
  BOOST_REQUIRE_EQUAL(comparison.changes.size(), 3u);  // the message, the payload, the total
  BOOST_TEST(comparison.changes[0].name == "StateUpdate");
  BOOST_TEST(comparison.changes[0].direction == "downstream");
  BOOST_TEST(comparison.changes[0].after.bytes - comparison.changes[0].before.bytes == 1u);
  BOOST_TEST(comparison.changes[1].name == "payload");
  BOOST_TEST(comparison.changes[2].name == "total");
}

BOOST_AUTO_TEST_CASE(growth_of_one_message_is_seen_though_another_shrank_more) {
  Baseline now = heavier("Pong", 10);
  now.downstream.by_message["StateUpdate"].bytes -= 1'000;
  now.downstream.by_layer.payload -= 1'000;
  BOOST_CHECK(compared(sample(), now).state == ComparisonState::grew);
}

BOOST_AUTO_TEST_CASE(a_layer_may_not_grow_either) {
  for (std::uint64_t LayerBytes::*layer : {&LayerBytes::protocol, &LayerBytes::transport_model}) {
    Baseline now = sample();
    now.upstream.by_layer.*layer += 1;
    BOOST_CHECK(compared(sample(), now).state == ComparisonState::grew);
  }
}

BOOST_AUTO_TEST_CASE(a_new_message_type_is_growth_from_nothing) {
  const BaselineComparison comparison = compared(sample(), heavier("Emote", 40));
  BOOST_CHECK(comparison.state == ComparisonState::grew);
  BOOST_REQUIRE(change_of(comparison, "Emote") != nullptr);
  BOOST_TEST(change_of(comparison, "Emote")->before.bytes == 0u);
}

BOOST_AUTO_TEST_CASE(fewer_bytes_pass) {
  const BaselineComparison comparison = compared(heavier("Pong", 9), sample());
  BOOST_CHECK(comparison.state == ComparisonState::shrank);
  BOOST_CHECK(exit_code_of(comparison.state) == ExitCode::pass);
}

BOOST_AUTO_TEST_CASE(a_message_type_that_is_gone_is_fewer_bytes) {
  const BaselineComparison comparison = compared(heavier("Emote", 40), sample());
  BOOST_CHECK(comparison.state == ComparisonState::shrank);
  BOOST_REQUIRE(change_of(comparison, "Emote") != nullptr);
  BOOST_TEST(change_of(comparison, "Emote")->after.bytes == 0u);
}

BOOST_AUTO_TEST_CASE(more_messages_of_the_same_weight_are_shown_and_pass) {
  Baseline now = sample();
  now.downstream.by_message["Pong"].count += 1;
  const BaselineComparison comparison = compared(sample(), now);
  BOOST_CHECK(comparison.state == ComparisonState::same);
  BOOST_REQUIRE_EQUAL(comparison.changes.size(), 1u);
}

BOOST_AUTO_TEST_CASE(a_changed_scenario_file_is_noted_and_compared) {
  Baseline now = sample();
  now.identity.file_digest = "0000000000000000";
  const BaselineComparison comparison = compared(sample(), now);
  BOOST_CHECK(comparison.state == ComparisonState::same);
  BOOST_REQUIRE_EQUAL(comparison.notes.size(), 1u);
  BOOST_TEST(comparison.notes[0].find("0000000000000000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_other_difference_of_identity_forbids_the_comparison_and_is_named) {
  const auto problem = [](const std::function<void(Baseline&)>& change) {
    Baseline now = sample();
    change(now);
    const BaselineComparison comparison = compared(sample(), now);
    BOOST_CHECK(exit_code_of(comparison.state) == ExitCode::baseline_unusable);
    return comparison.problem;
  };
  BOOST_TEST(problem([](Baseline& b) { b.identity.name = "duel"; }) ==
             "not comparable: name was 32players, now duel");
  BOOST_TEST(problem([](Baseline& b) { b.seeds = {7, 8}; }) == "not comparable: seed was 7, now 7 8");
  BOOST_TEST(problem([](Baseline& b) { b.identity.clock = "real"; }) ==
             "not comparable: clock was virtual, now real");
  BOOST_TEST(problem([](Baseline& b) { b.identity.transport = "udp"; }) ==
             "not comparable: transport was tcp, now udp");
  BOOST_TEST(problem([](Baseline& b) { b.identity.dialect = "venture"; }) ==
             "not comparable: dialect was netrig, now venture");
  BOOST_TEST(problem([](Baseline& b) { b.identity.replication = "delta"; }) ==
             "not comparable: replication was full, now delta");
  BOOST_TEST(problem([](Baseline& b) { b.identity.clients = 33; }) ==
             "not comparable: clients was 32, now 33");
  BOOST_TEST(problem([](Baseline& b) { b.identity.duration = 1500ms; }) ==
             "not comparable: duration was 1m, now 1.5s");
}

BOOST_AUTO_TEST_CASE(runs_of_several_seeds_add_up) {
  std::vector<RunResult> runs{testing::sample_result(), testing::sample_result()};
  runs[0].seed = 9;
  const auto both = make_baseline(runs);
  BOOST_REQUIRE(both);
  BOOST_TEST(both->seeds == (std::vector<std::uint64_t>{7, 9}), boost::test_tools::per_element());
  BOOST_TEST(both->downstream.by_message.at("Pong").bytes == 2u * 47'040u);
  BOOST_TEST(both->upstream.by_layer.total() == 2 * sample().upstream.by_layer.total());
}

BOOST_AUTO_TEST_CASE(runs_that_do_not_belong_together_make_no_baseline) {
  std::vector<RunResult> twice{testing::sample_result(), testing::sample_result()};
  BOOST_TEST(make_baseline(twice).error() == "seed 7 stands there twice");
  twice[1].seed = 8;
  twice[1].scenario.clients = 1;
  BOOST_TEST(make_baseline(twice).error() == "not comparable: clients was 32, now 1");
}

BOOST_AUTO_TEST_CASE(a_run_that_was_cut_short_makes_no_baseline) {
  RunResult run = testing::sample_result();
  run.exit_code = ExitCode::interrupted;
  const auto baseline = make_baseline({&run, 1});
  BOOST_REQUIRE(!baseline);
  BOOST_TEST(baseline.error() == "the run of seed 7 did not finish: interrupted; the result is partial");
}

BOOST_AUTO_TEST_CASE(growth_within_its_tolerance_passes) {
  const Tolerance messages = *parse_tolerance("message_bytes_total=2%");
  const Tolerance wire = *parse_tolerance("wire_bytes_total=0.5%");
  const std::uint64_t pong_bytes = sample().downstream.by_message.at("Pong").bytes;  // 47,040
  const auto state = [&](std::uint64_t more, std::vector<Tolerance> tolerances) {
    return compared(sample(), heavier("Pong", more), std::move(tolerances)).state;
  };
  BOOST_CHECK(state(pong_bytes / 50, {messages, wire}) == ComparisonState::same);  // 2 % exactly
  BOOST_CHECK(state(pong_bytes / 50 + 1, {messages, wire}) == ComparisonState::grew);
  BOOST_CHECK(state(pong_bytes / 50, {messages}) == ComparisonState::grew);  // the payload has none
  BOOST_CHECK(state(pong_bytes / 50, {wire}) == ComparisonState::grew);      // the message has none
  BOOST_CHECK(compared(sample(), heavier("Emote", 1), {messages, wire}).state == ComparisonState::grew);
}

BOOST_AUTO_TEST_CASE(a_tolerance_names_one_number_of_the_catalogue) {
  BOOST_TEST(parse_tolerance("message_bytes_total").error() ==
             "\"message_bytes_total\" is not METRIC=P%, such as wire_bytes_total=0.5%");
  BOOST_TEST(
      parse_tolerance("rtt_seconds=5%").error() ==
      "rtt_seconds is a histogram; name a figure, such as rtt_seconds.p95=5% (there are mean min p50 p90 p95 "
      "p99 max)");
  BOOST_TEST(parse_tolerance("joins_total.p95=5%").error() == "joins_total is one number, without figures");
  BOOST_TEST(!parse_tolerance("rtt_seconds.p96=5%"));
  BOOST_TEST(parse_tolerance("rtt_seconds.max=5%")->figure == "max");
  BOOST_TEST(!parse_tolerance("wire_bytes_total=5"));
  BOOST_TEST(!parse_tolerance("wire_bytes_total=-5%"));
}

BOOST_AUTO_TEST_CASE(a_run_is_held_against_a_file) {
  const testing::TemporaryFolder folder;
  const std::string file = folder.write("b.json", baseline_json(sample()));
  std::vector<RunResult> run{testing::sample_result()};
  BOOST_CHECK(compare_with_file(file, run).state == ComparisonState::same);
  run[0].bytes.upstream.totals.by_layer.protocol += 1;
  BOOST_CHECK(compare_with_file(file, run).state == ComparisonState::grew);
  run[0].exit_code = ExitCode::interrupted;
  BOOST_CHECK(compare_with_file(file, run).state == ComparisonState::unusable);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
