#include "netrig/sim/network/network_observer.h"

#include <boost/test/unit_test.hpp>

using namespace netrig;
using namespace netrig::sim;

BOOST_AUTO_TEST_SUITE(network_observer)

BOOST_AUTO_TEST_CASE(an_observer_overrides_only_what_it_counts) {
  struct Losses final : NetworkObserver {
    void on_dropped(LinkId link, DropCause cause, std::size_t bytes, Instant) override {
      if (link.direction == Direction::down && cause == DropCause::loss) lost_bytes += bytes;
    }
    std::size_t lost_bytes = 0;
  };
  Losses losses;
  NetworkObserver& observer = losses;
  observer.on_sent({1, Direction::down}, 100, 0, Instant{});
  observer.on_dropped({1, Direction::down}, DropCause::loss, 100, Instant{});
  observer.on_dropped({1, Direction::down}, DropCause::queue_full, 10, Instant{});
  observer.on_dropped({1, Direction::up}, DropCause::loss, 1, Instant{});
  BOOST_TEST(losses.lost_bytes == 100u);
}

BOOST_AUTO_TEST_CASE(links_are_ordered_by_client_then_direction) {
  BOOST_CHECK((LinkId{1, Direction::down} < LinkId{2, Direction::up}));
  BOOST_CHECK((LinkId{1, Direction::up} < LinkId{1, Direction::down}));
}

BOOST_AUTO_TEST_CASE(directions_and_causes_have_names) {
  BOOST_TEST(text(Direction::up) == "up");
  BOOST_TEST(text(Direction::down) == "down");
  BOOST_TEST(text(DropCause::loss) == "loss");
  BOOST_TEST(text(DropCause::queue_full) == "queue_full");
}

BOOST_AUTO_TEST_SUITE_END()
