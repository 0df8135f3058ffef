#include <boost/test/unit_test.hpp>

#include "netrig/core/server/session.h"

namespace netrig {
namespace {

constexpr std::uint32_t kRateHz = 20;
constexpr Duration kTick = 50ms;
// A burst of 32, which is the least there is.
const Windows kWindows = derive_windows({.rtt_max = 1s, .jitter_max = 500ms, .tick_rate_hz = kRateHz});

std::string word(std::optional<InputFate> fate) {
  return fate ? std::string{text(*fate)} : "taken";
}

struct Queue {
  std::string push(std::uint32_t sequence) {
    return word(inputs.push({InputSequence{sequence}, Tick{}, Input{}}, now));
  }
  // The sequences that one tick applies.
  std::vector<std::uint32_t> tick() {
    std::vector<std::uint32_t> applied;
    inputs.begin_tick();
    while (const InputMessage* const input = inputs.next()) {
      applied.push_back(input->sequence.value);
      inputs.pop();
    }
    return applied;
  }

  Instant now;
  InputQueue inputs{kWindows, kRateHz, now};
};

using Applied = std::vector<std::uint32_t>;

BOOST_AUTO_TEST_SUITE(input_queue)

BOOST_AUTO_TEST_CASE(one_input_a_tick_in_the_order_sent) {
  Queue queue;
  queue.push(1);
  queue.push(2);
  queue.push(3);
  BOOST_TEST(queue.tick() == Applied{1}, boost::test_tools::per_element());
  BOOST_TEST((queue.inputs.applied() == InputSequence{1}));
  BOOST_TEST(queue.tick() == Applied{2}, boost::test_tools::per_element());
  BOOST_TEST(queue.tick() == Applied{3}, boost::test_tools::per_element());
  BOOST_TEST(queue.tick().empty());
  BOOST_TEST((queue.inputs.applied() == InputSequence{3}));
}

BOOST_AUTO_TEST_CASE(what_was_seen_before_is_dropped_even_when_something_was_skipped) {
  Queue queue;
  BOOST_TEST(queue.push(1) == "taken");
  BOOST_TEST(queue.push(1) == "repeated");
  BOOST_TEST(queue.push(5) == "taken");  // 2 to 4 never came
  BOOST_TEST(queue.push(3) == "repeated");
  BOOST_TEST(queue.push(5) == "repeated");
  BOOST_TEST(queue.push(6) == "taken");
}

BOOST_AUTO_TEST_CASE(a_jump_beyond_the_bound_moves_nothing) {
  Queue queue;
  BOOST_TEST(queue.push(1) == "taken");
  BOOST_TEST(queue.push(1 + kInputSequenceJumpMax + 1) == "jumped");
  BOOST_TEST(queue.push(UINT32_MAX) == "jumped");
  BOOST_TEST(queue.push(2) == "taken");
  BOOST_TEST(queue.push(2 + kInputSequenceJumpMax) == "taken");
}

BOOST_AUTO_TEST_CASE(more_than_a_burst_at_once_is_over_the_rate) {
  Queue queue;
  for (std::uint32_t i = 1; i <= 32; ++i) BOOST_TEST(queue.push(i) == "taken");
  BOOST_TEST(queue.push(33) == "over_rate");
  queue.now += 25ms;  // one token at twice 20 Hz
  BOOST_TEST(queue.push(33) == "taken");
  BOOST_TEST(queue.push(34) == "over_rate");
  queue.now += 3600s;
  for (std::uint32_t i = 34; i < 34 + 32; ++i) BOOST_TEST(queue.push(i) == "taken");
  BOOST_TEST(queue.push(34 + 32) == "over_rate");
}

BOOST_AUTO_TEST_CASE(a_flood_gets_twice_the_tick_rate_at_most) {
  Queue queue;
  std::uint32_t sequence = 1;
  std::uint32_t taken = 0;
  for (int ms = 0; ms < 10'000; ++ms) {
    queue.now += 1ms;
    if (queue.push(sequence) != "over_rate") ++taken;
    ++sequence;
    if (ms % 50 == 49) queue.tick();
  }
  BOOST_TEST(taken >= 10u * 2 * kRateHz);
  BOOST_TEST(taken <= 10u * 2 * kRateHz + 32);
}

BOOST_AUTO_TEST_CASE(overflow_pushes_out_the_oldest_and_says_so) {
  Queue queue;
  std::uint32_t sequence = 0;
  while (sequence < kWindows.inputs_queued_max) {
    queue.now += 25ms;
    BOOST_TEST(queue.push(++sequence) == "taken");
  }
  queue.now += 25ms;
  BOOST_TEST(queue.push(++sequence) == "queue_overflow");
  BOOST_TEST(queue.tick() == Applied{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_gap_is_made_up_for_at_most_four_a_tick) {
  Queue queue;
  for (int i = 0; i < 10; ++i) BOOST_TEST(queue.tick().empty());  // half a second of silence
  queue.now += 10 * kTick;
  for (std::uint32_t i = 1; i <= 12; ++i) queue.push(i);
  BOOST_TEST(queue.tick() == (Applied{1, 2, 3, 4}), boost::test_tools::per_element());
  BOOST_TEST(queue.tick() == (Applied{5, 6, 7, 8}), boost::test_tools::per_element());
  BOOST_TEST(queue.tick() == (Applied{9, 10, 11, 12}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_way_of_sending_gains_world_time) {
  // Every second a pause, then as much as the limits let in: still not more than 0.8 % over one input a tick.
  Queue queue;
  std::uint32_t sequence = 0;
  std::size_t applied = 0;
  constexpr std::size_t kTicks = 60 * kRateHz;
  for (std::size_t tick = 1; tick <= kTicks; ++tick) {
    queue.now += kTick;
    if (tick % kRateHz > kRateHz / 2) {
      for (int i = 0; i < 40; ++i) queue.push(++sequence);
    }
    applied += queue.tick().size();
    BOOST_TEST(applied * 1000 <= tick * 1008);
  }
  BOOST_TEST(applied >= kTicks * 99 / 100);
}

BOOST_AUTO_TEST_CASE(world_time_not_used_is_kept_for_as_long_as_the_queue_holds_and_no_longer) {
  Queue queue;
  for (std::uint32_t i = 0; i < 100 * kRateHz; ++i) queue.tick();
  std::uint32_t sequence = 0;
  std::size_t applied = 0;
  std::size_t ticks = 0;
  for (; ticks < 200; ++ticks) {
    queue.now += kTick;
    for (int i = 0; i < 8; ++i) queue.push(++sequence);
    applied += queue.tick().size();
  }
  BOOST_TEST(applied <= ticks * 1008 / 1000 + kWindows.inputs_queued_max);
  BOOST_TEST(applied >= ticks + kWindows.inputs_queued_max - 1);
}

BOOST_AUTO_TEST_CASE(a_clock_slightly_fast_is_not_held_back) {
  Queue queue;  // 50 ppm fast: one input more in 1,000 s of 20 Hz
  std::uint32_t sequence = 0;
  std::size_t waiting = 0;
  for (std::uint32_t tick = 1; tick <= 2000 * kRateHz; ++tick) {
    queue.now += kTick;
    queue.push(++sequence);
    ++waiting;
    if (tick % 20'000 == 0) {
      queue.push(++sequence);
      ++waiting;
    }
    waiting -= queue.tick().size();
    BOOST_TEST(waiting <= 1u);
  }
  BOOST_TEST(waiting == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig
