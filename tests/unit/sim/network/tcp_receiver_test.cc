#include "netrig/sim/network/tcp_receiver.h"

#include <boost/test/unit_test.hpp>

namespace netrig::testing {
namespace {
using namespace sim;
}

BOOST_AUTO_TEST_SUITE(tcp_receiver)

BOOST_AUTO_TEST_CASE(every_second_segment_is_acknowledged_and_a_lone_one_after_40_ms) {
  TcpReceiver receiver;
  BOOST_TEST(!receiver.take(0, Instant{10ms}));
  BOOST_CHECK(receiver.ack_deadline() == Instant{50ms});
  BOOST_TEST(receiver.take(1, Instant{20ms}));
  receiver.on_acknowledged();
  BOOST_CHECK(!receiver.ack_deadline());
  BOOST_TEST(receiver.next() == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_out_of_order_a_copy_or_fills_a_gap_is_acknowledged_at_once) {
  TcpReceiver receiver;
  BOOST_TEST(receiver.take(2, Instant{}));
  receiver.on_acknowledged();
  BOOST_TEST(receiver.take(2, Instant{}));  // again, out of order
  receiver.on_acknowledged();
  BOOST_TEST(receiver.next() == 0u);
  BOOST_TEST(receiver.take(0, Instant{}));  // the gap is smaller
  receiver.on_acknowledged();
  BOOST_TEST(receiver.next() == 1u);
  BOOST_TEST(receiver.take(1, Instant{}));  // and closed: 2 had waited
  receiver.on_acknowledged();
  BOOST_TEST(receiver.next() == 3u);
  BOOST_TEST(receiver.take(1, Instant{}));  // a copy
  BOOST_TEST(!receiver.take(3, Instant{}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
