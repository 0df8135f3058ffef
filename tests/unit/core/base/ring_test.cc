#include "netrig/core/base/ring.h"

#include <boost/test/unit_test.hpp>

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

BOOST_AUTO_TEST_SUITE_END()
