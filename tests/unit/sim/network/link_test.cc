#include "netrig/sim/network/link.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>

#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/unit/sim/network/network_testing.h"

namespace netrig::testing {
namespace {

constexpr std::int64_t kMs = 1'000'000;

// `count` packets, one each `spacing`, and what became of them.
LinkLog send_packets(const LinkConditions& conditions, std::uint32_t count, Duration spacing = 1ms,
                     std::uint64_t seed = 1) {
  Link link{conditions, Random{seed}};
  LinkLog log;
  Instant now{};
  for (std::uint32_t number = 0; number < count; ++number, now += spacing) {
    advance_until(link, now, log);
    link.enqueue(numbered_packet(number), now);
  }
  advance_until(link, kEver, log);
  BOOST_REQUIRE(link.in_flight() == 0u);
  return log;
}

std::map<std::uint32_t, std::int64_t> arrivals_by_number(const LinkLog& log) {
  std::map<std::uint32_t, std::int64_t> arrivals;
  for (const Arrival& arrival : log.delivered) arrivals.emplace(arrival.number, arrival.at_ns);
  return arrivals;
}

bool in_order(const LinkLog& log) {
  return std::is_sorted(log.delivered.begin(), log.delivered.end(),
                        [](const Arrival& a, const Arrival& b) { return a.number < b.number; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(link)

BOOST_AUTO_TEST_CASE(a_packet_arrives_after_the_delay_with_its_payload_shared) {
  struct Sink final : LinkSink {
    void on_delivered(const Packet& packet, Instant sent, Instant now) override {
      body = packet.message.body.get();
      sent_at = sent;
      arrived_at = now;
    }
    const Payload* body = nullptr;
    Instant sent_at, arrived_at;
  } sink;
  Link link{{.delay = ConstantDelay{70ms}}, Random{1}};
  const Packet packet = numbered_packet(1);
  BOOST_CHECK(!link.next_deadline());
  BOOST_CHECK(link.enqueue(packet, Instant{5ms}) == EnqueueResult::accepted);
  BOOST_CHECK(link.next_deadline() == Instant{75ms});
  link.advance(Instant{75ms} - 1ns, sink);
  BOOST_TEST(sink.body == nullptr);
  link.advance(Instant{75ms}, sink);
  BOOST_TEST(sink.body == packet.message.body.get());
  BOOST_CHECK(sink.sent_at == Instant{5ms});
  BOOST_CHECK(sink.arrived_at == Instant{75ms});
  BOOST_TEST(packet.message.body.use_count() == 1);  // let go once delivered
}

BOOST_AUTO_TEST_CASE(without_delay_a_packet_arrives_at_the_instant_it_was_sent) {
  Link link{{}, Random{1}};
  link.enqueue(numbered_packet(1), Instant{1s});
  BOOST_CHECK(link.next_deadline() == Instant{1s});
}

BOOST_AUTO_TEST_CASE(one_megabyte_over_8_megabits_takes_one_second_plus_propagation) {
  Link link{{.delay = ConstantDelay{250ms}, .rate_bits_per_second = 8'000'000, .queue_bytes_max = 1'000'000},
            Random{1}};
  LinkLog log;
  for (std::uint32_t number = 0; number < 1'000; ++number)
    BOOST_REQUIRE(link.enqueue(numbered_packet(number, 1'000), Instant{}) == EnqueueResult::accepted);
  BOOST_TEST(link.backlog_bytes(Instant{}) == 1'000'000u);
  BOOST_TEST(link.backlog_bytes(Instant{750ms}) == 250'000u);
  advance_until(link, kEver, log);
  BOOST_REQUIRE(log.delivered.size() == 1'000u);
  BOOST_TEST(log.delivered.front().at_ns == 251 * kMs);
  BOOST_TEST(log.delivered.back().at_ns == 1'250 * kMs);
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_exactly_what_exceeds_its_bytes) {
  Link link{{.rate_bits_per_second = 8'000'000, .queue_bytes_max = 2'500}, Random{1}};
  LinkLog log;
  std::uint32_t refused = 0;
  for (std::uint32_t number = 0; number < 5; ++number)
    if (link.enqueue(numbered_packet(number, 1'000), Instant{}) == EnqueueResult::queue_full) ++refused;
  BOOST_TEST(refused == 3u);
  // 500 B are free now and 500 B more after as many microseconds.
  BOOST_CHECK(link.enqueue(numbered_packet(5, 1'000), Instant{499us}) == EnqueueResult::queue_full);
  BOOST_CHECK(link.enqueue(numbered_packet(6, 1'000), Instant{500us}) == EnqueueResult::accepted);
  advance_until(link, kEver, log);
  BOOST_REQUIRE(log.delivered.size() == 3u);
  BOOST_TEST(log.delivered[2].number == 6u);
  BOOST_TEST(log.delivered[2].at_ns == 3 * kMs);
}

BOOST_AUTO_TEST_CASE(no_loss_never_drops_and_full_loss_always_does) {
  const LinkLog none = send_packets({.delay = ConstantDelay{5ms}, .loss_ppm = 0}, 100'000);
  BOOST_TEST(none.delivered.size() == 100'000u);
  BOOST_TEST(none.lost.empty());
  const LinkLog all = send_packets({.delay = ConstantDelay{5ms}, .loss_ppm = 1'000'000}, 100'000);
  BOOST_TEST(all.delivered.empty());
  BOOST_TEST(all.lost.size() == 100'000u);
}

BOOST_AUTO_TEST_CASE(loss_lies_within_its_binomial_bounds) {
  struct Case {
    std::uint32_t ppm;
    double expected, deviation;  // of 200,000 packets: n p, sqrt(n p (1 - p))
  };
  for (const Case c : {Case{1'000, 200, 14.1}, Case{10'000, 2'000, 44.5}, Case{300'000, 60'000, 204.9}}) {
    const LinkLog log = send_packets({.loss_ppm = c.ppm}, 200'000);
    BOOST_CHECK_SMALL(static_cast<double>(log.lost.size()) - c.expected, 5 * c.deviation);
    BOOST_TEST(log.lost.size() + log.delivered.size() == 200'000u);
  }
}

BOOST_AUTO_TEST_CASE(a_lost_packet_is_reported_when_it_would_have_arrived) {
  Link link{{.delay = ConstantDelay{30ms}, .loss_ppm = 1'000'000}, Random{1}};
  LinkLog log;
  link.enqueue(numbered_packet(4), Instant{});
  link.advance(Instant{29ms}, log);
  BOOST_TEST(log.lost.empty());
  link.advance(Instant{30ms}, log);
  BOOST_TEST(log.lost == std::vector<std::uint32_t>{4}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_change_of_the_loss_leaves_the_arrival_of_every_survivor) {
  for (const bool may_reorder : {false, true}) {
    LinkConditions conditions{.delay = NormalDelay{100ms, 30ms},
                              .jitter = 20ms,
                              .jitter_may_reorder = may_reorder,
                              .reorder_ppm = 20'000,
                              .reorder_delay = 40ms};
    const auto without = arrivals_by_number(send_packets(conditions, 5'000));
    conditions.loss_ppm = 200'000;
    const auto with = arrivals_by_number(send_packets(conditions, 5'000));
    BOOST_TEST(with.size() < 4'200u);
    for (const auto& [number, at_ns] : with) BOOST_REQUIRE(without.at(number) == at_ns);
  }
}

BOOST_AUTO_TEST_CASE(a_change_of_the_duplicates_leaves_the_originals_alone) {
  LinkConditions conditions{
      .delay = UniformDelay{10ms, 60ms}, .jitter_may_reorder = true, .loss_ppm = 50'000};
  const LinkLog without = send_packets(conditions, 5'000);
  conditions.duplicate_ppm = 100'000;
  LinkLog with = send_packets(conditions, 5'000);
  BOOST_CHECK(with.lost == without.lost);
  std::map<std::uint32_t, std::vector<std::int64_t>> arrivals;
  for (const Arrival& arrival : with.delivered) arrivals[arrival.number].push_back(arrival.at_ns);
  for (const Arrival& arrival : without.delivered) {
    const auto& both = arrivals.at(arrival.number);
    BOOST_REQUIRE(std::find(both.begin(), both.end(), arrival.at_ns) != both.end());
  }
}

BOOST_AUTO_TEST_CASE(duplicates_come_in_their_share_and_each_is_told) {
  const LinkLog log = send_packets({.delay = ConstantDelay{5ms}, .duplicate_ppm = 50'000}, 100'000);
  BOOST_CHECK_SMALL(static_cast<double>(log.duplicated.size()) - 5'000, 5 * 68.9);
  BOOST_TEST(log.delivered.size() == 100'000u + log.duplicated.size());
  BOOST_TEST(in_order(log));  // the copy follows its original at once when nothing may overtake
  BOOST_TEST(log.reordered.empty());

  const LinkLog always = send_packets({.duplicate_ppm = 1'000'000}, 10);
  BOOST_TEST(always.delivered.size() == 20u);
  const LinkLog lost = send_packets({.loss_ppm = 1'000'000, .duplicate_ppm = 1'000'000}, 10);
  BOOST_TEST(lost.delivered.empty());
}

BOOST_AUTO_TEST_CASE(a_copy_that_may_overtake_has_a_delay_of_its_own) {
  const LinkLog log = send_packets(
      {.delay = UniformDelay{10ms, 60ms}, .jitter_may_reorder = true, .duplicate_ppm = 1'000'000}, 1'000, 1s);
  std::size_t apart = 0;
  for (std::size_t i = 0; i + 1 < log.delivered.size(); i += 2) {
    BOOST_REQUIRE(log.delivered[i].number == log.delivered[i + 1].number);
    if (log.delivered[i].at_ns != log.delivered[i + 1].at_ns) ++apart;
  }
  BOOST_TEST(apart > 990u);
  BOOST_TEST(log.reordered.empty());  // the original after its copy is not a reordered packet
}

BOOST_AUTO_TEST_CASE(jitter_reorders_only_when_it_may) {
  LinkConditions conditions{.delay = ConstantDelay{100ms}, .jitter = 50ms};
  const LinkLog fifo = send_packets(conditions, 10'000);
  BOOST_TEST(in_order(fifo));
  BOOST_TEST(fifo.reordered.empty());
  for (const Arrival& arrival : fifo.delivered) {
    BOOST_REQUIRE(arrival.at_ns - arrival.sent_ns >= 50 * kMs);
    BOOST_REQUIRE(arrival.at_ns - arrival.sent_ns <= 150 * kMs);
  }

  conditions.jitter_may_reorder = true;
  const LinkLog free = send_packets(conditions, 10'000);
  BOOST_TEST(!in_order(free));
  // What RFC 4737 calls reordered: a later packet has arrived before.
  std::vector<std::uint32_t> overtaken;
  std::uint32_t newest = 0;
  for (const Arrival& arrival : free.delivered) {
    if (arrival.number < newest) overtaken.push_back(arrival.number);
    newest = std::max(newest, arrival.number);
  }
  BOOST_TEST(free.reordered == overtaken, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(reordering_holds_its_share_back_by_its_delay_and_nobody_else) {
  const LinkLog log =
      send_packets({.delay = ConstantDelay{20ms}, .reorder_ppm = 100'000, .reorder_delay = 5'500us}, 50'000);
  std::size_t held_back = 0;
  for (const Arrival& arrival : log.delivered) {
    const std::int64_t travelled = arrival.at_ns - arrival.sent_ns;
    BOOST_REQUIRE((travelled == 20 * kMs || travelled == 25'500'000));
    if (travelled > 20 * kMs) ++held_back;
  }
  BOOST_CHECK_SMALL(static_cast<double>(held_back) - 5'000, 5 * 67.1);
  // One that is held back is overtaken by each of the next five that is not.
  BOOST_TEST(log.reordered.size() <= held_back);
  BOOST_TEST(log.reordered.size() + 5 > held_back);
}

BOOST_AUTO_TEST_CASE(packets_of_one_instant_arrive_in_the_order_they_were_sent) {
  Link link{{.delay = ConstantDelay{1ms}, .jitter_may_reorder = true}, Random{1}};
  LinkLog log;
  for (std::uint32_t number = 0; number < 100; ++number) link.enqueue(numbered_packet(number), Instant{});
  BOOST_TEST(advance_until(link, kEver, log) == 1u);  // one wake-up for all of them
  BOOST_TEST(log.delivered.size() == 100u);
  BOOST_TEST(in_order(log));
}

BOOST_AUTO_TEST_CASE(the_sink_may_send_on_the_same_link) {
  struct Echo final : LinkSink {
    explicit Echo(Link& echoed) : link(echoed) {}
    void on_delivered(const Packet& packet, Instant, Instant now) override {
      for (int copies = 0; copies < 3 && sent < 3'000; ++copies, ++sent) link.enqueue(packet, now);
      ++delivered;
    }
    Link& link;
    int sent = 0, delivered = 0;
  };
  Link link{{.delay = ConstantDelay{1ms}}, Random{1}};
  Echo echo{link};
  link.enqueue(numbered_packet(0), Instant{});
  advance_until(link, kEver, echo);
  BOOST_TEST(echo.delivered == 3'001);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_deliveries_and_another_one_others) {
  const LinkConditions conditions{.delay = NormalDelay{80ms, 25ms},
                                  .jitter = 10ms,
                                  .jitter_may_reorder = true,
                                  .loss_ppm = 20'000,
                                  .duplicate_ppm = 10'000,
                                  .reorder_ppm = 10'000,
                                  .reorder_delay = 15ms,
                                  .rate_bits_per_second = 2'000'000,
                                  .queue_bytes_max = 10'000};
  const LinkLog first = send_packets(conditions, 5'000, 1ms, 9);
  const LinkLog again = send_packets(conditions, 5'000, 1ms, 9);
  const LinkLog other = send_packets(conditions, 5'000, 1ms, 10);
  BOOST_CHECK(first.delivered == again.delivered);
  BOOST_CHECK(first.lost == again.lost);
  BOOST_CHECK(first.delivered != other.delivered);
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated_after_warm_up) {
  struct Sink final : LinkSink {
    void on_delivered(const Packet&, Instant, Instant) override { ++delivered; }
    int delivered = 0;
  } sink;
  Link link{{.delay = ConstantDelay{100ms}, .jitter = 50ms, .jitter_may_reorder = true, .loss_ppm = 10'000},
            Random{1}};
  const Packet packet = numbered_packet(1);
  Instant now{};
  const auto run_for = [&](int packets) {
    for (int i = 0; i < packets; ++i, now += 1ms) {
      link.enqueue(packet, now);
      advance_until(link, now, sink);
    }
  };
  run_for(1'000);
  const std::uint64_t warm = allocations();
  run_for(10'000);
  const std::uint64_t done = allocations();
  BOOST_TEST(done - warm == 0u);
  BOOST_TEST(sink.delivered > 10'000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
