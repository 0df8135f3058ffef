#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

std::vector<std::uint32_t> numbers(const std::vector<Tick>& ticks) {
  std::vector<std::uint32_t> values;
  for (const Tick tick : ticks) values.push_back(tick.value);
  return values;
}

BOOST_AUTO_TEST_SUITE(ticks)

BOOST_AUTO_TEST_CASE(nothing_runs_before_its_time) {
  Lab lab;
  BOOST_TEST((lab.server.next_deadline() == std::optional{Instant{} + 50ms}));
  lab.server.advance(Instant{} + 50ms - 1ns);
  BOOST_TEST(lab.log.ticks.empty());
  lab.server.advance(Instant{} + 50ms);
  lab.server.advance(Instant{} + 50ms);
  BOOST_TEST(numbers(lab.log.ticks) == std::vector<std::uint32_t>{1}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_late_call_runs_what_was_missed_and_sends_the_newest_state_once) {
  Lab lab;
  Seat& seat = lab.join();
  const std::uint32_t writes = lab.log.writes[seat.peer];
  lab.now += 200ms;  // ticks 2 to 5
  lab.server.advance(lab.now);
  lab.down();
  BOOST_TEST(numbers(lab.log.ticks) == (std::vector<std::uint32_t>{1, 2, 3, 4, 5}),
             boost::test_tools::per_element());
  BOOST_TEST(lab.log.ticks_skipped == 0u);
  BOOST_TEST(lab.log.writes[seat.peer] == writes + 1);
  BOOST_TEST(seat.client.view().tick().value == 5u);
  BOOST_TEST((seat.client.view() == lab.server.state()));
}

BOOST_AUTO_TEST_CASE(beyond_catching_up_ticks_are_skipped_counted_and_the_state_sent_is_of_the_present) {
  Lab lab;
  Seat& seat = lab.join();
  lab.now += 10s;  // 200 ticks
  lab.server.advance(lab.now);
  BOOST_TEST(lab.log.ticks_skipped == 196u);
  BOOST_TEST(numbers(lab.log.ticks) == (std::vector<std::uint32_t>{1, 198, 199, 200, 201}),
             boost::test_tools::per_element());
  lab.down();
  BOOST_TEST(seat.client.view().tick().value == 201u);
  BOOST_TEST(seat.log.faults.empty());
  BOOST_TEST((seat.client.view_digest(Tick{201}) == lab.server.view_digest(seat.peer, Tick{201})));

  lab.tick();
  BOOST_TEST(seat.client.view().tick().value == 202u);
  BOOST_TEST(lab.log.ticks_skipped == 196u);
}

BOOST_AUTO_TEST_CASE(a_skipped_tick_has_no_state) {
  Lab lab;
  Seat& seat = lab.join();
  lab.run(5s);
  BOOST_TEST(lab.server.view_digest(seat.peer, Tick{90}).has_value());
  lab.now += 12s + 800ms;  // 256 ticks: as many as history holds, so that no slot is written for the skipped
  lab.server.advance(lab.now);
  BOOST_TEST(!lab.server.view_digest(seat.peer, Tick{200}).has_value());
  BOOST_TEST(!lab.server.view_digest(seat.peer, Tick{90 + 256}).has_value());
  BOOST_TEST(!lab.server.view_digest(seat.peer, Tick{}).has_value());
  BOOST_TEST(!lab.server.view_digest(seat.peer, Tick{lab.server.tick().value + 1}).has_value());
  BOOST_TEST(!lab.server.view_digest(PeerId{99}, lab.server.tick()).has_value());
  BOOST_TEST(lab.server.view_digest(seat.peer, lab.server.tick()).has_value());
}

BOOST_AUTO_TEST_CASE(skipped_ticks_grant_no_world_time) {
  Lab lab;
  Seat& seat = lab.join();
  for (int i = 0; i < 20; ++i) seat.client.push_input(turn(1), lab.now);
  lab.up(seat);
  lab.now += 10s;
  lab.server.advance(lab.now);
  lab.down();
  BOOST_TEST(seat.client.input_ack().value == 5u);  // the 4 ticks that ran, and the one before without input
}

BOOST_AUTO_TEST_CASE(phases_follow_each_other_in_every_tick) {
  struct Phases final : ServerObserver {
    void on_phase(Tick, TickPhase phase) override { words += std::string{text(phase)} + " "; }
    std::string words;
  };
  DuelWorld world{Random{1}};
  SeededEntropy entropy{Random{2}};
  Phases phases;
  Server server{lab_config(), world, entropy, phases, Instant{}};
  CollectingSink out;
  server.advance(Instant{} + 50ms);
  server.flush(out);
  BOOST_TEST(phases.words == "receive step capture encode idle send idle ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
