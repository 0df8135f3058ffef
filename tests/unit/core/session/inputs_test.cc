// Inputs on their way through a session: applied, acked in every state, or dropped and counted.
#include <boost/test/unit_test.hpp>

#include "netrig/core/protocol/codec.h"
#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

std::uint32_t dropped(const Lab& lab, InputFate fate) {
  return lab.log.dropped[static_cast<std::size_t>(fate)];
}

Buffer input_frame(std::uint32_t sequence, std::uint32_t acked = 0) {
  return frame_of(InputMessage{InputSequence{sequence}, Tick{acked}, turn(1)});
}

BOOST_AUTO_TEST_SUITE(inputs)

BOOST_AUTO_TEST_CASE(every_state_says_which_inputs_it_includes) {
  Lab lab;
  Seat& seat = lab.join();
  const EntityId own = seat.client.welcome()->entity;
  const std::int32_t before = lab.heading(own);

  BOOST_TEST((seat.client.push_input(turn(100), lab.now) == InputSequence{1}));
  lab.tick();  // input 1
  BOOST_TEST((seat.client.input_ack() == InputSequence{1}));
  BOOST_TEST(seat.client.view().row(0)[duel_column::heading] == (before + 100) % kDuelTurn);

  lab.tick();  // none
  BOOST_TEST((seat.client.input_ack() == InputSequence{1}));

  seat.client.push_input(turn(10), lab.now);
  seat.client.push_input(turn(10), lab.now);
  seat.client.push_input(turn(10), lab.now);
  lab.tick();  // 2 and, for the two ticks without one, 3 and 4
  BOOST_TEST((seat.client.input_ack() == InputSequence{4}));
  const std::vector<std::uint32_t> acks{0, 1, 1, 4};
  BOOST_REQUIRE(seat.log.states.size() == acks.size());
  for (std::size_t i = 0; i < acks.size(); ++i) BOOST_TEST(seat.log.states[i].acked.value == acks[i]);
}

BOOST_AUTO_TEST_CASE(an_input_says_which_state_its_player_had) {
  Lab lab;
  Seat& seat = lab.join();
  lab.run(1s);
  seat.client.push_input(turn(1), lab.now);
  seat.client.flush(seat.out);
  const Buffer bytes = bytes_of_write(seat.out.writes.back().message);
  FrameReader reader;
  std::optional<InputMessage> sent;
  reader.read(bytes, [&](Bytes packet) {
    for (Bytes rest = decode_packet(packet, Sender::client)->messages; !rest.empty();) {
      const RawMessage message = take_message(rest);
      if (message.type == MessageType::input) sent = *decode_input(message.body);
    }
    return true;
  });
  BOOST_REQUIRE(sent.has_value());
  BOOST_TEST((sent->acked == seat.client.view().tick()));
  BOOST_TEST((sent->acked == lab.server.tick()));
}

BOOST_AUTO_TEST_CASE(a_state_that_is_still_to_come_cannot_be_acked) {
  Lab lab;
  Seat& honest = lab.join();
  Seat& liar = lab.join();
  lab.hear(liar, input_frame(1, lab.server.tick().value));
  BOOST_TEST(lab.log.faults.empty());
  lab.hear(liar, input_frame(2, lab.server.tick().value + 1));
  BOOST_TEST(lab.log.faults == std::vector<std::string>{"2 false_ack"}, boost::test_tools::per_element());
  BOOST_TEST(lab.log.life.back() == "2 left: protocol_error");
  lab.tick();
  BOOST_TEST(honest.client.connected());
  BOOST_TEST(liar.log.life.back() == "closed: protocol_error");
}

BOOST_AUTO_TEST_CASE(repetitions_jumps_and_floods_are_dropped_and_counted) {
  Lab lab;
  Seat& seat = lab.join();
  lab.hear(seat, input_frame(1));
  lab.hear(seat, input_frame(1));
  lab.hear(seat, input_frame(1 + kInputSequenceJumpMax + 1));
  const std::uint32_t burst = derive_windows(lab_config().horizon).inputs_burst_max;
  for (std::uint32_t i = 2; i <= burst + 8; ++i) lab.hear(seat, input_frame(i));
  BOOST_TEST(dropped(lab, InputFate::repeated) == 1u);
  BOOST_TEST(dropped(lab, InputFate::jumped) == 1u);
  BOOST_TEST(dropped(lab, InputFate::over_rate) == 8u);
  BOOST_TEST(lab.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(an_input_of_no_meaning_to_the_game_is_applied_as_nothing) {
  Lab lab;
  Seat& seat = lab.join();
  const EntityId own = seat.client.welcome()->entity;
  const std::int32_t before = lab.heading(own);
  seat.client.push_input(Input{bytes_of("nonsense")}, lab.now);
  lab.tick();
  BOOST_TEST((seat.client.input_ack() == InputSequence{1}));
  BOOST_TEST(lab.heading(own) == before);
}

BOOST_AUTO_TEST_CASE(after_a_stall_of_the_network_all_inputs_are_made_up_for) {
  Lab lab;
  Seat& steady = lab.join();
  Seat& stalled = lab.join();
  std::vector<Buffer> held;
  const std::int32_t steady_before = lab.heading(steady.client.welcome()->entity);
  const std::int32_t stalled_before = lab.heading(stalled.client.welcome()->entity);
  constexpr int kTicks = 40;
  for (int i = 0; i < kTicks; ++i) {
    steady.client.push_input(turn(1), lab.now);
    stalled.client.push_input(turn(1), lab.now);
    stalled.client.advance(lab.now);
    stalled.client.flush(stalled.out);
    for (const auto& write : std::exchange(stalled.out.writes, {}))
      held.push_back(bytes_of_write(write.message));
    const bool gets_through = i >= 20;  // after a second during which nothing did
    if (gets_through) {
      for (const Buffer& frame : std::exchange(held, {})) lab.hear(stalled, frame);
    }
    lab.tick();
  }
  BOOST_TEST(lab.heading(steady.client.welcome()->entity) == (steady_before + kTicks) % kDuelTurn);
  BOOST_TEST(lab.log.dropped == decltype(lab.log.dropped){}, boost::test_tools::per_element());
  // The duel's fighters make one move a tick whatever arrives, so the acks tell how many were applied.
  BOOST_TEST(stalled.client.input_ack().value == static_cast<std::uint32_t>(kTicks));
  BOOST_TEST(lab.heading(stalled.client.welcome()->entity) != stalled_before);
}

BOOST_AUTO_TEST_CASE(a_full_connection_pushes_the_oldest_inputs_out_and_counts_them) {
  Lab lab;
  Seat& seat = lab.join();
  seat.out.answers[PeerId{}] = SendStatus::queue_full;
  seat.client.push_input(turn(1), lab.now);
  seat.client.flush(seat.out);  // input 1 is in the outbox
  const std::uint32_t room = derive_windows(lab_config().horizon).inputs_queued_max;
  for (std::uint32_t i = 0; i < room; ++i) seat.client.push_input(turn(1), lab.now);
  BOOST_TEST(seat.log.inputs_overflowed == 0u);
  for (std::uint32_t i = 0; i < 5; ++i) seat.client.push_input(turn(1), lab.now);
  BOOST_TEST(seat.log.inputs_overflowed == 5u);
  BOOST_TEST(seat.log.sends_refused == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
