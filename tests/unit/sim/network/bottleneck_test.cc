#include "netrig/sim/network/bottleneck.h"

#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/sim/network/network_testing.h"

namespace netrig::testing {
namespace {

std::shared_ptr<Bottleneck> shared_queue(std::uint64_t rate, std::uint64_t bytes_max) {
  return std::make_shared<Bottleneck>(QueueConditions{.rate_bits_per_second = rate, .bytes_max = bytes_max});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bottleneck)

BOOST_AUTO_TEST_CASE(links_behind_one_queue_wait_for_each_other_in_the_order_of_sending) {
  const auto line = shared_queue(8'000'000, 64'000);
  Link near{{.delay = ConstantDelay{10ms}}, Random{1}, {line}};
  Link far{{.delay = ConstantDelay{50ms}}, Random{2}, {line}};
  LinkLog of_near, of_far;
  near.enqueue(numbered_packet(0, 1'000), Instant{});  // 1 ms each
  far.enqueue(numbered_packet(1, 1'000), Instant{});
  near.enqueue(numbered_packet(2, 1'000), Instant{});
  advance_until(near, kEver, of_near);
  advance_until(far, kEver, of_far);
  BOOST_TEST(of_near.delivered.at(0).at_ns == 11'000'000);
  BOOST_TEST(of_far.delivered.at(0).at_ns == 52'000'000);
  BOOST_TEST(of_near.delivered.at(1).at_ns == 13'000'000);
}

BOOST_AUTO_TEST_CASE(two_links_share_the_rate_and_together_get_all_of_it) {
  const auto line = shared_queue(8'000'000, 2'000'000);
  Link one{{}, Random{1}, {line}};
  Link two{{}, Random{2}, {line}};
  LinkLog of_one, of_two;
  for (std::uint32_t number = 0; number < 500; ++number) {
    one.enqueue(numbered_packet(number, 1'000), Instant{});
    two.enqueue(numbered_packet(number, 1'000), Instant{});
  }
  advance_until(one, kEver, of_one);
  advance_until(two, kEver, of_two);
  BOOST_TEST(of_one.delivered.back().at_ns == 999'000'000);
  BOOST_TEST(of_two.delivered.back().at_ns == 1'000'000'000);  // 1 MB over 8 Mbit/s
}

BOOST_AUTO_TEST_CASE(what_one_link_fills_the_other_finds_full) {
  const auto line = shared_queue(8'000'000, 3'000);
  Link greedy{{}, Random{1}, {line}};
  Link modest{{}, Random{2}, {line}};
  for (int i = 0; i < 3; ++i)
    BOOST_CHECK(greedy.enqueue(numbered_packet(0, 1'000), Instant{}) == EnqueueResult::accepted);
  BOOST_CHECK(modest.enqueue(numbered_packet(0, 1'000), Instant{}) == EnqueueResult::queue_full);
  BOOST_CHECK(modest.enqueue(numbered_packet(0, 1'000), Instant{1ms}) == EnqueueResult::accepted);
}

BOOST_AUTO_TEST_CASE(a_link_counts_only_its_own_bytes_in_a_shared_queue) {
  const auto line = shared_queue(8'000'000, 64'000);
  Link one{{}, Random{1}, {line}};
  Link two{{}, Random{2}, {line}};
  one.enqueue(numbered_packet(0, 2'000), Instant{});
  two.enqueue(numbered_packet(0, 1'000), Instant{});
  BOOST_TEST(one.backlog_bytes(Instant{1ms}) == 2'000u);
  BOOST_TEST(one.backlog_bytes(Instant{2ms}) == 0u);
  BOOST_TEST(two.backlog_bytes(Instant{2ms}) == 1'000u);
  BOOST_TEST(two.backlog_bytes(Instant{3ms}) == 0u);
}

BOOST_AUTO_TEST_CASE(a_packet_waits_in_each_queue_on_its_way) {
  const auto uplink = shared_queue(80'000'000, 64'000);
  Link link{{.delay = ConstantDelay{5ms}, .rate_bits_per_second = 8'000'000, .queue_bytes_max = 64'000},
            Random{1},
            {uplink}};
  LinkLog log;
  link.enqueue(numbered_packet(0, 1'000), Instant{});
  link.enqueue(numbered_packet(1, 1'000), Instant{});
  advance_until(link, kEver, log);
  BOOST_TEST(log.delivered.at(0).at_ns == 6'100'000);  // 0.1 ms, 1 ms, 5 ms
  BOOST_TEST(log.delivered.at(1).at_ns == 7'100'000);  // waits for the slower one only
}

BOOST_AUTO_TEST_CASE(streams_behind_one_queue_wait_for_each_other_too) {
  const auto line = shared_queue(8'000'000, 64'000);
  StreamModel one{{.delay = ConstantDelay{10ms}}, {}, Random{1}, {line}};
  StreamModel two{{.delay = ConstantDelay{10ms}}, {}, Random{2}, {line}};
  StreamLog of_one, of_two;
  const OutgoingMessage write{nullptr, payload_of(std::vector<std::uint8_t>(960))};  // 1,000 B on the wire
  one.enqueue(write, Instant{});
  two.enqueue(write, Instant{});
  advance_until(one, kEver, of_one);
  advance_until(two, kEver, of_two);
  BOOST_TEST(of_one.handovers.at(0).at_ns == 11'000'000);
  BOOST_TEST(of_two.handovers.at(0).at_ns == 12'000'000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
