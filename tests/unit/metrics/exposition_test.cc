#include "netrig/metrics/exposition.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/metrics/history.h"
#include "netrig/tests/unit/metrics/samples.h"

namespace netrig::metrics {
namespace {

Shape shape() {
  return *Shape::make({.cohorts = {"near", "far"},
                       .messages = {"ping", "state"},
                       .leave_causes = {"left"},
                       .drop_causes = {"queue"},
                       .error_causes = {"malformed"}});
}

const Metric& metric(std::string_view name) {
  return *catalog::find(name);
}

const History::Series& series_of(const History& history, std::string_view name) {
  return *std::ranges::find_if(history.series(), [&](const auto& each) { return each.metric->name == name; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exposition)

BOOST_AUTO_TEST_CASE(bounds_ascend_and_resolve_slow_lines_and_quick_ticks) {
  for (const Metric& each : catalog::all()) {
    if (each.kind != Kind::histogram) continue;
    const auto bounds = exposed_bounds(each);
    BOOST_TEST(std::is_sorted(bounds.begin(), bounds.end()));
    BOOST_TEST(std::set<std::uint64_t>(bounds.begin(), bounds.end()).size() == bounds.size());
  }
  const auto between = [](std::string_view name, Duration from, Duration to) {
    const auto bounds = exposed_bounds(metric(name));
    return std::ranges::count_if(bounds, [&](std::uint64_t bound) {
      return bound >= static_cast<std::uint64_t>(from.count()) &&
             bound <= static_cast<std::uint64_t>(to.count());
    });
  };
  BOOST_TEST(between("rtt_seconds", 200ms, 5s) == 12);
  BOOST_TEST(between("tick_duration_seconds", 50us, 50ms) == 12);
}

BOOST_AUTO_TEST_CASE(counts_to_a_bound_are_those_of_the_samples_but_for_its_neighbours) {
  for (const std::uint64_t seed : testing::seeds())
    for (const testing::Distribution distribution : testing::kDistributions)
      BOOST_TEST_CONTEXT("NETRIG_SEED=" << seed << " distribution " << static_cast<int>(distribution)) {
        const auto values = testing::samples(distribution, 2'000, Random{seed});
        Histogram histogram;
        testing::record_all(histogram, values);
        const auto bounds = exposed_bounds(metric("rtt_seconds"));
        const auto counts = cumulative_counts(histogram, bounds);
        BOOST_TEST(std::is_sorted(counts.begin(), counts.end()));
        for (std::size_t i = 0; i < bounds.size(); ++i) {
          const auto up_to = [&](std::uint64_t value) {
            return static_cast<std::uint64_t>(
                std::ranges::count_if(values, [&](std::uint64_t each) { return each <= value; }));
          };
          BOOST_TEST(counts[i] >= up_to(bounds[i] - bounds[i] / 100));
          BOOST_TEST(counts[i] <= up_to(bounds[i] + bounds[i] / 100));
        }
      }
}

BOOST_AUTO_TEST_CASE(an_empty_histogram_counts_nothing_everywhere) {
  for (const std::uint64_t count : cumulative_counts(Histogram{}, exposed_bounds(metric("rtt_seconds"))))
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(help_is_one_line_without_what_needs_an_escape) {
  for (const Metric& each : catalog::all())
    BOOST_TEST(each.help.find_first_of("\n\r\\\"") == std::string_view::npos, each.help);
  for (const RunMetric& each : run_metrics({}, {}))
    BOOST_TEST(each.help.find_first_of("\n\r\\\"") == std::string_view::npos, each.help);
}

BOOST_AUTO_TEST_CASE(a_run_has_the_same_series_whatever_it_does) {
  RunInfo info;
  info.cohorts = {{"near", 3}};
  const auto before = run_metrics(info, {});
  const auto after =
      run_metrics(info, {.state = RunState::finished, .simulated = 60s, .wall = 2s, .verdict = "failed"});
  BOOST_REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    BOOST_TEST(before[i].name == after[i].name);
    BOOST_REQUIRE(before[i].series.size() == after[i].series.size());
    for (std::size_t j = 0; j < before[i].series.size(); ++j)
      BOOST_TEST((before[i].series[j].first == after[i].series[j].first));
  }
}

BOOST_AUTO_TEST_CASE(history_keeps_a_row_a_second_and_forgets_every_other_when_full) {
  Registry registry{shape()};
  History history{registry};
  std::uint64_t& ticks = registry.counter(catalog::kTicksTotal);
  for (std::uint64_t second = 0; second <= 1'000; ++second) {
    history.advance(Instant{} + second * 1s);  // before what happens then
    ticks += 20;
  }
  history.end(Instant{} + 1'000s + 500ms);
  const History::Series& series = series_of(history, "ticks_total");
  BOOST_TEST(history.rows() <= History::kRowsMax + 1);
  for (std::size_t row = 0; row + 1 < history.rows(); ++row) {
    BOOST_TEST(ns_since_start(history.at(row)) == static_cast<std::int64_t>(row) * 2'000'000'000);
    BOOST_TEST(history.values(row, series)[0] == row * 40);
  }
  const std::size_t last = history.rows() - 1;
  BOOST_TEST(ns_since_start(history.at(last)) == 1'000'500'000'000);
  BOOST_TEST(history.values(last, series)[0] == 20'020u);
}

BOOST_AUTO_TEST_CASE(a_run_that_ends_on_a_second_has_one_row_there) {
  Registry registry{shape()};
  History history{registry};
  history.advance(Instant{} + 1s);
  registry.counter(catalog::kTicksTotal) = 7;  // at the very end
  history.end(Instant{} + 1s);
  BOOST_REQUIRE(history.rows() == 2u);
  BOOST_TEST(history.values(1, series_of(history, "ticks_total"))[0] == 7u);
}

BOOST_AUTO_TEST_CASE(history_has_no_time_of_this_machine) {
  Registry registry{shape()};
  const History history{registry};
  for (const History::Series& each : history.series()) BOOST_TEST(!each.metric->traits.has(Trait::host));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::metrics
