#include "netrig/loadgen/report/threshold.h"

#include <boost/test/unit_test.hpp>
#include <vector>

namespace netrig::loadgen {
namespace {

using metrics::Kind;
using metrics::Registry;
using metrics::RegistryView;
using metrics::Shape;
namespace catalog = metrics::catalog;

Shape two_cohorts() {
  auto shape = Shape::make({.cohorts = {"near", "far"},
                            .messages = {"StateUpdate"},
                            .leave_causes = {"left"},
                            .drop_causes = {"queue"},
                            .error_causes = {"timeout"}});
  BOOST_REQUIRE(shape);
  return *shape;
}

Threshold threshold(std::string_view metric, std::string text) {
  const metrics::Metric* found = catalog::find(metric);
  BOOST_REQUIRE_MESSAGE(found != nullptr, metric);
  const auto expression = parse_threshold(text, found->kind);
  BOOST_REQUIRE_MESSAGE(expression, text << ": " << (expression ? "" : expression.error()));
  return {.metric = found, .text = std::move(text), .expression = *expression};
}

struct Measured {
  Measured() : registry(two_cohorts()) {
    // RTT of 1 to 100 ms in the near cohort, 1,000 ms for one client in the far one
    for (int ms = 1; ms <= 100; ++ms)
      registry.histogram(catalog::kRttSeconds, {.cohort = 0}).record(std::chrono::milliseconds{ms});
    registry.histogram(catalog::kRttSeconds, {.cohort = 1}).record(1000ms);
    registry.counter(catalog::kJoinsTotal, {.cohort = 0}) = 20;
    registry.counter(catalog::kJoinsTotal, {.cohort = 1}) = 12;
    registry.gauge(catalog::kClientsConnected, {.cohort = 0}) = 31;
  }

  ThresholdResult result(std::string_view metric, std::string text,
                         const RunConditions& conditions = {}) const {
    return evaluate(threshold(metric, std::move(text)), RegistryView{registry}, 10s, conditions);
  }
  ThresholdState state(std::string_view metric, std::string text,
                       const RunConditions& conditions = {}) const {
    return result(metric, std::move(text), conditions).state;
  }

  Registry registry;
};

void refused(std::string_view text, std::string_view because) {
  const auto expression = parse_threshold(text);
  BOOST_REQUIRE_MESSAGE(!expression, "accepted: " << text);
  BOOST_TEST(expression.error().find(because) != std::string::npos, text << ": " << expression.error());
}

BOOST_AUTO_TEST_SUITE(thresholds)

BOOST_AUTO_TEST_CASE(the_grammar_of_k6_is_read) {
  using enum Aggregate;
  using enum Comparison;
  const auto parsed = [](std::string_view text) { return *parse_threshold(text); };
  BOOST_CHECK((parsed("p(95)<100000") == ThresholdExpression{percentile, 950'000, less, 100'000}));
  BOOST_CHECK((parsed("p(99.9) <= 0.5") == ThresholdExpression{percentile, 999'000, less_equal, 0.5}));
  BOOST_CHECK((parsed(" avg>-1e-3 ") == ThresholdExpression{avg, 0, greater, -0.001}));
  BOOST_CHECK((parsed("min>=2") == ThresholdExpression{min, 0, greater_equal, 2}));
  BOOST_CHECK((parsed("med != 3") == ThresholdExpression{med, 0, not_equal, 3}));
  BOOST_CHECK((parsed("max<1") == ThresholdExpression{max, 0, less, 1}));
  BOOST_CHECK((parsed("count==0") == ThresholdExpression{count, 0, equal, 0}));
  BOOST_CHECK((parsed("rate<0.01") == ThresholdExpression{rate, 0, less, 0.01}));
  BOOST_CHECK((parsed("value>=32") == ThresholdExpression{value, 0, greater_equal, 32}));
  BOOST_CHECK((parsed("p(100)<1") == ThresholdExpression{percentile, 1'000'000, less, 1}));
}

BOOST_AUTO_TEST_CASE(anything_else_is_refused_with_what_is_allowed) {
  refused("", "<, <=, >, >=, == or !=");
  refused("p(95)", "<, <=, >, >=, == or !=");
  refused("p(95)=5", "<, <=, >, >=, == or !=");
  refused("p95<5", "p(N), avg, min, med, max, count, rate, value");
  refused("<5", "p(N), avg, min, med, max, count, rate, value");
  refused("p(101)<5", "from 0 to 100");
  refused("p(-1)<5", "from 0 to 100");
  refused("p()<5", "from 0 to 100");
  refused("p(nan)<5", "from 0 to 100");
  refused("p(99.99999)<5", "4 decimals");
  refused("max<", "not a number");
  refused("max<5ms", "base unit");
  refused("max<5<6", "not a number");
  refused("max<nan", "not a number");
  refused("max<inf", "not a number");
  refused("max<1e999", "not a number");
}

BOOST_AUTO_TEST_CASE(an_aggregate_that_the_kind_lacks_is_refused) {
  const auto error = [](std::string_view text, Kind kind) {
    const auto expression = parse_threshold(text, kind);
    return expression ? std::string{"accepted"} : expression.error();
  };
  BOOST_TEST(error("p(95)<1", Kind::counter) ==
             "\"p(95)<1\" does not fit this metric: a counter has count, rate or value");
  BOOST_TEST(error("count<1", Kind::gauge) == "\"count<1\" does not fit this metric: a gauge has value");
  BOOST_TEST(error("rate<1", Kind::histogram) ==
             "\"rate<1\" does not fit this metric: a histogram has p(N), avg, min, med, max or count");
  BOOST_TEST(error("value<1", Kind::counter) == "accepted");
  BOOST_TEST(error("p(95)<1", Kind::histogram) == "accepted");
}

BOOST_FIXTURE_TEST_CASE(values_are_compared_in_the_base_unit_over_all_cohorts, Measured) {
  BOOST_CHECK(state("rtt_seconds", "max==1") == ThresholdState::passed);
  BOOST_CHECK(state("rtt_seconds", "min==0.001") == ThresholdState::passed);
  BOOST_CHECK(state("rtt_seconds", "count==101") == ThresholdState::passed);
  BOOST_TEST(*result("rtt_seconds", "avg<1").value == 6.05 / 101, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(*result("rtt_seconds", "med<1").value == 0.051, boost::test_tools::tolerance(0.01));
  BOOST_TEST(*result("rtt_seconds", "p(95)<1").value == 0.096, boost::test_tools::tolerance(0.01));
  BOOST_TEST(*result("joins_total", "count==32").value == 32);
  BOOST_TEST(*result("joins_total", "rate==3.2").value == 3.2, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(*result("clients_connected", "value==31").value == 31);
}

BOOST_FIXTURE_TEST_CASE(each_operator_decides_at_the_limit, Measured) {
  const auto passes = [&](std::string text) {
    return state("joins_total", std::move(text)) == ThresholdState::passed;
  };
  BOOST_TEST((passes("count<33") && !passes("count<32")));
  BOOST_TEST((passes("count<=32") && !passes("count<=31")));
  BOOST_TEST((passes("count>31") && !passes("count>32")));
  BOOST_TEST((passes("count>=32") && !passes("count>=33")));
  BOOST_TEST((passes("count==32") && !passes("count==31")));
  BOOST_TEST((passes("count!=31") && !passes("count!=32")));
}

BOOST_FIXTURE_TEST_CASE(a_broken_limit_fails_the_run_and_keeps_its_value, Measured) {
  const ThresholdResult broken = result("rtt_seconds", "max<0.5");
  BOOST_CHECK(broken.state == ThresholdState::failed);
  BOOST_TEST(*broken.value == 1.0);
  BOOST_TEST(broken.metric == "rtt_seconds");
  BOOST_TEST(broken.expression == "max<0.5");
  BOOST_CHECK(exit_code_of({broken}) == ExitCode::threshold_failed);
}

BOOST_FIXTURE_TEST_CASE(a_metric_without_samples_fails_the_run, Measured) {
  const ThresholdResult empty = result("state_age_seconds", "p(95)<1000");
  BOOST_CHECK(empty.state == ThresholdState::no_data);
  BOOST_TEST(!empty.value);
  BOOST_CHECK(exit_code_of({empty}) == ExitCode::threshold_failed);
}

BOOST_FIXTURE_TEST_CASE(a_rate_over_no_time_has_no_data, Measured) {
  const auto result = evaluate(threshold("joins_total", "rate<1"), RegistryView{registry}, 0s, {});
  BOOST_CHECK(result.state == ThresholdState::no_data);
}

BOOST_FIXTURE_TEST_CASE(a_counter_that_never_counted_is_zero_and_not_missing, Measured) {
  BOOST_CHECK(state("errors_total", "count==0") == ThresholdState::passed);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_measured_in_such_a_run_does_not_apply, Measured) {
  using enum ThresholdState;
  const RunConditions real{.virtual_clock = false};
  BOOST_CHECK(state("tick_duration_seconds", "p(99)<1", {.own_server = false}) == not_applicable);
  BOOST_CHECK(state("rtt_seconds", "p(99)<1", {.netrig_dialect = false}) == not_applicable);
  BOOST_CHECK(state("packets_lost_total", "count<1", {.simulated_network = false}) == not_applicable);
  BOOST_CHECK(state("generator_late_ticks_total", "count==0") == not_applicable);
  BOOST_CHECK(state("generator_late_ticks_total", "count==0", real) == passed);
  BOOST_CHECK(state("tick_overruns_total", "count==0") == not_applicable);
  BOOST_CHECK(state("tick_overruns_total", "count==0", {.slow_server = true}) == passed);
  BOOST_CHECK(state("generator_late_ticks_total", "count==0", {.slow_server = true}) == not_applicable);
  BOOST_TEST(result("rtt_seconds", "max<1", {.netrig_dialect = false}).reason ==
             "the venture dialect cannot measure it");
}

BOOST_FIXTURE_TEST_CASE(one_that_does_not_apply_neither_fails_nor_passes_the_run, Measured) {
  const ThresholdResult skipped = result("generator_late_ticks_total", "count==0");
  BOOST_CHECK(exit_code_of({skipped}) == ExitCode::pass);
  BOOST_CHECK(exit_code_of({skipped, result("rtt_seconds", "max<0.5")}) == ExitCode::threshold_failed);
}

BOOST_AUTO_TEST_CASE(a_gate_of_nothing_but_inapplicable_thresholds_is_seen_before_the_run) {
  const Threshold late = threshold("generator_late_ticks_total", "count==0");
  const Threshold rtt = threshold("rtt_seconds", "max<1");
  BOOST_TEST(none_applies({late}, {}));
  BOOST_TEST(!none_applies({late, rtt}, {}));
  BOOST_TEST(none_applies({late, rtt}, {.netrig_dialect = false}));
  BOOST_TEST(!none_applies({}, {}));  // none declared is no mistake
  BOOST_CHECK(exit_code_of(std::vector<ThresholdResult>{}) == ExitCode::pass);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
