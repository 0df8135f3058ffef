#include "netrig/metrics/published.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

namespace netrig::metrics {
namespace {

Shape shape() {
  return *Shape::make({.cohorts = {"near"},
                       .messages = {"ping"},
                       .leave_causes = {"left"},
                       .drop_causes = {"queue"},
                       .error_causes = {"malformed"}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(published)

BOOST_AUTO_TEST_CASE(a_reader_sees_the_newest_and_nothing_before_the_first) {
  Published published{shape()};
  Registry live{shape()};
  BOOST_TEST(published.latest().number == 0u);
  std::uint64_t& ticks = live.counter(catalog::kTicksTotal);
  for (ticks = 1; ticks <= 3; ++ticks) published.publish(live, {});
  BOOST_TEST(published.latest().number == 3u);
  BOOST_TEST(published.latest().registry.counters(catalog::kTicksTotal)[0] == 3u);
  BOOST_TEST(published.latest().number == 3u);  // still, when nothing is new
  published.publish(live, {.state = RunState::finished});
  BOOST_TEST((published.latest().facts.state == RunState::finished));
}

BOOST_AUTO_TEST_CASE(other_facts_come_with_the_numbers_that_were_there) {
  Published published{shape()};
  Registry live{shape()};
  std::uint64_t& ticks = live.counter(catalog::kTicksTotal);
  for (ticks = 1; ticks <= 3; ++ticks) published.publish(live, {});
  for (int look = 0; look < 3; ++look) {  // read or not: in each of the three buffers
    if (look != 1) published.latest();
    published.publish({.verdict = "passed"});
  }
  BOOST_TEST(published.latest().registry.counters(catalog::kTicksTotal)[0] == 3u);
  BOOST_TEST(published.latest().facts.verdict == "passed");
  BOOST_TEST(published.latest().number == 6u);
}

// Neither waits for the other, and what is read is of one moment: the counter and the histogram agree.
BOOST_AUTO_TEST_CASE(no_reader_ever_sees_half_of_one_publication) {
  Published published{shape()};
  std::atomic<bool> done{false};
  std::thread writer{[&] {
    Registry live{shape()};
    std::uint64_t& ticks = live.counter(catalog::kTicksTotal);
    Histogram& lateness = live.histogram(catalog::kTickLatenessSeconds);
    for (int i = 0; i < 20'000; ++i) {
      ++ticks;
      lateness.record(static_cast<std::uint64_t>(i));
      published.publish(live, {});
    }
    done = true;
  }};
  std::uint64_t before = 0;
  while (!done) {
    const Published::Snapshot& latest = published.latest();
    const std::uint64_t ticks = latest.registry.counters(catalog::kTicksTotal)[0];
    const std::uint64_t samples = latest.registry.histograms(catalog::kTickLatenessSeconds)[0].count();
    if (ticks != samples || ticks != latest.number || ticks < before) {
      BOOST_TEST(ticks == samples);
      BOOST_TEST(ticks == latest.number);
      BOOST_TEST(ticks >= before);
      break;
    }
    before = ticks;
  }
  writer.join();
  BOOST_TEST(published.latest().number == 20'000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::metrics
