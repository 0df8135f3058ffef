#include "netrig/transport/host/mailbox.h"

#include <boost/test/unit_test.hpp>

namespace netrig::transport {
namespace {

using Ints = std::vector<int>;

BOOST_AUTO_TEST_SUITE(mailbox)

BOOST_AUTO_TEST_CASE(a_full_one_drops_the_oldest_and_counts_it) {
  Mailbox<int> box{3};
  for (int i = 0; i < 5; ++i) box.put(i);
  BOOST_TEST(box.take() == (Ints{2, 3, 4}), boost::test_tools::per_element());
  BOOST_TEST(box.dropped() == 2u);
  BOOST_TEST(box.take().empty());
}

BOOST_AUTO_TEST_CASE(a_flood_pushes_out_its_own_words_first) {
  Mailbox<int, char> box{4};
  box.put(1, 'a');
  box.put(2, 'b');
  for (int i = 10; i < 20; ++i) box.put(i, 'c');  // two stay
  BOOST_TEST(box.take() == (Ints{1, 2, 18, 19}), boost::test_tools::per_element());
  BOOST_TEST(box.dropped() == 8u);
  for (int i = 0; i < 4; ++i) box.put(i, 'c');
  box.put(3, 'a');  // has none: the oldest of all goes
  BOOST_TEST(box.take() == (Ints{1, 2, 3, 3}), boost::test_tools::per_element());
  BOOST_TEST(box.dropped() == 9u);
}

BOOST_AUTO_TEST_CASE(what_nobody_may_have_any_more_is_counted) {
  Mailbox<int> box{2};
  box.put(1);
  box.drop_all();
  box.count_dropped();
  BOOST_TEST(box.take().empty());
  BOOST_TEST(box.dropped() == 2u);
  Mailbox<int> none{0};
  none.put(1);
  BOOST_TEST(none.take().empty());
  BOOST_TEST(none.dropped() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport
