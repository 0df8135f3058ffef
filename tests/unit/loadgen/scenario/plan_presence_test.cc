#include "netrig/loadgen/scenario/plan_presence.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "netrig/loadgen/scenario/plan.h"
#include "netrig/tests/support/seed.h"
#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {
namespace {

using testing::kSmall;
using testing::problems;
using testing::valid;

constexpr Instant kStart{};

Scenario cohort(const std::string& keys) {
  return valid(
      "netrig: 1\nname: p\nduration: 10s\ntransport: memory\nserver: {players_max: 10000}\n"
      "clients:\n  - {name: a, " +
      keys + "}\n");
}

std::vector<Instant> joins(const Plan& plan) {
  std::vector<Instant> all;
  for (const ClientPlan& client : plan.clients) all.push_back(client.join);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(presence)

BOOST_AUTO_TEST_CASE(without_churn_there_is_one_stay) {
  Stays for_ever{kStart + 1s, std::nullopt, std::nullopt, Random{1}};
  BOOST_TEST((for_ever.next() == Stay{kStart + 1s, std::nullopt}));
  BOOST_TEST(!for_ever.next().has_value());
  Stays until{kStart + 1s, kStart + 5s, std::nullopt, Random{1}};
  BOOST_TEST((until.next() == Stay{kStart + 1s, kStart + 5s}));
  BOOST_TEST(!until.next().has_value());
}

BOOST_AUTO_TEST_CASE(fixed_churn_is_a_timetable_that_the_leave_ends) {
  const Churn churn{.stay = 3s, .away = 2s, .shape = TimeShape::fixed};
  Stays stays{kStart + 1s, kStart + 12s, churn, Random{1}};
  BOOST_TEST((stays.next() == Stay{kStart + 1s, kStart + 4s}));
  BOOST_TEST((stays.next() == Stay{kStart + 6s, kStart + 9s}));
  BOOST_TEST((stays.next() == Stay{kStart + 11s, kStart + 12s}));  // cut short
  BOOST_TEST(!stays.next().has_value());
  Stays at_the_edge{kStart, kStart + 5s, churn, Random{1}};
  BOOST_TEST((at_the_edge.next() == Stay{kStart, kStart + 3s}));
  BOOST_TEST(!at_the_edge.next().has_value());  // would come when it has to leave
}

// The share of time that a client is there is stay / (stay + away), and so is the share of clients.
BOOST_AUTO_TEST_CASE(exponential_churn_keeps_the_mean_share_of_clients) {
  const Scenario scenario = cohort("count: 2000, churn: {stay: 30s, away: 10s}, join: {at: 0s}");
  const Plan plan = make_plan(scenario, netrig::testing::test_seed());
  double stayed = 0;
  double sessions = 0;
  constexpr double kHorizon = 2'000;
  for (const ClientPlan& client : plan.clients) {
    Stays stays = client.stays();
    Instant before{};
    for (auto stay = stays.next(); stay->from < kStart + 2'000s; stay = stays.next()) {
      BOOST_TEST_REQUIRE((stay->from >= before && *stay->until > stay->from));
      before = *stay->until;
      stayed += seconds(std::min(*stay->until, kStart + 2'000s) - stay->from);
      ++sessions;
    }
  }
  BOOST_TEST(stayed / (2'000 * kHorizon) == 0.75, boost::test_tools::tolerance(0.01));
  BOOST_TEST(sessions / 2'000 == kHorizon / 40, boost::test_tools::tolerance(0.02));

  // What inspect draws: everybody at first, three quarters in the long run, never more than the bound.
  const std::vector<ClientsAt> steps = clients_over_time(plan, kStart + 300s);
  BOOST_TEST(steps.front().clients == 2'000u);
  const auto late = std::ranges::lower_bound(steps, kStart + 250s, {}, &ClientsAt::at);
  BOOST_TEST(late->clients == 1'500.0, boost::test_tools::tolerance(0.08));
  BOOST_TEST((steps.back().at <= kStart + 300s));
  BOOST_TEST(peak_clients(scenario) == 2'000u);
}

// Gaps of a Poisson process: their mean, and the deviation that equals it.
BOOST_AUTO_TEST_CASE(joins_at_a_rate_are_a_poisson_process) {
  const std::vector<Instant> all =
      joins(make_plan(cohort("count: 10000, join: {at: 3s, rate: 50/s}"), netrig::testing::test_seed()));
  BOOST_TEST((all.front() > kStart + 3s));
  double sum = 0;
  double squares = 0;
  Instant previous = kStart + 3s;
  for (const Instant at : all) {
    const double gap = seconds(at - previous);
    BOOST_TEST_REQUIRE(gap >= 0);
    sum += gap;
    squares += gap * gap;
    previous = at;
  }
  const double mean = sum / 10'000;
  BOOST_TEST(mean == 0.02, boost::test_tools::tolerance(0.05));
  BOOST_TEST(std::sqrt(squares / 10'000 - mean * mean) == 0.02, boost::test_tools::tolerance(0.08));
}

BOOST_AUTO_TEST_CASE(joins_within_a_time_are_uniform_in_it) {
  std::vector<Instant> all =
      joins(make_plan(cohort("count: 10000, join: {at: 5s, within: 2s}"), netrig::testing::test_seed()));
  std::ranges::sort(all);
  BOOST_TEST((all.front() >= kStart + 5s && all.back() < kStart + 7s));
  double distance = 0;  // Kolmogorov and Smirnov
  for (std::size_t i = 0; i < all.size(); ++i)
    distance =
        std::max(distance, std::abs(seconds(all[i] - kStart - 5s) / 2 - static_cast<double>(i) / 10'000));
  BOOST_TEST(distance < 2.5 / 100);
}

BOOST_AUTO_TEST_CASE(more_clients_at_a_cohorts_end_shift_nobody) {
  const std::string keys = ", join: {rate: 5/s}, churn: {stay: 5s, away: 1s}, storm: {at: 9s, within: 1s}";
  const Plan few = make_plan(cohort("count: 5" + keys), 7);
  const Plan many = make_plan(cohort("count: 50" + keys), 7);
  for (std::size_t i = 0; i < few.clients.size(); ++i) {
    BOOST_TEST((few.clients[i].join == many.clients[i].join));
    BOOST_TEST((few.clients[i].stays().next() == many.clients[i].stays().next()));
    BOOST_TEST((few.clients[i].cuts().next() == many.clients[i].cuts().next()));
  }
}

BOOST_AUTO_TEST_CASE(a_storm_takes_exactly_its_share_spread_along_the_cohort) {
  const Plan plan = make_plan(cohort("count: 10, storm: {at: 5s, share: 30%}"), 1);
  std::vector<std::size_t> cut;
  for (std::size_t i = 0; i < plan.clients.size(); ++i) {
    Cuts cuts = plan.clients[i].cuts();
    const auto at = cuts.next();
    if (!at) continue;
    BOOST_TEST((*at == kStart + 5s));
    BOOST_TEST(!cuts.next().has_value());
    cut.push_back(i);
  }
  BOOST_TEST((cut == std::vector<std::size_t>{3, 6, 9}));
  BOOST_TEST(plan.clients[0].reconnect.has_value());  // a storm without a policy has the default one
  BOOST_TEST(!is_in_share(0, 0));
  BOOST_TEST(is_in_share(99'999, 1'000'000));
}

BOOST_AUTO_TEST_CASE(a_repeated_storm_never_ends_and_each_time_draws_anew) {
  Cuts cuts{{.at = 10s, .within = 1s, .every = 60s}, Random{netrig::testing::test_seed()}};
  std::vector<Duration> offsets;
  for (int storm = 0; storm < 100; ++storm) {
    const Duration offset = *cuts.next() - (kStart + 10s + storm * Duration{60s});
    BOOST_TEST_REQUIRE((offset >= 0s && offset <= 1s));
    offsets.push_back(offset);
  }
  std::ranges::sort(offsets);
  BOOST_TEST(std::ranges::unique(offsets).empty());
}

BOOST_AUTO_TEST_CASE(the_warm_up_waits_for_joins_at_random) {
  BOOST_TEST((warm_up_max(cohort("count: 10, join: {at: 1s, within: 4s}")) == 5s + 10s));
  BOOST_TEST((warm_up_max(cohort("count: 10, join: {rate: 2/s}")) == 40 * 500ms + 10s));
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Plan plan = make_plan(cohort("count: 3, join: {rate: 1/s}"), seed);
    BOOST_TEST((plan.clients.back().join - kStart < 26s));
  }
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_said_with_its_place) {
  const auto says = [](const std::string& keys, const std::string& what) {
    const std::string found = problems(kSmall + "    " + keys + "\n");
    BOOST_TEST(found.find("s.yaml:8:") == 0u, found);
    BOOST_TEST(found.find(what) != std::string::npos, found);
  };
  says("join: {rate: 5}", "expected a rate such as 5/s (units: /s /min /h)");
  says("join: {rate: 0/s}", "between 1 and 1000000");
  says("join: {rate: 5/s, ramp: 2s}", "more than one of ramp, within and rate");
  says("join: {wihtin: 5s}", "did you mean \"within\"?");
  says("churn: {stay: 10s}", "missing key \"away\"");
  says("churn: {stay: 10ms, away: 1s}", "between 100ms and 24h");
  says("churn: {stay: 1s, away: 1s, times: poisson}", "one of exponential, fixed");
  says("storm: {share: 10%}", "missing key \"at\"");
  says("storm: {at: 1s, within: 5s, every: 5s}", "every must be longer than within");
  says("storm: {at: 1s, cut: loud}", "one of reset, silent");
  says("reconnect: {first: 2s, max: 1s}", "first must not be above max");
  says("reconnect: {first: 0s}", "between 1ms and 24h");
  const std::string early = problems(kSmall + "    join: {within: 5s}\n    leave: {at: 3s}\n");
  BOOST_TEST(early.find("the last may join as late as 5s") != std::string::npos, early);
  const std::string many = problems(
      "netrig: 1\nname: n\nduration: 24h\ntransport: memory\nserver: {players_max: 10000}\n"
      "clients:\n  - {name: a, count: 10000, churn: {stay: 100ms, away: 100ms}}\n");
  BOOST_TEST(many.find("at most 2000000 are possible") != std::string::npos, many);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
