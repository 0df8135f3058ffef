#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "netrig/core/base/random.h"
#include "netrig/core/protocol/reliable_receiver.h"
#include "netrig/core/protocol/reliable_sender.h"
#include "netrig/tests/support/seed.h"

using namespace netrig;

namespace {

using Buffer = std::vector<std::uint8_t>;

const Windows kWindows = derive_windows({.rtt_max = 10s, .jitter_max = 1s, .tick_rate_hz = 20});
constexpr std::size_t kMessageBytesMax = 1'100;
constexpr Duration kLongWay = 5s;

Buffer body(std::size_t size, std::uint8_t first = 1) {
  Buffer bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

struct Sent {
  std::uint32_t number = 0;
  bool is_part = false;
  std::uint8_t head = 0;
  Buffer bytes;
};

// What a writer does with everything that is due.
std::vector<Sent> write(ReliableSender& sender, Instant now, Duration smoothed = 0ns) {
  std::vector<Sent> all;
  while (const auto due = sender.next_due(now)) {
    Sent sent{due->number, due->type == MessageType::part, due->head, Buffer(due->size)};
    sender.copy_body(*due, sent.bytes.data());
    sender.on_written(*due, smoothed, now);
    all.push_back(std::move(sent));
  }
  return all;
}

struct Listener {
  ReliableReceiver receiver{Sender::client};
  std::vector<Buffer> heard;

  ReliableReceiver::Outcome hear(const Sent& sent) {
    receiver.begin();
    const auto id = static_cast<std::uint16_t>(sent.number);
    const auto outcome = sent.is_part
                             ? receiver.receive_part(id, (sent.head & kPartIsLast) != 0, sent.bytes)
                             : receiver.receive_numbered(id, static_cast<MessageType>(sent.head), sent.bytes);
    std::vector<RawMessage> messages;
    receiver.take(messages);
    for (const RawMessage& message : messages) heard.emplace_back(message.body.begin(), message.body.end());
    return outcome;
  }
};

using Outcome = ReliableReceiver::Outcome;

Sent whole(std::uint32_t number, Buffer bytes) {
  return {number, false, static_cast<std::uint8_t>(MessageType::app_reliable), std::move(bytes)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reliable)

BOOST_AUTO_TEST_CASE(messages_arrive_in_order_whatever_order_they_came_in) {
  ReliableSender sender{kWindows, kMessageBytesMax};
  for (std::uint8_t i = 0; i < 3; ++i) sender.send(MessageType::app_reliable, body(10 + i, i));
  const std::vector<Sent> sent = write(sender, Instant{});
  Listener listener;
  BOOST_TEST((listener.hear(sent[2]) == Outcome::taken));
  BOOST_TEST((listener.hear(sent[2]) == Outcome::duplicate));
  BOOST_TEST((listener.hear(sent[1]) == Outcome::taken));
  BOOST_TEST(listener.heard.empty());
  BOOST_TEST(listener.receiver.held_bytes() == 2 * kReliableBlockBytes);
  BOOST_TEST((listener.hear(sent[0]) == Outcome::taken));
  BOOST_TEST((listener.heard == std::vector<Buffer>{body(10, 0), body(11, 1), body(12, 2)}));
  BOOST_TEST(listener.receiver.held_bytes() == 0u);
  BOOST_TEST((listener.hear(sent[1]) == Outcome::duplicate));
}

BOOST_AUTO_TEST_CASE(a_message_goes_out_again_when_its_packet_was_lost_and_not_once_it_is_acked) {
  ReliableSender sender{kWindows, kMessageBytesMax};
  sender.send(MessageType::app_reliable, body(5));
  BOOST_TEST(write(sender, Instant{}).size() == 1u);
  BOOST_TEST(write(sender, Instant{}).empty());
  sender.on_lost(0, 100ms, Instant{} + 1s);
  const std::vector<Sent> again = write(sender, Instant{} + 1s);
  BOOST_REQUIRE(again.size() == 1u);
  BOOST_TEST(again[0].number == 0u);
  BOOST_TEST(again[0].bytes == body(5), boost::test_tools::per_element());
  sender.on_lost(0, 100ms, Instant{} + 2s);
  sender.on_acked(0);  // the first one came after all
  BOOST_TEST(write(sender, Instant{} + 2s).empty());
  BOOST_TEST(sender.unacked() == 0u);
}

BOOST_AUTO_TEST_CASE(on_a_long_way_a_lost_message_goes_out_in_more_than_one_packet) {
  ReliableSender sender{kWindows, kMessageBytesMax};
  sender.send(MessageType::app_reliable, body(5));
  write(sender, Instant{}, kLongWay);
  sender.on_lost(0, kLongWay, Instant{} + 5s);
  BOOST_TEST(write(sender, Instant{} + 5s, kLongWay).size() == 1u);
  const Instant copy_at = sender.next_copy_at().value();
  BOOST_TEST((copy_at == Instant{} + 5s + kLongWay / kCopySpacingDivisor));
  BOOST_TEST(!sender.has_due(copy_at - 1ns));
  BOOST_TEST(write(sender, copy_at, kLongWay).size() == 1u);
  BOOST_TEST(!sender.next_copy_at().has_value());
  sender.on_lost(0, kLongWay, Instant{} + 10s);  // one of two: the other may come
  BOOST_TEST(write(sender, Instant{} + 10s, kLongWay).empty());
  sender.on_lost(0, kLongWay, Instant{} + 11s);
  std::size_t copies = 0;
  for (int i = 0; i < 40; ++i) copies += write(sender, Instant{} + 11s + i * 100ms, kLongWay).size();
  BOOST_TEST(copies == 4u);
}

BOOST_AUTO_TEST_CASE(a_long_message_goes_in_parts_of_the_same_order) {
  ReliableSender sender{kWindows, kMessageBytesMax};
  const Buffer longest = body(2 + kAppMessageBytesMax);
  BOOST_TEST((sender.send(MessageType::app_reliable, longest) == SendStatus::accepted));
  sender.send(MessageType::app_reliable, body(5));
  std::vector<Sent> sent = write(sender, Instant{});
  BOOST_TEST(sent.size() == 31u);  // 30 parts of 1,097 bytes, and the short one
  Listener listener;
  std::swap(sent[3], sent[17]);
  for (const Sent& one : sent) BOOST_TEST((listener.hear(one) == Outcome::taken));
  BOOST_REQUIRE(listener.heard.size() == 2u);
  BOOST_TEST(listener.heard[0] == longest, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_longest_message_that_fits_one_packet_is_not_cut) {
  ReliableSender sender{kWindows, kMessageBytesMax};
  sender.send(MessageType::app_reliable, body(kMessageBytesMax - kNumberedHeadBytes));
  sender.send(MessageType::app_reliable, body(kMessageBytesMax - kNumberedHeadBytes + 1));
  const std::vector<Sent> sent = write(sender, Instant{});
  BOOST_TEST(sent.size() == 3u);
  BOOST_TEST(!sent[0].is_part);
  BOOST_TEST(sent[1].is_part);
}

BOOST_AUTO_TEST_CASE(the_window_says_when_it_is_full_and_what_is_too_long) {
  ReliableSender sender{kWindows, kMessageBytesMax};
  BOOST_TEST(
      (sender.send(MessageType::app_reliable, body(kAppMessageBytesMax + 7)) == SendStatus::too_large));
  std::uint32_t accepted = 0;
  while (sender.send(MessageType::app_reliable, body(32)) == SendStatus::accepted) ++accepted;
  BOOST_TEST(accepted == kWindows.numbered_in_flight_max);
  write(sender, Instant{});
  sender.on_acked(1);  // the oldest is still away
  BOOST_TEST((sender.send(MessageType::app_reliable, body(32)) == SendStatus::queue_full));
  sender.on_acked(0);
  BOOST_TEST((sender.send(MessageType::app_reliable, body(32)) == SendStatus::accepted));
}

BOOST_AUTO_TEST_CASE(an_honest_sender_never_overflows_the_receiver) {
  Random random = Random{testing::test_seed()}.fork("window", 0);
  ReliableSender sender{kWindows, kMessageBytesMax};
  Listener listener;
  std::size_t accepted = 0;
  while (sender.send(MessageType::app_reliable, body(random.below(3'000))) == SendStatus::accepted)
    ++accepted;
  std::vector<Sent> sent = write(sender, Instant{});
  for (std::size_t i = sent.size() - 1; i > 0; --i)
    std::swap(sent[i], sent[random.below(i)]);  // worst of disorder
  for (const Sent& one : sent) {
    BOOST_REQUIRE((listener.hear(one) == Outcome::taken));
    BOOST_REQUIRE(listener.receiver.held_bytes() <= kReliableBytesMax);
  }
  BOOST_TEST(listener.heard.size() == accepted);
}

BOOST_AUTO_TEST_CASE(more_than_the_window_is_a_violation) {
  Listener listener;
  BOOST_TEST((listener.hear(whole(kReliableMessagesMax - 1, body(3))) == Outcome::taken));
  BOOST_TEST((listener.hear(whole(kReliableMessagesMax, body(3))) == Outcome::beyond_window));
  Listener second;
  Outcome outcome = Outcome::taken;
  std::uint32_t number = 1;
  for (; outcome == Outcome::taken; ++number) outcome = second.hear(whole(number, body(1'000)));
  BOOST_TEST((outcome == Outcome::beyond_window));
  BOOST_TEST(second.receiver.held_bytes() <= kReliableBytesMax);
}

BOOST_AUTO_TEST_CASE(parts_that_make_no_message_are_broken) {
  const std::uint8_t tag = static_cast<std::uint8_t>(MessageType::app_reliable);
  Listener interrupted;
  interrupted.hear({0, true, 0, {tag, 1, 2}});
  BOOST_TEST((interrupted.hear(whole(1, body(3))) == Outcome::broken_parts));
  Listener unknown;
  BOOST_TEST((unknown.hear({0, true, kPartIsLast, {99, 1, 2}}) == Outcome::broken_parts));
  Listener unreliable;
  BOOST_TEST((unreliable.hear({0, true, kPartIsLast, {4, 1, 0, 0, 0}}) == Outcome::broken_parts));
  Listener endless;
  Outcome outcome = Outcome::taken;
  for (std::uint32_t i = 0; i < 40 && outcome == Outcome::taken; ++i)
    outcome = endless.hear({i, true, 0, Buffer(1'000, tag)});
  BOOST_TEST((outcome == Outcome::broken_parts));
}

// Against a list of all that was sent, over random losses, copies and disorder, past 2^16 ids several times.
BOOST_AUTO_TEST_CASE(everything_arrives_once_and_in_order_past_2_to_the_16) {
  Random random = Random{testing::test_seed()}.fork("reliable", 0);
  ReliableSender sender{kWindows, kMessageBytesMax};
  Listener listener;
  std::vector<Buffer> said;
  std::vector<Sent> on_the_way;
  std::uint64_t bytes = 0;
  for (std::int64_t round = 0; listener.heard.size() < 200'000 || listener.heard.size() < said.size();
       ++round) {
    const Instant now = Instant{} + round * 50ms;
    while (said.size() < 200'000 && sender.unacked() < 600) {
      const Buffer next = body(random.chance(5'000) ? random.between(1'000, 5'000) : random.between(2, 40),
                               static_cast<std::uint8_t>(said.size()));
      if (sender.send(MessageType::app_reliable, next) != SendStatus::accepted) break;
      said.push_back(next);
    }
    for (Sent& sent : write(sender, now, round % 2 == 0 ? 10ms : kLongWay))
      on_the_way.push_back(std::move(sent));
    std::vector<Sent> later;
    for (Sent& sent : on_the_way) {
      const std::uint64_t fate = random.below(10);
      if (fate < 2) {
        sender.on_lost(sent.number, kLongWay, now);
      } else if (fate < 4) {
        later.push_back(std::move(sent));
      } else {
        bytes += sent.bytes.size();
        const Outcome outcome = listener.hear(sent);
        BOOST_REQUIRE((outcome == Outcome::taken || outcome == Outcome::duplicate));
        if (fate < 9) {
          sender.on_acked(sent.number);
        } else {
          sender.on_lost(sent.number, 10ms, now);  // the ack got lost
        }
      }
    }
    on_the_way = std::move(later);
  }
  BOOST_TEST((listener.heard == said));
  BOOST_TEST(bytes > 0u);
}

BOOST_AUTO_TEST_SUITE_END()
