#include <boost/test/unit_test.hpp>
#include <cstdint>

#include "netrig/metrics/registry.h"
#include "netrig/tests/support/allocation_counter.h"

namespace netrig::metrics {
namespace {

using netrig::testing::allocations;

Shape test_shape() {
  return *Shape::make({.cohorts = {"near", "far"},
                       .messages = {"state"},
                       .leave_causes = {"left"},
                       .drop_causes = {"queue"},
                       .error_causes = {"malformed"}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(allocation)

BOOST_AUTO_TEST_CASE(a_registry_allocates_when_it_is_made_and_never_again) {
  const std::uint64_t before = allocations();
  Registry live{test_shape()}, published{test_shape()};
  BOOST_TEST(allocations() > before);  // the counter counts

  const std::uint64_t made = allocations();
  Histogram& rtt = live.histogram(catalog::kRttSeconds, {.cohort = 1});
  std::uint64_t& joins = live.counter(catalog::kJoinsTotal, {.cohort = 0});
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    rtt.record(i * i * i);
    rtt.record(i, 3);
    ++joins;
    ++live.counter(catalog::kErrorsTotal, {.cohort = 1, .error_cause = 0});
    if (i % 1'000 == 0) {
      published.reset();
      published.merge(live);
    }
  }
  const std::uint64_t after = allocations();
  BOOST_TEST(after - made == 0u);
  BOOST_TEST(joins == 10'000u);
  BOOST_TEST(rtt.count() == 40'000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::metrics
