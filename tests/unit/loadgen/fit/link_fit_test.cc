// A link that is known, pinged in the simulator, comes back as the link that is fitted to the pings.
#include "netrig/loadgen/fit/link_fit.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "netrig/loadgen/fit/ping_links.h"

namespace netrig::loadgen {
namespace {

constexpr std::size_t kPings = 20'000;

LinkFit fit_of(const sim::LinkConditions& up, const sim::LinkConditions& down, std::uint64_t seed = 7) {
  PingSeries series;
  series.round_trips = ping_links(up, down, {.pings = kPings}, Random{seed});
  auto fit = fit_link(series);
  BOOST_REQUIRE_MESSAGE(fit.has_value(), fit.error());
  return *std::move(fit);
}

double milliseconds(Duration duration) {
  return seconds(duration) * 1e3;
}

// Of the fitted round trip: what is constant up and varies down.
double fitted_quantile(const LinkFit& fit, double share) {
  const Duration up = std::get<sim::ConstantDelay>(fit.up.delay).delay;
  return milliseconds(up + sim::delay_at(fit.down.delay, static_cast<std::uint64_t>(share * 0x1p64)));
}

sim::LinkConditions after(Duration delay) {
  return {.delay = sim::ConstantDelay{delay}};
}

std::string error_of(RoundTrips trips) {
  const auto fit = fit_link({.round_trips = std::move(trips)});
  return fit ? "no error" : fit.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(link_fit)

BOOST_AUTO_TEST_CASE(a_constant_link_stays_constant) {
  const LinkFit fit = fit_of(after(20ms), after(30ms));
  BOOST_CHECK(fit.up == after(25ms));
  BOOST_CHECK(fit.down == after(25ms));
  BOOST_TEST(fit.worst_quantile == 0);
  BOOST_TEST(fit.gap == 0);
}

BOOST_AUTO_TEST_CASE(a_uniform_delay_comes_back_within_one_percent) {
  const LinkFit fit = fit_of(after(20ms), {.delay = sim::UniformDelay{10ms, 110ms}});
  for (const double share : {0.05, 0.25, 0.5, 0.75, 0.95})
    BOOST_TEST(fitted_quantile(fit, share) == 30 + 100 * share, boost::test_tools::tolerance(0.01));
  BOOST_TEST(fit.down.correlation_ppm == 0u);
  BOOST_TEST(fit.gap < 0.02);
}

// P(delay > min + x) = (1 + x / scale) ^ -shape
BOOST_AUTO_TEST_CASE(a_heavy_tail_comes_back_within_five_percent_at_its_last_percent) {
  const LinkFit fit =
      fit_of(after(10ms), {.delay = sim::ParetoDelay{.min = 20ms, .scale = 30ms, .shape_milli = 2'500}});
  const auto exact = [](double share) { return 30 + 30 * (std::pow(1 - share, -1 / 2.5) - 1); };
  BOOST_TEST(fitted_quantile(fit, 0) == 30, boost::test_tools::tolerance(0.001));
  for (const double share : {0.1, 0.5, 0.9, 0.95})
    BOOST_TEST(fitted_quantile(fit, share) == exact(share), boost::test_tools::tolerance(0.02));
  BOOST_TEST(fitted_quantile(fit, 0.99) == exact(0.99), boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_CASE(the_correlation_of_delays_comes_back_within_three_percent) {
  for (const std::uint32_t correlation_ppm : {300'000u, 600'000u, 900'000u}) {
    const LinkFit fit =
        fit_of(after(20ms), {.delay = sim::ParetoDelay{.min = 20ms, .scale = 30ms, .shape_milli = 2'500},
                             .correlation_ppm = correlation_ppm});
    BOOST_TEST(std::abs(fit.down.correlation_ppm / 1e6 - correlation_ppm / 1e6) <= 0.03);
    BOOST_TEST(std::abs(fit.simulated.rank_correlation - fit.measured.rank_correlation) < 0.03);
  }
}

BOOST_AUTO_TEST_CASE(independent_loss_is_half_each_way_and_in_no_bursts) {
  for (const std::uint32_t loss_ppm : {1'000u, 10'000u, 50'000u, 200'000u}) {
    sim::LinkConditions link = after(20ms);
    link.loss_ppm = loss_ppm;
    const LinkFit fit = fit_of(link, link);
    BOOST_TEST(fit.loss.burst_milli == 0u);
    const double deviation = std::sqrt(loss_ppm / 1e6 / (2 * kPings));
    BOOST_TEST(std::abs(fit.loss.mean_ppm / 1e6 - loss_ppm / 1e6) < 4 * deviation);
    BOOST_TEST(fit.up.loss_ppm == fit.loss.mean_ppm);
    BOOST_TEST(fit.down.loss_ppm == fit.loss.mean_ppm);
  }
}

BOOST_AUTO_TEST_CASE(bursts_come_back_within_a_tenth) {
  struct Bursts {
    std::uint32_t mean_ppm;
    std::uint32_t burst_milli;
  };
  for (const auto& [mean_ppm, burst_milli] : {Bursts{20'000, 3'000}, {50'000, 8'000}, {200'000, 4'000}}) {
    sim::LinkConditions link = after(20ms);
    link.bursts = sim::bursts_of(mean_ppm, burst_milli);
    PingSeries series;
    series.round_trips = ping_links(link, link, {.pings = 200'000}, Random{7});
    const auto fit = fit_link(series);
    BOOST_REQUIRE(fit.has_value());
    BOOST_TEST(static_cast<double>(fit->loss.mean_ppm) == mean_ppm, boost::test_tools::tolerance(0.1));
    BOOST_TEST(static_cast<double>(fit->loss.burst_milli) == burst_milli, boost::test_tools::tolerance(0.1));
    BOOST_TEST(fit->simulated.mean_burst == fit->measured.mean_burst, boost::test_tools::tolerance(0.1));
    BOOST_TEST(fit->up.loss_ppm == 0u);
  }
}

BOOST_AUTO_TEST_CASE(bursts_in_time_come_back_within_a_tenth_however_often_one_pings) {
  sim::LinkConditions link = after(20ms);
  link.timed_bursts = sim::TimedBursts{.mean_length = 800ms, .mean_ppm = 40'000};
  for (const Duration interval : {50ms, 200ms, 500ms}) {
    const PingSeries series{
        .round_trips = ping_links(link, link, {.pings = 200'000, .interval = interval}, Random{7}),
        .interval = interval};
    const auto fit = fit_link(series);
    BOOST_REQUIRE(fit.has_value());
    BOOST_TEST(seconds(fit->loss.burst_length) == 0.8, boost::test_tools::tolerance(0.1));
    BOOST_TEST(static_cast<double>(fit->loss.mean_ppm) == 40'000, boost::test_tools::tolerance(0.1));
    BOOST_TEST(fit->simulated.mean_burst == fit->measured.mean_burst, boost::test_tools::tolerance(0.1));
  }
}

// 36 % of the round trips are lost; a good one is followed by a loss once in 6.25: each way 20 %, entered
// once in 12 packets, so 3 at a time.
BOOST_AUTO_TEST_CASE(losses_of_a_round_trip_are_split_exactly) {
  SeriesFacts facts;
  facts.sent = 10'000;
  facts.loss = 0.36;
  const double enter = 0.25 / 3;
  const double kept_lost = 6'400 * (1 - (1 - enter) * (1 - enter));
  facts.pairs = {.kept_kept = static_cast<std::size_t>(6'400 - kept_lost),
                 .kept_lost = static_cast<std::size_t>(kept_lost),
                 .lost_kept = static_cast<std::size_t>(kept_lost),
                 .lost_lost = static_cast<std::size_t>(3'600 - kept_lost)};
  const LossFit fit = fit_loss(facts, std::nullopt);
  BOOST_TEST(fit.mean_ppm == 200'000u);
  BOOST_TEST(std::abs(static_cast<int>(fit.burst_milli) - 3'000) <= 3);
}

BOOST_AUTO_TEST_CASE(one_pair_of_losses_in_a_thousand_pings_makes_no_burst) {
  RoundTrips trips(1'000, 20ms);
  for (const std::size_t lost : {100u, 101u, 400u, 600u, 800u, 900u, 950u}) trips[lost].reset();
  BOOST_TEST(fit_link({.round_trips = trips})->loss.burst_milli == 0u);
}

BOOST_AUTO_TEST_CASE(noise_that_means_nothing_is_no_correlation) {
  BOOST_TEST(link_correlation_ppm(0.1, 300) == 0u);
  BOOST_TEST(link_correlation_ppm(0.1, 500) == 100'000u);     // 2 sin(pi / 60)
  BOOST_TEST(link_correlation_ppm(0.5, 10'000) == 520'000u);  // 2 sin(pi / 12)
  BOOST_TEST(link_correlation_ppm(1, 10'000) == 990'000u);
  BOOST_TEST(link_correlation_ppm(-0.5, 10'000) == 0u);
}

BOOST_AUTO_TEST_CASE(twenty_answers_are_the_least_that_tells_anything) {
  BOOST_TEST(error_of(RoundTrips(19, 20ms)) == "19 answers within 10s; at least 20 are needed to fit a link");
  BOOST_TEST(error_of(RoundTrips(20, 20ms)) == "no error");
}

BOOST_AUTO_TEST_CASE(an_answer_later_than_any_link_counts_as_lost) {
  RoundTrips trips(100, 9s);
  trips[50] = 11s;
  const auto fit = fit_link({.round_trips = trips});
  BOOST_REQUIRE(fit.has_value());
  BOOST_TEST(fit->too_late == 1u);
  BOOST_TEST(fit->measured.loss == 0.01);
}

BOOST_AUTO_TEST_CASE(pings_faster_than_they_return_stay_in_order) {
  const RoundTrips trips = ping_links(after(20ms), {.delay = sim::UniformDelay{0ms, 100ms}},
                                      {.pings = 1'000, .interval = 1ms}, Random{1});
  for (std::size_t i = 1; i < trips.size(); ++i) BOOST_CHECK(*trips[i] + 1ms >= *trips[i - 1]);
  BOOST_CHECK(std::ranges::all_of(
      trips, [](const auto& trip) { return *trip >= Duration{20ms} && *trip <= Duration{120ms}; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
