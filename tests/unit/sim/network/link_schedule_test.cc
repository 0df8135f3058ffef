#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "netrig/tests/unit/sim/network/network_testing.h"

namespace netrig::testing {
namespace {

using Kind = LinkEvent::Kind;
constexpr std::int64_t kMs = 1'000'000;

LinkConditions with_events(std::vector<LinkEvent> events, LinkConditions link = {}) {
  link.schedule = std::make_shared<const LinkSchedule>(LinkSchedule{.events = std::move(events)});
  return link;
}

struct CauseLog final : LinkSink {
  void on_delivered(const Packet& packet, Instant, Instant now) override {
    arrived[LinkLog::number_of(packet)] = ns_since_start(now);
  }
  void on_dropped(const Packet& packet, DropCause cause, Instant) override {
    dropped[cause].insert(LinkLog::number_of(packet));
  }
  void on_corrupted(const Packet& packet, std::uint64_t, Instant, Instant) override {
    corrupted.insert(LinkLog::number_of(packet));
  }
  std::map<std::uint32_t, std::int64_t> arrived;
  std::map<DropCause, std::set<std::uint32_t>> dropped;
  std::set<std::uint32_t> corrupted;
};

// Packet n is sent at n ms.
CauseLog send_each_ms(const LinkConditions& conditions, std::uint32_t count) {
  Link link{conditions, Random{1}};
  CauseLog log;
  for (std::uint32_t number = 0; number < count; ++number) {
    const Instant now = instant_from_ns(number * kMs);
    advance_until(link, now, log);
    link.enqueue(numbered_packet(number), now);
  }
  advance_until(link, kEver, log);
  return log;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(link_schedule)

BOOST_AUTO_TEST_CASE(an_outage_drops_exactly_the_packets_inside) {
  const CauseLog log =
      send_each_ms(with_events({{.kind = Kind::outage, .at = 100ms, .length = 50ms, .every = 300ms}},
                               {.delay = ConstantDelay{20ms}}),
                   1'000);
  std::set<std::uint32_t> inside;
  for (std::uint32_t number = 0; number < 1'000; ++number)
    if (number >= 100 && (number - 100) % 300 < 50) inside.insert(number);
  BOOST_TEST(log.dropped.at(DropCause::outage) == inside, boost::test_tools::per_element());
  BOOST_TEST(log.arrived.size() == 1'000u - inside.size());
}

BOOST_AUTO_TEST_CASE(a_held_packet_comes_out_with_all_the_others_in_order) {
  const CauseLog log = send_each_ms(
      with_events({{.kind = Kind::hold, .at = 100ms, .length = 50ms}}, {.delay = ConstantDelay{20ms}}), 200);
  for (const auto& [number, at_ns] : log.arrived) {
    const std::int64_t due_ms = number + 20;
    BOOST_REQUIRE(at_ns == (due_ms >= 100 && due_ms < 150 ? 150 : due_ms) * kMs);
  }
}

BOOST_AUTO_TEST_CASE(a_handover_to_a_shorter_delay_lets_packets_overtake_only_if_they_may) {
  const std::vector<LinkEvent> step{{.kind = Kind::change, .at = 100ms, .delay = 10ms}};
  LinkConditions link = with_events(step, {.delay = ConstantDelay{60ms}});
  const CauseLog fifo = send_each_ms(link, 300);
  BOOST_TEST(fifo.arrived.at(99) == 159 * kMs);
  BOOST_TEST(fifo.arrived.at(100) == 159 * kMs);  // waits for the one before it
  BOOST_TEST(fifo.arrived.at(200) == 210 * kMs);
  link.jitter_may_reorder = true;
  BOOST_TEST(send_each_ms(link, 300).arrived.at(100) == 110 * kMs);
}

BOOST_AUTO_TEST_CASE(a_change_of_the_loss_begins_and_ends_with_its_event) {
  const CauseLog log = send_each_ms(
      with_events({{.kind = Kind::change, .at = 2s, .length = 3s, .loss_ppm = 500'000}}), 10'000);
  const auto& lost = log.dropped.at(DropCause::loss);
  BOOST_TEST(*lost.begin() >= 2'000u);
  BOOST_TEST(*lost.rbegin() < 5'000u);
  BOOST_CHECK_SMALL(static_cast<double>(lost.size()) - 1'500, 5 * 27.4);
}

BOOST_AUTO_TEST_CASE(loss_rises_with_the_delay_in_a_straight_line) {
  // A delay of exactly `ms`: (ms - 50) / 100 of the way to 40 %.
  const auto lost_at = [](std::int64_t ms) {
    const LinkConditions link{.delay = ConstantDelay{Duration{ms * kMs}},
                              .loss_by_delay = LossByDelay{50ms, 150ms, 400'000}};
    const CauseLog log = send_each_ms(link, 20'000);
    return log.dropped.contains(DropCause::loss) ? static_cast<double>(log.dropped.at(DropCause::loss).size())
                                                 : 0.0;
  };
  BOOST_TEST(lost_at(20) == 0);
  BOOST_TEST(lost_at(50) == 0);
  BOOST_CHECK_SMALL(lost_at(75) - 2'000, 5 * 42.5);
  BOOST_CHECK_SMALL(lost_at(100) - 4'000, 5 * 56.6);
  BOOST_CHECK_SMALL(lost_at(150) - 8'000, 5 * 69.3);
  BOOST_CHECK_SMALL(lost_at(900) - 8'000, 5 * 69.3);
}

BOOST_AUTO_TEST_CASE(waiting_in_the_queue_counts_as_delay) {
  // 100 B at 800 kbit/s take 1 ms, and one is sent each ms: only a burst waits.
  Link link{{.loss_by_delay = LossByDelay{5ms, 6ms, 1'000'000},
             .rate_bits_per_second = 800'000,
             .queue_bytes_max = 64'000},
            Random{1}};
  CauseLog log;
  for (std::uint32_t number = 0; number < 20; ++number) link.enqueue(numbered_packet(number), Instant{});
  advance_until(link, kEver, log);
  BOOST_TEST(log.arrived.size() == 5u);
  BOOST_TEST(log.dropped.at(DropCause::loss).size() == 15u);
}

BOOST_AUTO_TEST_CASE(corruption_comes_in_its_share_and_flips_bits) {
  const CauseLog log = send_each_ms({.corrupt_ppm = 50'000}, 100'000);
  BOOST_CHECK_SMALL(static_cast<double>(log.corrupted.size()) - 5'000, 5 * 68.9);
  BOOST_TEST(log.arrived.size() == 100'000u - log.corrupted.size());
  BOOST_TEST(log.dropped.empty());

  for (std::uint64_t bits = 0; bits < 1'000; ++bits) {
    std::vector<std::uint8_t> bytes(40, 0);
    flip_bits(bytes, Random{bits}.bits());
    int flipped = 0;
    for (const std::uint8_t byte : bytes) flipped += std::popcount(byte);
    BOOST_REQUIRE(flipped >= 0);
    BOOST_REQUIRE(flipped <= 4);
  }
  flip_bits({}, 1);
}

BOOST_AUTO_TEST_CASE(codel_drops_from_a_standing_queue_and_says_so) {
  const LinkConditions link{
      .rate_bits_per_second = 800'000, .queue_bytes_max = 1'000'000, .codel = CoDelConditions{}};
  Link crowded{link, Random{1}};
  CauseLog log;
  for (std::uint32_t number = 0; number < 10'000; ++number) {
    const Instant now = instant_from_ns(number * 900'000);  // a ninth too fast
    advance_until(crowded, now, log);
    crowded.enqueue(numbered_packet(number), now);
  }
  advance_until(crowded, kEver, log);
  BOOST_TEST(log.dropped.at(DropCause::codel).size() > 50u);
  BOOST_TEST(!log.dropped.contains(DropCause::queue_full));
  BOOST_TEST(log.arrived.size() + log.dropped.at(DropCause::codel).size() == 10'000u);
}

BOOST_AUTO_TEST_CASE(a_stream_gets_through_an_outage_by_sending_again) {
  StreamModel stream{
      with_events({{.kind = Kind::outage, .at = 100ms, .length = 350ms}}, {.delay = ConstantDelay{50ms}}),
      {.retransmit_after = 100ms},
      Random{1}};
  StreamLog log;
  const OutgoingMessage write{nullptr, payload_of(std::vector<std::uint8_t>(100))};
  stream.enqueue(write, Instant{50ms});
  stream.enqueue(write, Instant{150ms});
  advance_until(stream, kEver, log);
  BOOST_TEST(log.handovers.at(0).at_ns == 100 * kMs);
  BOOST_TEST(log.handovers.at(1).at_ns == 500 * kMs);  // sent again at 250, 350 and 450 ms
  BOOST_TEST(log.drops.size() == 3u);
  BOOST_CHECK(log.drops.at(0).cause == DropCause::outage);
}

BOOST_AUTO_TEST_CASE(a_corrupted_segment_is_dropped_and_sent_again) {
  StreamModel stream{
      {.delay = ConstantDelay{50ms}, .corrupt_ppm = 300'000}, {.retransmit_after = 100ms}, Random{1}};
  StreamLog log;
  const OutgoingMessage write{nullptr, payload_of(std::vector<std::uint8_t>(100))};
  for (int i = 0; i < 1'000; ++i) stream.enqueue(write, instant_from_ns(i * kMs));
  advance_until(stream, kEver, log);
  BOOST_TEST(log.bytes.size() == 100'000u);
  BOOST_TEST(log.drops.size() > 300u);
  for (const StreamLog::Drop& drop : log.drops) BOOST_REQUIRE((drop.cause == DropCause::corrupted));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
