#include "netrig/metrics/registry.h"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "netrig/metrics/registry_view.h"
#include "netrig/tests/unit/metrics/aborts.h"
#include "netrig/tests/unit/metrics/samples.h"

namespace netrig::metrics {
namespace {

using testing::Distribution;

Shape test_shape(std::vector<std::string> cohorts = {"near", "far", "very far"}) {
  auto shape = Shape::make({.cohorts = std::move(cohorts),
                            .messages = {"ping", "state"},
                            .leave_causes = {"left", "timeout"},
                            .drop_causes = {"queue", "outage"},
                            .error_causes = {"malformed"}});
  BOOST_REQUIRE(shape.has_value());
  return *shape;
}

// Writes something into every series of every metric.
void fill(Registry& registry, Random random) {
  const RegistryView view{registry};
  for (const Metric& metric : catalog::all())
    for (const Selection& series : view.series(metric)) switch (metric.kind) {
        case Kind::counter:
          registry.counter(CounterId{metric}, series) += random.below(1'000);
          break;
        case Kind::gauge:
          registry.gauge(GaugeId{metric}, series) += random.between(-5, 5);
          break;
        case Kind::histogram:
          testing::record_all(
              registry.histogram(HistogramId{metric}, series),
              testing::samples(Distribution::heavy_tail, 20, random.fork("samples", random.bits())));
          break;
      }
}

bool same_values(const Registry& left, const Registry& right) {
  const RegistryView left_view{left}, right_view{right};
  bool same = true;
  for (const Metric& metric : catalog::all())
    for (const Selection& series : left_view.series(metric))
      same = same && left_view.value(metric, series) == right_view.value(metric, series);
  return same;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(registry)

BOOST_AUTO_TEST_CASE(a_new_registry_reads_zero_everywhere) {
  const Registry registry{test_shape()};
  const RegistryView view{registry};
  for (const Metric& metric : catalog::all()) BOOST_TEST_CONTEXT(metric.name) {
      const Value value = view.value(metric);
      if (metric.kind == Kind::counter) BOOST_TEST(std::get<std::uint64_t>(value) == 0u);
      if (metric.kind == Kind::gauge) BOOST_TEST(std::get<std::int64_t>(value) == 0);
      if (metric.kind == Kind::histogram) BOOST_TEST(std::get<Histogram>(value).count() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(every_series_is_a_place_of_its_own) {
  Registry registry{test_shape()};
  const RegistryView view{registry};
  std::uint64_t next = 1;
  for (const Metric& metric : catalog::all())
    for (const Selection& series : view.series(metric)) {
      if (metric.kind == Kind::counter) registry.counter(CounterId{metric}, series) = next++;
      if (metric.kind == Kind::histogram) registry.histogram(HistogramId{metric}, series).record(next++);
    }
  std::uint64_t expected = 1;
  for (const Metric& metric : catalog::all())
    for (const Selection& series : view.series(metric)) {
      if (metric.kind == Kind::counter) BOOST_TEST(view.counter(CounterId{metric}, series) == expected++);
      if (metric.kind == Kind::histogram) {
        const Histogram histogram = view.histogram(HistogramId{metric}, series);
        BOOST_TEST(histogram.count() == 1u);
        BOOST_TEST(histogram.max().value() == expected++);
      }
    }
}

BOOST_AUTO_TEST_CASE(a_counter_reads_whole_or_by_any_of_its_labels) {
  Registry registry{test_shape()};
  const auto sent = [&](std::size_t cohort, Direction direction, std::size_t message) -> std::uint64_t& {
    return registry.counter(catalog::kMessageBytesTotal,
                            {.cohort = cohort, .direction = direction, .message = message});
  };
  sent(0, Direction::downstream, 1) += 1;
  sent(0, Direction::upstream, 0) += 20;
  sent(2, Direction::downstream, 1) += 300;
  sent(2, Direction::downstream, 0) += 4'000;
  const RegistryView view{registry};
  BOOST_TEST(view.counter(catalog::kMessageBytesTotal) == 4'321u);
  BOOST_TEST(view.counter(catalog::kMessageBytesTotal, {.cohort = 0}) == 21u);
  BOOST_TEST(view.counter(catalog::kMessageBytesTotal, {.cohort = 1}) == 0u);
  BOOST_TEST(view.counter(catalog::kMessageBytesTotal, {.direction = Direction::downstream}) == 4'301u);
  BOOST_TEST(view.counter(catalog::kMessageBytesTotal, {.direction = Direction::downstream, .message = 1}) ==
             301u);
}

BOOST_AUTO_TEST_CASE(a_histogram_reads_merged_over_cohorts_or_for_one) {
  Registry registry{test_shape()};
  Histogram together;
  for (std::size_t cohort = 0; cohort < 3; ++cohort)
    for (const std::uint64_t value : testing::samples(Distribution::uniform, 50, Random{cohort})) {
      registry.histogram(catalog::kRttSeconds, {.cohort = cohort}).record(value);
      together.record(value);
    }
  const RegistryView view{registry};
  BOOST_TEST((view.histogram(catalog::kRttSeconds) == together));
  BOOST_TEST((view.histogram(catalog::kRttSeconds, {.cohort = 1}) ==
              registry.histogram(catalog::kRttSeconds, {.cohort = 1})));
  BOOST_TEST((view.histogram(catalog::kStateAgeSeconds) == Histogram{}));
}

BOOST_AUTO_TEST_CASE(a_name_reads_the_same_as_its_constant) {
  Registry registry{test_shape()};
  fill(registry, Random{1});
  const RegistryView view{registry};
  BOOST_TEST(std::get<std::uint64_t>(view.value("errors_total").value()) ==
             view.counter(catalog::kErrorsTotal));
  BOOST_TEST(std::get<std::int64_t>(view.value("clients_connected", {.cohort = 1}).value()) ==
             view.gauge(catalog::kClientsConnected, {.cohort = 1}));
  BOOST_TEST(
      (std::get<Histogram>(view.value("rtt_seconds").value()) == view.histogram(catalog::kRttSeconds)));
  BOOST_TEST(!view.value("rtt").has_value());
  BOOST_TEST(!view.value("ticks_total", {.cohort = 0}).has_value());  // ticks belong to no cohort
}

BOOST_AUTO_TEST_CASE(shards_merge_to_the_same_in_any_order) {
  for (const std::uint64_t seed : testing::seeds()) BOOST_TEST_CONTEXT("NETRIG_SEED=" << seed) {
      std::array<std::unique_ptr<Registry>, 3> shards;
      Registry together{test_shape()};
      for (std::size_t i = 0; i < shards.size(); ++i) {
        shards[i] = std::make_unique<Registry>(test_shape());
        fill(*shards[i], Random{seed}.fork("shard", i));
        fill(together, Random{seed}.fork("shard", i));
      }
      Registry forwards{test_shape()}, backwards{test_shape()};
      for (std::size_t i = 0; i < shards.size(); ++i) {
        forwards.merge(*shards[i]);
        backwards.merge(*shards[shards.size() - 1 - i]);
      }
      BOOST_TEST(same_values(forwards, together));
      BOOST_TEST(same_values(backwards, together));
      BOOST_TEST(!same_values(*shards[0], together));
    }
}

BOOST_AUTO_TEST_CASE(references_outlive_a_reset_and_write_on) {
  Registry registry{test_shape()};
  std::uint64_t& joins = registry.counter(catalog::kJoinsTotal, {.cohort = 1});
  std::int64_t& connected = registry.gauge(catalog::kClientsConnected, {.cohort = 1});
  Histogram& rtt = registry.histogram(catalog::kRttSeconds, {.cohort = 1});
  fill(registry, Random{2});
  registry.reset();
  BOOST_TEST(same_values(registry, Registry{test_shape()}));
  joins += 2;
  connected -= 1;
  rtt.record(5s);
  const RegistryView view{registry};
  BOOST_TEST(view.counter(catalog::kJoinsTotal) == 2u);
  BOOST_TEST(view.gauge(catalog::kClientsConnected) == -1);
  BOOST_TEST(view.histogram(catalog::kRttSeconds).max().value() == 5'000'000'000u);
}

BOOST_AUTO_TEST_CASE(broken_promises_are_caught) {
  Registry registry{test_shape()};
  BOOST_TEST(netrig::testing::aborts([&] { registry.merge(Registry{test_shape({"another"})}); }));
  BOOST_TEST(netrig::testing::aborts([&] { registry.counter(catalog::kJoinsTotal); }));
  BOOST_TEST(
      netrig::testing::aborts([&] { RegistryView{registry}.counter(catalog::kTicksTotal, {.cohort = 0}); }));
  BOOST_TEST(netrig::testing::aborts([] { CounterId{catalog::kRttSeconds.metric()}; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::metrics
