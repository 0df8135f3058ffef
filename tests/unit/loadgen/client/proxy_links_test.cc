// The links of clients that come as they like.
#include "netrig/loadgen/run/proxy_links.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <vector>

namespace netrig::loadgen {
namespace {

constexpr auto kTcp = sim::TransportKind::tcp;
constexpr auto kIdeal = sim::Congestion::ideal;

BOOST_AUTO_TEST_SUITE(proxy_links)

BOOST_AUTO_TEST_CASE(a_range_of_round_trips_is_spread_over_however_many_come) {
  const RttRange range{100ms, 500ms};
  BOOST_TEST((spread_rtt(range, 0) == 100ms));
  BOOST_TEST((spread_rtt(range, 1) == 500ms));
  BOOST_TEST((spread_rtt(range, 2) == 300ms));
  BOOST_TEST((spread_rtt(range, 3) == 200ms));
  BOOST_TEST((spread_rtt(range, 4) == 400ms));
  for (const std::uint64_t clients : {5u, 9u, 33u, 100u}) {
    std::vector<Duration> all;
    for (std::uint64_t number = 0; number < clients; ++number) all.push_back(spread_rtt(range, number));
    std::ranges::sort(all);
    BOOST_TEST((std::ranges::adjacent_find(all) == all.end()));
    for (std::size_t i = 1; i < all.size(); ++i)  // no gap is twice as wide as the even one, and a bit
      BOOST_TEST((all[i] - all[i - 1] <= 2 * (range.to - range.from) / std::int64_t(clients - 1) + 1us));
  }
}

BOOST_AUTO_TEST_CASE(a_client_draws_by_its_number_wherever_it_sits) {
  CohortLink link;
  link.up.loss_ppm = 100'000;
  ProxyLinks links{link, kTcp, kIdeal, 7};
  const transport::LinkSetup here = links.link_of(3, 10);
  const transport::LinkSetup there = links.link_of(5, 10);
  BOOST_TEST(here.client == 3u);
  BOOST_TEST(there.client == 5u);
  BOOST_TEST(Random{here.random}.bits() == Random{there.random}.bits());
  BOOST_TEST(Random{here.random}.bits() != Random{links.link_of(3, 11).random}.bits());
  ProxyLinks others{link, kTcp, kIdeal, 8};
  BOOST_TEST(Random{here.random}.bits() != Random{others.link_of(3, 10).random}.bits());
}

BOOST_AUTO_TEST_CASE(an_event_at_a_random_time_has_one_for_each_client_and_the_same_both_ways) {
  auto schedule = std::make_shared<sim::LinkSchedule>();
  schedule->events.push_back(
      {.kind = sim::LinkEvent::Kind::hold, .length = 80ms, .every = 10s, .at_random = true});
  CohortLink link;
  link.up.schedule = link.down.schedule = schedule;
  ProxyLinks links{link, kTcp, kIdeal, 7};
  const transport::LinkSetup first = links.link_of(0, 0);
  const transport::LinkSetup second = links.link_of(1, 1);
  const auto at = [](const sim::LinkConditions& way) { return way.schedule->events.front().at; };
  BOOST_TEST((at(first.up) == at(first.down)));
  BOOST_TEST((at(first.up) != at(second.up)));
}

BOOST_AUTO_TEST_CASE(a_household_shares_its_line_as_long_as_somebody_is_at_home) {
  CohortLink link;
  link.household = Household{
      .size = 2, .up = sim::QueueConditions{.rate_bits_per_second = 1'000'000, .bytes_max = 10'000}};
  ProxyLinks links{link, kTcp, kIdeal, 7};
  const transport::LinkSetup first = links.link_of(0, 0);
  const transport::LinkSetup second = links.link_of(1, 1);
  const transport::LinkSetup third = links.link_of(2, 2);
  BOOST_REQUIRE(first.up_queues.size() == 1u);
  BOOST_TEST(first.down_queues.empty());
  BOOST_TEST(first.up_queues.front() == second.up_queues.front());
  BOOST_TEST(first.up_queues.front() != third.up_queues.front());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
