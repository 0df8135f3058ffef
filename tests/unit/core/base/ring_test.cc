#include "netrig/core/base/ring.h"

#include <boost/test/unit_test.hpp>
#include <deque>

#include "netrig/core/base/random.h"
#include "netrig/tests/support/seed.h"

using namespace netrig;

BOOST_AUTO_TEST_SUITE(ring)

BOOST_AUTO_TEST_CASE(values_leave_in_the_order_they_came_across_the_wrap) {
  Ring<int> ring{3};
  int next_in = 0;
  int next_out = 0;
  for (int round = 0; round < 10; ++round) {
    BOOST_TEST(ring.push(next_in++));
    BOOST_TEST(ring.push(next_in++));
    BOOST_TEST(ring.back() == next_in - 1);
    BOOST_TEST(ring.front() == next_out++);
    ring.pop();
    BOOST_TEST(ring[0] == next_out++);
    ring.pop();
  }
  BOOST_TEST(ring.empty());
}

BOOST_AUTO_TEST_CASE(a_full_ring_says_so_and_keeps_what_it_has) {
  Ring<int> ring{2};
  BOOST_TEST(ring.push(1));
  BOOST_TEST(ring.push(2));
  BOOST_TEST(ring.full());
  BOOST_TEST(!ring.push(3));
  BOOST_TEST(ring.front() == 1);
  BOOST_TEST(ring.back() == 2);
  ring.clear();
  BOOST_TEST(ring.empty());
}

// Against a queue without a bound of its own, through growth in the middle of a wrap.
BOOST_AUTO_TEST_CASE(it_grows_to_its_bound_and_no_further_and_keeps_the_order) {
  netrig::Random random{netrig::testing::test_seed()};
  for (const std::size_t capacity : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 100u}) {
    Ring<std::size_t> ring{capacity};
    std::deque<std::size_t> model;
    for (std::size_t step = 0; step < 2'000; ++step) {
      if (random.chance(step < 1'000 ? 600'000 : 450'000)) {
        const bool took = ring.push(step);
        BOOST_TEST_REQUIRE(took == (model.size() < capacity));
        if (took) model.push_back(step);
      } else if (!model.empty()) {
        BOOST_TEST_REQUIRE(ring.front() == model.front());
        ring.pop();
        model.pop_front();
      }
      BOOST_TEST_REQUIRE(ring.size() == model.size());
      BOOST_TEST_REQUIRE(ring.full() == (model.size() == capacity));
      for (std::size_t i = 0; i < model.size(); ++i) BOOST_TEST_REQUIRE(ring[i] == model[i]);
    }
    BOOST_TEST(ring.capacity() == capacity);
  }
}

BOOST_AUTO_TEST_SUITE_END()
