#include "netrig/core/protocol/ack_tracker.h"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <set>

#include "netrig/core/base/random.h"
#include "netrig/tests/support/seed.h"

using namespace netrig;

namespace {

const Windows kWindows = derive_windows({.rtt_max = 10s, .jitter_max = 1s, .tick_rate_hz = 20});
constexpr std::size_t kRoom = 600;

struct Receiver {
  explicit Receiver(std::uint64_t first = 0, const Windows& windows = kWindows) : tracker(windows, first) {}
  bool take(std::uint64_t sequence, Instant now = {}, bool wants_ack = true) {
    const auto unwrapped = tracker.unwrap(static_cast<std::uint32_t>(sequence));
    if (!unwrapped) return false;
    BOOST_REQUIRE(*unwrapped == sequence);
    tracker.accept(sequence);
    tracker.on_received(sequence, wants_ack, now);
    return true;
  }
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges(std::size_t bytes_max = kRoom) const {
    const Ack ack = tracker.ack(bytes_max, Instant{});
    std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
    for (const AckRange& range : ack.all())
      found.emplace_back(tracker.largest() - range.first, tracker.largest() - range.last);
    return found;
  }
  AckTracker tracker;
};

using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

}  // namespace

BOOST_AUTO_TEST_SUITE(ack_tracker)

BOOST_AUTO_TEST_CASE(packets_in_a_row_are_one_range_and_gaps_split_it) {
  Receiver receiver;
  for (const std::uint64_t sequence : {0, 1, 2, 4, 5, 8}) receiver.take(sequence);  // 3, 6 and 7 are missing
  BOOST_TEST((receiver.ranges() == Ranges{{8, 8}, {4, 5}, {0, 2}}));
  receiver.take(3);  // late: two ranges become one
  BOOST_TEST((receiver.ranges() == Ranges{{8, 8}, {0, 5}}));
  receiver.take(7);
  receiver.take(6);
  BOOST_TEST((receiver.ranges() == Ranges{{0, 8}}));
}

BOOST_AUTO_TEST_CASE(a_replayed_packet_and_one_too_old_are_refused) {
  Receiver receiver;
  BOOST_TEST(receiver.take(10));
  BOOST_TEST(!receiver.take(10));
  BOOST_TEST(receiver.take(9));
  const std::uint64_t window = kWindows.replay_packets;
  BOOST_TEST(receiver.take(10 + window));
  BOOST_TEST(receiver.take(11));   // the oldest that can be told
  BOOST_TEST(!receiver.take(8));   // did not come, but nobody can tell any more
  BOOST_TEST(!receiver.take(10));  // came
}

BOOST_AUTO_TEST_CASE(the_replay_window_covers_the_longest_round_trip_at_the_highest_rate) {
  for (const std::uint32_t rate : {1u, 20u, 60u, 240u}) {
    const Windows windows = derive_windows({.rtt_max = 10s, .jitter_max = 1s, .tick_rate_hz = rate});
    BOOST_TEST(windows.replay_packets >= 1'024u);
    BOOST_TEST(windows.replay_packets >= rate * 16 * 10);
  }
}

BOOST_AUTO_TEST_CASE(a_forged_sequence_moves_nothing) {
  Receiver receiver;
  receiver.take(5);
  BOOST_TEST(receiver.tracker.unwrap(2'000'000'000).has_value());  // asked, but its seal did not open
  BOOST_TEST(receiver.take(6));
  BOOST_TEST(receiver.take(4));
  BOOST_TEST((receiver.ranges() == Ranges{{4, 6}}));
}

BOOST_AUTO_TEST_CASE(sequences_run_past_2_to_the_32) {
  const std::uint64_t start = (std::uint64_t{1} << 32) - 3;
  Receiver receiver{start};
  for (std::uint64_t i = 0; i < 6; ++i) BOOST_TEST(receiver.take(start + i));
  BOOST_TEST(!receiver.take(start + 1));
  BOOST_TEST((receiver.ranges() == Ranges{{start, start + 5}}));
  BOOST_TEST(!receiver.tracker.unwrap(static_cast<std::uint32_t>(start - 1)).has_value());
}

BOOST_AUTO_TEST_CASE(an_ack_waits_one_tick_at_most_and_acks_of_acks_wait_for_more) {
  Receiver receiver;
  receiver.take(0, Instant{} + 10ms, false);  // an ack alone
  BOOST_TEST(receiver.tracker.has_news());
  BOOST_TEST(!receiver.tracker.ack_deadline().has_value());
  receiver.take(1, Instant{} + 20ms);
  receiver.take(2, Instant{} + 30ms);
  BOOST_TEST((receiver.tracker.ack_deadline().value() == Instant{} + 20ms + 50ms));
  receiver.tracker.on_ack_written();
  BOOST_TEST(!receiver.tracker.has_news());
  BOOST_TEST(!receiver.tracker.ack_deadline().has_value());
}

BOOST_AUTO_TEST_CASE(the_delay_is_that_of_the_newest_packet) {
  Receiver receiver;
  receiver.take(7, Instant{} + 10ms);
  receiver.take(6, Instant{} + 12ms);
  const Ack ack = receiver.tracker.ack(kRoom, Instant{} + 15ms + 900ns);
  BOOST_TEST(ack.largest == 7u);
  BOOST_TEST(ack.delay_us == 5'000u);
}

BOOST_AUTO_TEST_CASE(ranges_are_repeated_for_a_second_and_then_only_the_newest_eight) {
  Receiver receiver;
  for (std::uint64_t i = 0; i < 20; ++i) receiver.take(2 * i);
  BOOST_TEST(receiver.ranges().size() == 20u);
  for (std::uint32_t i = 0; i < kAckRepeatsMin - 1; ++i) receiver.tracker.on_ack_written();
  BOOST_TEST(receiver.ranges().size() == 20u);
  receiver.tracker.on_ack_written();
  BOOST_TEST(receiver.ranges().size() == kAckRangesAlways);
  receiver.take(1);  // joins the two oldest, which makes them news
  BOOST_TEST(receiver.ranges().size() == 19u);
}

BOOST_AUTO_TEST_CASE(ranges_that_the_other_side_knows_are_not_repeated) {
  Receiver receiver;
  for (const std::uint64_t sequence : {0, 2, 4}) receiver.take(sequence);
  const std::uint32_t first_ack = receiver.tracker.on_ack_written();
  receiver.take(6);
  receiver.tracker.on_ack_written();  // lost
  receiver.tracker.on_ack_arrived(first_ack);
  BOOST_TEST((receiver.ranges() == Ranges{{6, 6}}));
}

BOOST_AUTO_TEST_CASE(more_gaps_than_ranges_forget_the_oldest_and_count_it) {
  Receiver receiver;
  for (std::uint64_t i = 0; i < kAckRangesMax + 2; ++i) receiver.take(2 * i);
  BOOST_TEST(receiver.tracker.ranges() == kAckRangesMax);
  BOOST_TEST(receiver.tracker.ranges_forgotten() == 2u);
  BOOST_TEST(receiver.ranges().back().first == 4u);
}

BOOST_AUTO_TEST_CASE(an_ack_stays_within_its_room) {
  Receiver receiver;
  for (std::uint64_t i = 0; i < kAckRangesMax; ++i) receiver.take(1'000 * i);
  for (std::size_t room = 16; room < 400; ++room) {
    const Ack ack = receiver.tracker.ack(room, Instant{} + 5s);
    BOOST_TEST(ack_bytes(ack) <= room);
  }
}

// Against a set of all that came, over random sequences with losses, copies, disorder and jumps.
BOOST_AUTO_TEST_CASE(it_agrees_with_a_set_of_everything_received) {
  Random random = Random{testing::test_seed()}.fork("ack tracker", 0);
  for (const std::uint64_t start :
       {std::uint64_t{0}, (std::uint64_t{1} << 32) - 900, std::uint64_t{1} << 40}) {
    Windows windows = kWindows;
    windows.replay_packets = 1'024;
    Receiver receiver{start, windows};
    std::set<std::uint64_t> came;
    std::uint64_t next = start;
    for (int round = 0; round < 6'000; ++round) {
      if (random.chance(1'000)) next += random.below(3'000);
      next += random.below(3);
      const std::uint64_t back = random.chance(50'000) ? random.below(1'500) : random.below(4);
      const std::uint64_t sequence = next - std::min(back, next - start);
      const bool too_old = !came.empty() && sequence + windows.replay_packets <= *came.rbegin();
      const bool expected = !too_old && came.count(sequence) == 0;
      BOOST_REQUIRE(receiver.take(sequence) == expected);
      if (expected) came.insert(sequence);
      // The ranges that are told are runs of what came, from the newest on.
      std::uint64_t above = *came.rbegin() + 2;
      for (const auto& [first, last] : receiver.ranges()) {
        BOOST_REQUIRE(last + 1 < above);
        for (std::uint64_t i = first; i <= last; ++i) BOOST_REQUIRE(came.count(i) == 1);
        BOOST_REQUIRE((came.count(last + 1) == 0 || receiver.tracker.ranges_forgotten() > 0));
        above = first;
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
