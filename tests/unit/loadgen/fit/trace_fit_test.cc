#include "netrig/loadgen/fit/trace_fit.h"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "netrig/sim/network/correlated_normal.h"

namespace netrig::loadgen {
namespace {

sim::LinkTrace trace_of(std::vector<sim::LinkTrace::Row> rows, Duration period) {
  return {.rows = std::move(rows), .period = period, .has_delay = true, .has_rate = true, .has_loss = true};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(trace_fit)

BOOST_AUTO_TEST_CASE(a_row_weighs_as_long_as_it_lasts) {
  const TraceFit fit = fit_trace(trace_of({{0s, 20ms, 8'000'000, 0}, {9s, 120ms, 1'000'000, 100'000}}, 10s));
  BOOST_CHECK(fit.mean_delay == Duration{30ms});
  BOOST_CHECK(sim::nominal_delay(fit.each_way.delay) == Duration{20ms});
  BOOST_CHECK(sim::largest_delay(fit.each_way) == Duration{120ms});
  BOOST_TEST(fit.each_way.loss_ppm == 10'000u);
  BOOST_TEST(fit.each_way.rate_bits_per_second == 8'000'000u);
  BOOST_TEST(fit.rate_min == 1'000'000u);
  BOOST_TEST(fit.rate_max == 8'000'000u);
}

BOOST_AUTO_TEST_CASE(what_the_trace_does_not_tell_stays_perfect) {
  sim::LinkTrace trace = trace_of({{0s, 20ms, 0, 0}, {1s, 20ms, 0, 0}}, 2s);
  trace.has_rate = trace.has_loss = false;
  BOOST_CHECK(fit_trace(trace).each_way == sim::LinkConditions{.delay = sim::ConstantDelay{20ms}});
}

// Rows of 100 ms that correlate with 0.81: packets each 50 ms correlate with 0.9.
BOOST_AUTO_TEST_CASE(delays_remember_from_packet_to_packet_what_rows_do) {
  sim::CorrelatedNormal wave{810'000, Random{3}};
  std::vector<sim::LinkTrace::Row> rows;
  for (int i = 0; i < 20'000; ++i) rows.push_back({i * 100ms, 500ms + Duration{wave.draw() * 100}, 0, 0});
  const TraceFit fit = fit_trace(trace_of(std::move(rows), 2'000s));
  BOOST_TEST(std::abs(fit.each_way.correlation_ppm / 1e6 - 0.9) < 0.01);
  BOOST_CHECK(fit.row_length == Duration{100ms});
}

BOOST_AUTO_TEST_CASE(three_rows_that_rise_are_no_correlation) {
  BOOST_TEST(
      fit_trace(trace_of({{0s, 1ms, 0, 0}, {1s, 2ms, 0, 0}, {2s, 3ms, 0, 0}}, 3s)).each_way.correlation_ppm ==
      0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
