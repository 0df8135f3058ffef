#include "netrig/core/protocol/peer.h"

#include <boost/test/unit_test.hpp>

using namespace netrig;

namespace {

const Windows kWindows = derive_windows({.rtt_max = 10s, .jitter_max = 1s, .tick_rate_hz = 20});

// Two peers joined by hand: what one writes the other reads when the test says so.
struct Pair {
  Peer a{kWindows, Instant{}};
  Peer b{kWindows, Instant{}};
  std::vector<std::string> heard;  // by b
  bool honest = true;              // what b made of acks and pongs
  bool a_honest = true;

  static std::vector<std::uint8_t> write(Peer& from, Instant now) {
    std::vector<std::uint8_t> frames;
    PacketBreakdown breakdown;
    FrameWriter writer{frames, breakdown};
    from.write_due(writer, now);
    writer.finish();
    return frames;
  }
  static void read(Peer& to, Bytes frames, Instant now, std::vector<std::string>* into, bool& ok) {
    const bool in_step = to.read(frames, now, [&](Bytes packet) {
      const PacketView view = *decode_packet(packet, Sender::client);
      if (view.reliable_ack) ok = ok && to.on_reliable_ack(*view.reliable_ack);
      for (Bytes rest = view.messages; !rest.empty();) {
        const RawMessage message = take_message(rest);
        if (message.type == MessageType::ping) to.on_ping(*decode_ping(message.body), now);
        if (message.type == MessageType::pong)
          ok = to.on_pong(*decode_pong(message.body), now) != PongFate::false_answer && ok;
        if (message.type == MessageType::app_reliable) {
          to.on_reliable_message();
          if (into != nullptr) into->emplace_back(text_of(decode_app_reliable(message.body)->bytes));
        }
        if (message.type == MessageType::app_latest) {
          const LatestMessage latest = *decode_app_latest(message.body);
          if (to.is_latest(latest) && into != nullptr) into->emplace_back(text_of(latest.bytes));
        }
      }
      return true;
    });
    BOOST_TEST(in_step);
  }
  void a_to_b(Instant now) { read(b, write(a, now), now, &heard, honest); }
  void b_to_a(Instant now) { read(a, write(b, now), now, nullptr, a_honest); }
};

SendStatus say(Peer& peer, std::string_view word) {
  return peer.send_reliable(AppMessage{1, bytes_of(word)});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(peer)

BOOST_AUTO_TEST_CASE(reliable_messages_arrive_in_order_and_are_acked) {
  Pair pair;
  say(pair.a, "one");
  say(pair.a, "two");
  pair.a_to_b(Instant{});
  say(pair.a, "three");
  pair.a_to_b(Instant{});
  BOOST_TEST((pair.heard == std::vector<std::string>{"one", "two", "three"}));
  BOOST_TEST(pair.a.reliable_unacked() == 3u);
  pair.b_to_a(Instant{});
  BOOST_TEST(pair.a.reliable_unacked() == 0u);
}

BOOST_AUTO_TEST_CASE(only_the_newest_of_a_key_is_sent_and_an_older_one_is_not_heard) {
  Pair pair;
  pair.a.send_latest(7, bytes_of("old"));
  pair.a.send_latest(7, bytes_of("new"));
  pair.a.send_latest(8, bytes_of("other"));
  pair.a_to_b(Instant{});
  BOOST_TEST((pair.heard == std::vector<std::string>{"new", "other"}));
  BOOST_TEST(!pair.b.is_latest({7, 1, {}}));
  BOOST_TEST(!pair.b.is_latest({7, 2, {}}));
  BOOST_TEST(pair.b.is_latest({7, 3, {}}));
}

BOOST_AUTO_TEST_CASE(the_sequence_of_a_key_goes_on_across_its_wrap) {
  Peer peer{kWindows, Instant{}};
  BOOST_TEST(peer.is_latest({1, 0x7FFFFFFF, {}}));
  BOOST_TEST(peer.is_latest({1, 0xFFFFFFFE, {}}));
  BOOST_TEST(peer.is_latest({1, 3, {}}));
  BOOST_TEST(!peer.is_latest({1, 0xFFFFFFFF, {}}));
}

BOOST_AUTO_TEST_CASE(keys_beyond_the_bound_are_not_taken_on_either_side) {
  Peer peer{kWindows, Instant{}};
  for (std::uint16_t key = 0; key < kLatestKeysMax; ++key) {
    BOOST_TEST((peer.send_latest(key, {}) == SendStatus::accepted));
    BOOST_TEST(peer.is_latest({key, 1, {}}));
  }
  BOOST_TEST((peer.send_latest(1000, {}) == SendStatus::queue_full));
  BOOST_TEST(!peer.is_latest({1000, 1, {}}));
}

BOOST_AUTO_TEST_CASE(a_window_full_of_unacked_messages_is_an_answer) {
  Pair pair;
  std::uint32_t taken = 0;
  while (say(pair.a, "x") == SendStatus::accepted) ++taken;
  BOOST_TEST(taken == kWindows.reliable_in_flight_max);
  pair.a_to_b(Instant{});
  BOOST_TEST((say(pair.a, "x") == SendStatus::queue_full));  // sent is not acked
  pair.b_to_a(Instant{});
  BOOST_TEST((say(pair.a, "x") == SendStatus::accepted));
}

BOOST_AUTO_TEST_CASE(too_much_waiting_and_too_large_are_answers) {
  Peer peer{kWindows, Instant{}};
  const std::vector<std::uint8_t> large(kAppMessageBytesMax);
  int taken = 0;
  while (peer.send_reliable(AppMessage{1, large}) == SendStatus::accepted) ++taken;
  BOOST_TEST(taken == 8);  // 256 KiB
  const std::vector<std::uint8_t> larger(kAppMessageBytesMax + 1);
  BOOST_TEST((peer.send_reliable(AppMessage{1, larger}) == SendStatus::too_large));
  BOOST_TEST((peer.send_latest(1, larger) == SendStatus::too_large));
}

BOOST_AUTO_TEST_CASE(a_round_trip_is_measured_without_the_time_the_answer_was_held) {
  Pair pair;
  pair.a_to_b(Instant{} + 0ms);  // ping leaves and, in this test, arrives at once
  // b answers 50 ms later, at its next write; a hears it after another 150 ms
  const auto answer = Pair::write(pair.b, Instant{} + 50ms);
  Pair::read(pair.a, answer, Instant{} + 200ms, nullptr, pair.a_honest);
  BOOST_TEST((pair.a.rtt().latest() == 150ms));
  BOOST_TEST(pair.a_honest);
}

BOOST_AUTO_TEST_CASE(a_ping_is_due_once_a_second_and_keeps_silence_away) {
  Pair pair;
  BOOST_TEST(pair.a.has_due(Instant{}));
  pair.a_to_b(Instant{});
  BOOST_TEST(!pair.a.has_due(Instant{} + 999ms));
  BOOST_TEST(pair.a.has_due(Instant{} + 1s));
  BOOST_TEST(!pair.b.is_idle(Instant{} + kWindows.idle_timeout - 1ns));
  BOOST_TEST(pair.b.is_idle(Instant{} + kWindows.idle_timeout));
  pair.a_to_b(Instant{} + 1s);
  BOOST_TEST(!pair.b.is_idle(Instant{} + kWindows.idle_timeout));
}

BOOST_AUTO_TEST_CASE(acks_and_answers_to_what_was_never_sent_are_false) {
  Pair pair;
  BOOST_TEST(!pair.a.on_reliable_ack(1));
  say(pair.a, "one");
  pair.a_to_b(Instant{});
  BOOST_TEST(pair.a.on_reliable_ack(1));
  BOOST_TEST(!pair.a.on_reliable_ack(0));  // goes back
  BOOST_TEST((pair.a.on_pong({99, 0, 0}, Instant{} + 1s) == PongFate::false_answer));

  Peer other{kWindows, Instant{}};
  Pair::write(other, Instant{});
  BOOST_TEST((other.on_pong({1, 5'000'000, 0}, Instant{} + 1s) ==
              PongFate::false_answer));  // held longer than it was away
}

BOOST_AUTO_TEST_CASE(an_answer_that_comes_after_its_ping_was_given_up_is_ignored) {
  Peer peer{kWindows, Instant{}};
  for (std::uint32_t i = 0; i <= kWindows.pings_in_flight_max; ++i) Pair::write(peer, Instant{} + i * 1s);
  BOOST_TEST((peer.on_pong({1, 0, 0}, Instant{} + 30s) == PongFate::too_late));
  BOOST_TEST((peer.on_pong({2, 0, 0}, Instant{} + 30s) == PongFate::measured));
  BOOST_TEST((peer.rtt().latest() == 29s));
  BOOST_TEST((peer.on_pong({2, 0, 0}, Instant{} + 30s) == PongFate::too_late));  // answered before
}

BOOST_AUTO_TEST_CASE(a_flood_of_pings_is_answered_with_a_few_pongs) {
  Peer peer{kWindows, Instant{}};
  Pair::write(peer, Instant{});  // its own first ping
  for (std::uint32_t id = 0; id < 1000; ++id) peer.on_ping({id}, Instant{});
  BOOST_TEST(Pair::write(peer, Instant{} + 1ms).size() < 100u);
}

BOOST_AUTO_TEST_SUITE_END()
