#include "netrig/core/protocol/sent_packets.h"

#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "netrig/core/base/random.h"
#include "netrig/tests/support/seed.h"

using namespace netrig;

namespace {

const Windows kWindows = derive_windows({.rtt_max = 10s, .jitter_max = 1s, .tick_rate_hz = 20});
constexpr Duration kTick = 50ms;

Instant at(Duration since_start) {
  return Instant{} + since_start;
}

struct Packets final : private SentPacketObserver {
  explicit Packets(std::uint64_t first = 0, std::optional<Duration> rtt = {},
                   const Windows& windows = kWindows)
      : packets(windows, first, rtt, *this) {}

  std::uint64_t send(Instant now, bool wants_ack = true) {
    const std::uint64_t sequence = packets.next_sequence();
    const SentItem item{SentItem::Kind::mark, static_cast<std::uint32_t>(sequence)};
    packets.add({&item, 1}, 100, 0, wants_ack, now);
    return sequence;
  }
  // Acks [first, last] of 64-bit sequences, newest range first.
  bool ack(std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges, Instant now, Duration held = 0ns) {
    Ack ack;
    const std::uint64_t largest = ranges.front().second;
    ack.largest = static_cast<std::uint32_t>(largest);
    ack.delay_us = static_cast<std::uint32_t>(held / 1us);
    for (const auto& [first, last] : ranges)
      ack.ranges[ack.count++] = {static_cast<std::uint32_t>(largest - last),
                                 static_cast<std::uint32_t>(largest - first)};
    return packets.on_ack(ack, now);
  }

  SentPackets packets;
  std::vector<std::uint64_t> acked;  // as told
  std::vector<std::uint64_t> lost;
  std::vector<LossCause> causes;

 private:
  void on_packet_acked(std::uint64_t sequence, const SentPacket& packet, Instant) override {
    BOOST_REQUIRE(packets.item(packet.items_first).value == static_cast<std::uint32_t>(sequence));
    acked.push_back(sequence);
  }
  void on_packet_lost(std::uint64_t sequence, const SentPacket& packet, LossCause cause, Instant) override {
    BOOST_REQUIRE(packets.item(packet.items_first).value == static_cast<std::uint32_t>(sequence));
    lost.push_back(sequence);
    causes.push_back(cause);
  }
};

using Sequences = std::vector<std::uint64_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(sent_packets)

BOOST_AUTO_TEST_CASE(the_round_trip_is_measured_without_the_time_the_ack_waited) {
  Packets sender;
  sender.send(at(0ms));                               // packet 0
  BOOST_TEST(sender.ack({{0, 0}}, at(130ms), 30ms));  // arrived, waited 30 ms for a tick, came back
  BOOST_TEST((sender.packets.rtt().smoothed() == 100ms));
  sender.send(at(200ms));
  sender.ack({{0, 1}}, at(380ms));
  BOOST_TEST((sender.packets.rtt().latest() == 180ms));
  BOOST_TEST((sender.packets.rtt().smoothed() == 110ms));  // 7/8 x 100 + 1/8 x 180
  BOOST_TEST((sender.packets.rtt().least() == 100ms));
}

BOOST_AUTO_TEST_CASE(a_packet_is_lost_when_three_newer_ones_are_acked) {
  Packets sender;
  for (int i = 0; i < 5; ++i) sender.send(at(i * kTick));
  sender.ack({{1, 1}}, at(200ms));  // 0 is missing
  sender.ack({{1, 2}}, at(250ms));
  BOOST_TEST(sender.lost.empty());
  sender.ack({{1, 3}}, at(300ms));
  BOOST_TEST((sender.lost == Sequences{0}));
  BOOST_TEST((sender.causes.front() == LossCause::gap));
  BOOST_TEST(sender.packets.facts().lost == 1u);
}

BOOST_AUTO_TEST_CASE(a_late_ack_corrects_the_loss_and_teaches_patience) {
  Packets sender;
  for (int i = 0; i < 12; ++i) sender.send(at(i * kTick));
  sender.ack({{1, 3}}, at(400ms));  // 0 is thought lost
  sender.ack({{0, 4}}, at(450ms));  // but comes
  BOOST_TEST(sender.packets.facts().lost == 0u);
  BOOST_TEST(sender.packets.facts().late_acks == 1u);
  BOOST_TEST((sender.packets.reorder_window() > 150ms));
  sender.ack({{6, 8}, {0, 4}}, at(600ms));  // 5 is missing behind three; earlier ones came as late
  BOOST_TEST((sender.lost == Sequences{0}));
  sender.ack({{6, 11}, {0, 4}}, at(700ms));  // but no later than that
  BOOST_TEST((sender.lost == Sequences{0, 5}));
}

BOOST_AUTO_TEST_CASE(silence_loses_the_packets_of_a_round_trip_and_waits_longer_each_time) {
  Packets sender;
  sender.send(at(0ms));
  sender.ack({{0, 0}}, at(100ms));  // smoothed 100 ms, deviation 50 ms
  const Duration timeout = 100ms + 7 * kTick + kTick;
  sender.send(at(200ms));
  BOOST_TEST((sender.packets.timeout_at().value() == at(200ms + timeout)));
  sender.packets.advance(at(200ms + timeout - 1ns));
  BOOST_TEST(sender.lost.empty());
  sender.packets.advance(at(200ms + timeout));
  BOOST_TEST((sender.lost == Sequences{1}));
  BOOST_TEST((sender.causes.front() == LossCause::timeout));
  sender.send(at(1s));
  BOOST_TEST((sender.packets.timeout_at().value() == at(1s + 2 * timeout)));
  sender.ack({{1, 2}}, at(1100ms));  // both came after all
  BOOST_TEST(sender.packets.facts().lost == 0u);
  BOOST_TEST((sender.packets.timeout() < 2 * timeout));
}

BOOST_AUTO_TEST_CASE(a_first_packet_over_ten_seconds_is_waited_for_and_measured) {
  Packets sender;
  sender.send(at(0ms));
  for (const Duration second : {1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s, 9s}) sender.packets.advance(at(second));
  BOOST_TEST(sender.packets.facts().lost == 1u);  // thought lost after a second
  BOOST_TEST(sender.ack({{0, 0}}, at(10s)));
  BOOST_TEST(sender.packets.facts().lost == 0u);
  BOOST_TEST((sender.packets.rtt().smoothed() == 10s));
}

BOOST_AUTO_TEST_CASE(the_round_trip_of_the_handshake_serves_until_acks_come) {
  Packets sender{0, 8s};
  sender.send(at(0ms));
  sender.packets.advance(at(8s));
  BOOST_TEST(sender.packets.facts().lost == 0u);
}

BOOST_AUTO_TEST_CASE(acks_alone_are_judged_by_gaps_only) {
  Packets sender;
  sender.send(at(0ms), false);
  sender.packets.advance(at(60s));
  BOOST_TEST(sender.lost.empty());
  BOOST_TEST(!sender.packets.timeout_at().has_value());
  for (int i = 0; i < 3; ++i) sender.send(at(60s));
  sender.ack({{1, 3}}, at(61s));
  BOOST_TEST((sender.lost == Sequences{0}));
}

BOOST_AUTO_TEST_CASE(acking_what_was_never_sent_is_a_lie) {
  Packets sender{10};
  BOOST_TEST(!sender.ack({{0, 0}}, at(0ms)));  // nothing was sent yet
  sender.send(at(0ms));                        // packet 10
  BOOST_TEST(!sender.ack({{11, 11}}, at(1ms)));
  BOOST_TEST(!sender.ack({{9, 10}}, at(1ms)));          // 9 was not
  BOOST_TEST(!sender.ack({{10, 10}}, at(10ms), 20ms));  // held for longer than it was away
  BOOST_TEST(sender.packets.facts().acked == 0u);
  BOOST_TEST(sender.ack({{10, 10}}, at(10ms), 10ms));
}

BOOST_AUTO_TEST_CASE(acks_of_packets_acked_long_ago_are_ignored) {
  Packets sender;
  for (int i = 0; i < 8; ++i) sender.send(at(i * kTick));
  sender.ack({{0, 7}}, at(1s));
  BOOST_TEST(sender.packets.remembered() == 0u);
  BOOST_TEST(sender.ack({{0, 3}}, at(2s)));
  BOOST_TEST(sender.acked.size() == 8u);
  BOOST_TEST(sender.packets.rtt().samples() == 1u);
}

BOOST_AUTO_TEST_CASE(what_the_sink_refuses_is_told_at_once_and_no_loss_of_the_network) {
  Packets sender;
  sender.send(at(0ms));
  sender.send(at(0ms));
  sender.packets.drop(1, at(0ms));
  BOOST_TEST((sender.lost == Sequences{1}));
  BOOST_TEST((sender.causes.front() == LossCause::refused));
  BOOST_TEST(sender.packets.facts().lost == 0u);
  BOOST_TEST(sender.packets.facts().refused == 1u);
  BOOST_TEST(sender.ack({{0, 0}}, at(100ms)));
}

BOOST_AUTO_TEST_CASE(sequences_run_past_2_to_the_32) {
  const std::uint64_t start = (std::uint64_t{1} << 32) - 2;
  Packets sender{start};
  for (int i = 0; i < 5; ++i) sender.send(at(i * kTick));
  BOOST_TEST(sender.ack({{start + 1, start + 4}}, at(1s)));
  BOOST_TEST((sender.lost == Sequences{start}));
  BOOST_TEST(sender.packets.facts().acked == 4u);
}

BOOST_AUTO_TEST_CASE(a_full_window_forgets_the_oldest_and_says_so) {
  Windows windows = kWindows;
  windows.packets_kept_max = 256;
  Packets sender{0, {}, windows};
  for (int i = 0; i < 300; ++i) sender.send(at(1ms * i));
  BOOST_TEST(sender.packets.remembered() == 256u);
  BOOST_TEST(sender.packets.facts().forgotten == 44u);
  BOOST_TEST(sender.lost.size() == 44u);
}

// The most that an ack can ask for: 64 ranges, anywhere among 20,000 packets, again and again. Each makes
// no more work than its ranges, beside what each packet costs once.
BOOST_AUTO_TEST_CASE(no_list_of_ranges_makes_more_work_than_it_has_ranges) {
  constexpr std::uint64_t kPackets = 20'000;
  constexpr std::uint64_t kAcks = 20'000;
  Random random = Random{testing::test_seed()}.fork("ack lists", 0);
  Windows windows = kWindows;
  windows.packets_kept_max = 2 * kPackets;
  for (const std::uint64_t gap : {2u, 3u, 40u, 300u}) {  // from list to list the same, or anywhere
    for (const bool moves : {false, true}) {
      Packets sender{0, 10s, windows};
      for (std::uint64_t i = 0; i < kPackets; ++i) sender.send(at(0ms));
      for (std::uint64_t list = 0; list < kAcks; ++list) {
        std::uint64_t largest = kPackets - 1 - (moves ? random.below(kPackets - 64 * gap) : 0);
        std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
        for (; ranges.size() < kAckRangesMax; largest -= gap)
          ranges.emplace_back(largest - (moves ? random.below(gap - 1) : 0), largest);
        BOOST_REQUIRE(sender.ack(ranges, at(1ms)));
      }
      BOOST_TEST(sender.packets.facts().looked_at <= 2 * kAckRangesMax * kAcks + 2 * kPackets);
    }
  }
}

BOOST_AUTO_TEST_CASE(jitter_that_reorders_makes_no_storm_of_losses) {
  Random random = Random{testing::test_seed()}.fork("jitter", 0);
  Packets sender;
  std::multimap<Instant, std::uint64_t> arrivals;  // at the other side
  std::set<std::uint64_t> came;
  for (int tick = 0; tick < 4'000; ++tick) {  // every 10 ms; each packet takes 0.1 to 0.5 s
    const Instant now = at(10ms * tick);
    while (!arrivals.empty() && arrivals.begin()->first <= now) {
      came.insert(arrivals.begin()->second);
      arrivals.erase(arrivals.begin());
    }
    if (!came.empty()) {
      std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
      for (auto newest = came.rbegin(); newest != came.rend() && ranges.size() < kAckRangesMax; ++newest) {
        if (!ranges.empty() && ranges.back().first == *newest + 1) {
          ranges.back().first = *newest;
        } else {
          ranges.emplace_back(*newest, *newest);
        }
      }
      sender.ack(ranges, now);
    }
    const std::uint64_t sequence = sender.send(now);
    arrivals.emplace(now + Duration{random.between(100'000'000, 500'000'000)}, sequence);
  }
  const LossFacts& facts = sender.packets.facts();
  BOOST_TEST(facts.lost_by_gap + facts.lost_by_timeout < 40u);  // 1 % of packets; not one was lost
  BOOST_TEST(facts.lost < 5u);
}

BOOST_AUTO_TEST_SUITE_END()
