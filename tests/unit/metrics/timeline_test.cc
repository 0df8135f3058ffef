#include "netrig/metrics/timeline.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "netrig/core/base/random.h"
#include "netrig/tests/unit/metrics/samples.h"

namespace netrig::metrics {
namespace {

constexpr Instant kBegin = instant_from_ns(7'350'000'001);

Shape two_cohorts() {
  return *Shape::make({.cohorts = {"near", "far"},
                       .messages = {"ping", "state"},
                       .leave_causes = {"left"},
                       .drop_causes = {"queue"},
                       .error_causes = {"malformed"}});
}

struct Watched {
  Registry registry{two_cohorts()};
  Timeline timeline{registry};

  Watched() { timeline.begin(kBegin); }
  // nullptr when it never had a value.
  const Timeline::Column* column(std::string_view name) const {
    for (const Timeline::Column* const column : timeline.columns())
      if (column_name(*column, registry.shape()) == name) return column;
    return nullptr;
  }
  std::uint64_t& state_bytes(std::size_t cohort) {
    return registry.counter(catalog::kMessageBytesTotal,
                            {.cohort = cohort, .direction = Direction::downstream, .message = 1});
  }
  void after(Duration since_begin) { timeline.advance(kBegin + since_begin); }
};

void check_within_one_percent(const Point& point, std::uint64_t of_samples) {
  BOOST_TEST(point.sum >= of_samples - of_samples / 100);
  BOOST_TEST(point.sum <= of_samples + of_samples / 100);
}

constexpr std::string_view kStateBytes = "message_bytes_total.downstream.state";

}  // namespace

BOOST_AUTO_TEST_SUITE(timeline)

BOOST_AUTO_TEST_CASE(each_second_has_what_its_counters_grew_by_over_all_cohorts) {
  Watched watched;
  watched.state_bytes(0) += 100;
  watched.state_bytes(1) += 10;
  watched.after(999ms);
  watched.state_bytes(1) += 1;
  watched.after(1s);  // the second is over: what follows is of the next
  watched.state_bytes(0) += 5;
  watched.after(3s);
  watched.timeline.end(kBegin + 3s);

  const Timeline::Column* const column = watched.column(kStateBytes);
  BOOST_REQUIRE(column != nullptr);
  BOOST_REQUIRE(column->points.size() == 3u);
  BOOST_TEST(column->points[0].sum == 111u);
  BOOST_TEST(column->points[1].sum == 5u);
  BOOST_TEST(column->points[2].sum == 0u);
  BOOST_TEST(watched.column("message_bytes_total.downstream.ping") == nullptr);
}

BOOST_AUTO_TEST_CASE(what_was_before_the_window_does_not_count) {
  Registry registry{two_cohorts()};
  Timeline timeline{registry};
  std::uint64_t& joins = registry.counter(catalog::kJoinsTotal, {.cohort = 0});
  Histogram& connect = registry.histogram(catalog::kConnectSeconds, {.cohort = 0});
  joins = 40;
  connect.record(5s);
  timeline.advance(kBegin);
  timeline.begin(kBegin);
  ++joins;
  connect.record(1s);
  timeline.end(kBegin + 1s);
  for (const Timeline::Column* const column : timeline.columns()) {
    BOOST_TEST_CONTEXT(column_name(*column, registry.shape())) {
      BOOST_TEST(column->points.size() == 1u);
      BOOST_TEST(column->points[0].max < 1'010'000'000u);
    }
  }
  BOOST_TEST(timeline.columns().size() == 5u);  // joins, and four of the histogram
}

BOOST_AUTO_TEST_CASE(a_last_second_that_is_not_whole_is_left_out) {
  Watched watched;
  watched.state_bytes(0) += 7;
  watched.timeline.end(kBegin + 999'999'999ns);
  BOOST_TEST(watched.timeline.seconds() == 0u);
  BOOST_TEST(watched.timeline.columns().empty());
}

BOOST_AUTO_TEST_CASE(gauges_are_what_they_are_at_the_end_of_the_second) {
  Watched watched;
  std::int64_t& near = watched.registry.gauge(catalog::kClientsConnected, {.cohort = 0});
  std::int64_t& far = watched.registry.gauge(catalog::kClientsConnected, {.cohort = 1});
  near = 9;
  near = 3;
  far = 2;
  watched.after(1s);
  far = 0;
  watched.timeline.end(kBegin + 2s);
  const auto& points = watched.column("clients_connected")->points;
  BOOST_TEST(points[0].sum == 5u);
  BOOST_TEST(points[1].sum == 3u);
}

BOOST_AUTO_TEST_CASE(quantiles_are_those_of_a_histogram_of_that_second_alone) {
  for (const std::uint64_t seed : testing::seeds())
    for (const testing::Distribution distribution : testing::kDistributions)
      BOOST_TEST_CONTEXT("NETRIG_SEED=" << seed << " distribution " << static_cast<int>(distribution)) {
        Watched watched;
        for (std::uint64_t second = 0; second < 5; ++second) {
          Histogram alone;
          const auto values = testing::samples(distribution, 501, Random{seed}.fork("second", second));
          for (std::size_t i = 0; i < values.size(); ++i) {
            const std::uint64_t value = std::min(values[i], kSampleMax / 2);
            watched.registry.histogram(catalog::kRttSeconds, {.cohort = i % 2}).record(value);
            alone.record(value);
          }
          watched.after((second + 1) * 1s);
          BOOST_TEST(watched.column("rtt_seconds.count")->points[second].sum == 501u);
          check_within_one_percent(watched.column("rtt_seconds.p50")->points[second],
                                   *alone.quantile(500'000));
          check_within_one_percent(watched.column("rtt_seconds.p95")->points[second],
                                   *alone.quantile(950'000));
        }
      }
}

BOOST_AUTO_TEST_CASE(a_second_without_a_sample_has_a_count_of_0_and_no_quantile) {
  Watched watched;
  watched.after(2s);  // long before the first sample
  watched.registry.histogram(catalog::kRttSeconds, {.cohort = 1}).record(200ms);
  watched.after(3s);
  watched.timeline.end(kBegin + 4s);
  const auto& quantiles = watched.column("rtt_seconds.p99")->points;
  BOOST_REQUIRE(quantiles.size() == 4u);
  const std::array<std::uint64_t, 4> counts{0, 0, 1, 0};
  for (std::size_t second = 0; second < 4; ++second) {
    BOOST_TEST(quantiles[second].count == counts[second]);
    BOOST_TEST(watched.column("rtt_seconds.count")->points[second].sum == counts[second]);
  }
}

BOOST_AUTO_TEST_CASE(a_day_fits_into_the_same_memory_and_loses_neither_extremes_nor_sums) {
  constexpr std::uint64_t kDay = 86'400;
  Watched watched;
  std::uint64_t total = 0;
  for (std::uint64_t second = 0; second < kDay; ++second) {
    std::uint64_t bytes =
        second < 1'000 ? 0 : 1'000 + second % 7;  // nothing until long after the first merge
    if (second == 50'000) bytes = 999'999;
    if (second == 70'001) bytes = 3;
    watched.state_bytes(second % 2) += bytes;
    total += bytes;
    watched.after((second + 1) * 1s);
  }
  watched.timeline.end(kBegin + kDay * 1s);

  BOOST_TEST(watched.timeline.seconds() == kDay);
  BOOST_TEST(watched.timeline.step() == 256u);  // 86,400 / 256 = 337.5 points
  const auto& points = watched.column(kStateBytes)->points;
  BOOST_REQUIRE(points.size() == 338u);
  Point whole;
  for (std::size_t i = 0; i < points.size(); ++i) {
    BOOST_TEST(points[i].count == (i + 1 < points.size() ? 256u : 128u));
    whole.merge(points[i]);
  }
  BOOST_TEST(whole.sum == total);
  BOOST_TEST(whole.count == kDay);
  BOOST_TEST(points[50'000 / 256].max == 999'999u);
  BOOST_TEST(points[50'000 / 256].min == 1'000u);
  BOOST_TEST(points[70'001 / 256].min == 3u);
  BOOST_TEST(points[0].max == 0u);
}

BOOST_AUTO_TEST_CASE(never_more_points_than_there_is_room_for) {
  Watched watched;
  for (std::uint64_t second = 0; second < 5 * Timeline::kPointsMax; ++second) {
    ++watched.state_bytes(0);
    watched.after((second + 1) * 1s);
    const auto* const column = watched.column(kStateBytes);
    if (column != nullptr) BOOST_TEST(column->points.size() <= Timeline::kPointsMax);
  }
}

BOOST_AUTO_TEST_CASE(two_threads_of_one_run_merge_second_by_second) {
  Watched clients, server;
  clients.registry.counter(catalog::kJoinsTotal, {.cohort = 0}) = 4;
  server.registry.counter(catalog::kJoinsTotal, {.cohort = 0}) = 2;
  server.state_bytes(0) += 100;
  for (Watched* const each : {&clients, &server}) each->after(1s);
  clients.registry.histogram(catalog::kRttSeconds, {.cohort = 1}).record(200ms);
  for (Watched* const each : {&clients, &server}) each->timeline.end(kBegin + 2s);
  clients.timeline.merge(server.timeline);
  const auto& joins = clients.column("joins_total")->points;
  BOOST_TEST(joins[0].sum == 6u);
  BOOST_TEST(joins[0].count == 1u);
  BOOST_TEST(joins[1].sum == 0u);
  BOOST_TEST(clients.column(kStateBytes)->points[0].sum == 100u);
  BOOST_TEST(clients.column("rtt_seconds.count")->points[1].sum == 1u);
}

BOOST_AUTO_TEST_CASE(a_value_beyond_all_reason_counts_as_the_greatest) {
  Point point;
  point.add(kSampleMax + 1);
  BOOST_TEST(point.max == kSampleMax);
  BOOST_TEST(point.sum == kSampleMax);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::metrics
