#include "netrig/loadgen/run/update_watch.h"

#include <boost/test/unit_test.hpp>

#include "netrig/metrics/registry_view.h"
#include "netrig/metrics/summary.h"

namespace netrig::loadgen {
namespace {

namespace catalog = metrics::catalog;

struct Watched {
  Watched() { recorder.begin_measuring(now); }

  std::uint64_t count(metrics::CounterId id) const {
    return metrics::RegistryView{recorder.registry()}.counter(id);
  }
  metrics::Summary summary(metrics::HistogramId id) const {
    return metrics::summarise(metrics::RegistryView{recorder.registry()}.histogram(id), 1e9)
        .value_or(metrics::Summary{});
  }
  // A tick's updates of entities 1 to 3.
  void state() {
    for (std::uint64_t entity = 1; entity <= 3; ++entity) watch.on_update(EntityId{entity}, sequence++, now);
  }

  Instant now = instant_from_ns(1'000'000'000);
  std::uint32_t sequence = 1;
  metrics::Recorder recorder{{.cohorts = {"all"}, .cohort_of_client = {0}}};
  UpdateWatch watch{recorder, 0, stall_after(20)};
};

BOOST_AUTO_TEST_SUITE(update_watch)

BOOST_AUTO_TEST_CASE(intervals_are_those_of_each_entity) {
  Watched watched;
  for (const Duration step : {50ms, 50ms, 80ms, 20ms}) {
    watched.state();
    watched.now += step;
  }
  watched.state();
  BOOST_TEST(watched.summary(catalog::kUpdateIntervalSeconds).count == 4u * 3u);
  BOOST_TEST(watched.summary(catalog::kUpdateIntervalSeconds).min == 0.02);
  BOOST_TEST(watched.summary(catalog::kUpdateIntervalSeconds).max == 0.08);
  BOOST_TEST(watched.summary(catalog::kUpdateJitterSeconds).count == 3u * 3u);
  BOOST_TEST(watched.summary(catalog::kUpdateJitterSeconds).min == 0.0);
  BOOST_TEST(watched.summary(catalog::kUpdateJitterSeconds).max == 0.06);
  BOOST_TEST(watched.count(catalog::kSequenceGapsTotal) == 0u);
}

BOOST_AUTO_TEST_CASE(entities_may_come_in_any_order_and_go) {
  Watched watched;
  for (const std::uint64_t entity : {5u, 2u, 9u, 2u, 9u, 1u, 5u}) {
    watched.watch.on_update(EntityId{entity}, watched.sequence++, watched.now);
    watched.now += 10ms;
  }
  const metrics::Summary interval = watched.summary(catalog::kUpdateIntervalSeconds);
  BOOST_TEST(interval.count == 3u);  // 2, 9 and 5 came twice
  BOOST_TEST(interval.min == 0.02);
  BOOST_TEST(interval.max == 0.06);
}

BOOST_AUTO_TEST_CASE(a_gap_counts_once_and_the_numbers_in_it_all) {
  Watched watched;
  for (const std::uint32_t sequence : {7u, 8u, 12u, 13u, 15u})
    watched.watch.on_update(EntityId{1}, sequence, watched.now);
  BOOST_TEST(watched.count(catalog::kSequenceGapsTotal) == 2u);
  BOOST_TEST(watched.count(catalog::kSequenceSkippedTotal) == 4u);
  BOOST_TEST(watched.count(catalog::kSequenceReversalsTotal) == 0u);
}

BOOST_AUTO_TEST_CASE(numbers_wrap_without_a_gap) {
  Watched watched;
  for (const std::uint32_t sequence : {0xFFFFFFFEu, 0xFFFFFFFFu, 0u, 1u, 1u, 0u})
    watched.watch.on_update(EntityId{1}, sequence, watched.now);
  BOOST_TEST(watched.count(catalog::kSequenceGapsTotal) == 0u);
  BOOST_TEST(watched.count(catalog::kSequenceReversalsTotal) == 2u);
}

BOOST_AUTO_TEST_CASE(a_new_connection_begins_without_a_gap_or_an_interval) {
  Watched watched;
  watched.state();
  watched.watch.restart();
  watched.sequence += 1'000;
  watched.now += 30s;
  watched.state();
  BOOST_TEST(watched.count(catalog::kSequenceGapsTotal) == 0u);
  BOOST_TEST(watched.count(catalog::kStallsTotal) == 0u);
  BOOST_TEST(watched.summary(catalog::kUpdateIntervalSeconds).count == 0u);
}

BOOST_AUTO_TEST_CASE(a_stall_counts_once_when_it_is_noticed_and_when_it_has_ended) {
  BOOST_TEST((stall_after(20) == 250ms));
  BOOST_TEST((stall_after(60) == 200ms));
  Watched watched;
  watched.watch.look(watched.now);  // nothing has come yet: nothing can be late
  watched.state();
  watched.now += 250ms;
  watched.state();
  BOOST_TEST(watched.count(catalog::kStallsTotal) == 0u);
  for (int i = 0; i < 20; ++i) {  // a second of silence, looked at
    watched.now += 50ms;
    watched.watch.look(watched.now);
  }
  BOOST_TEST(watched.count(catalog::kStallsTotal) == 1u);
  watched.state();
  BOOST_TEST(watched.count(catalog::kStallsTotal) == 1u);
  watched.now += 251ms;  // one that nobody looked at
  watched.state();
  BOOST_TEST(watched.count(catalog::kStallsTotal) == 2u);
  BOOST_TEST(watched.summary(catalog::kTimeSinceUpdateSeconds).max == 1.0);
}

BOOST_AUTO_TEST_CASE(entities_beyond_the_bound_cost_no_memory_and_count_all_the_same) {
  Watched watched;
  for (int round = 0; round < 2; ++round)
    for (std::uint64_t entity = 1; entity <= UpdateWatch::kEntitiesMax + 100; ++entity)
      watched.watch.on_update(EntityId{entity}, watched.sequence++, watched.now);
  BOOST_TEST(watched.summary(catalog::kUpdateIntervalSeconds).count == UpdateWatch::kEntitiesMax);
  BOOST_TEST(watched.count(catalog::kSequenceGapsTotal) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
