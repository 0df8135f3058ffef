// Connections that take nothing, or keep much waiting.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

using Words = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(backpressure)

BOOST_AUTO_TEST_CASE(a_full_queue_costs_states_but_no_reliable_message) {
  Lab lab;
  Seat& seat = lab.join();
  Seat& other = lab.join();
  lab.out.answers[seat.peer] = SendStatus::queue_full;
  const std::uint32_t states = lab.log.states_sent[seat.peer];
  for (int tick = 0; tick < 10; ++tick) {
    lab.server.send(ClientId{1}, {1, bytes_of(std::to_string(tick))});
    lab.tick();
  }
  BOOST_TEST(lab.log.sends_refused[seat.peer] == 10u);
  BOOST_TEST(lab.log.states_sent[seat.peer] == states);
  BOOST_TEST(seat.log.heard.empty());
  BOOST_TEST((other.client.view() == lab.server.state()));

  lab.out.answers.clear();
  lab.tick();
  lab.tick();
  BOOST_TEST(seat.log.heard == (Words{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}),
             boost::test_tools::per_element());
  BOOST_TEST((seat.client.view() == lab.server.state()));
  BOOST_TEST(seat.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(a_welcome_that_was_not_taken_still_comes_first) {
  Lab lab;
  Seat& seat = lab.add_seat();
  lab.connect(seat);
  lab.out.answers[seat.peer] = SendStatus::queue_full;
  lab.tick();
  lab.tick();
  BOOST_TEST((seat.client.state() == ClientState::connecting));
  lab.out.answers.clear();
  lab.tick();
  BOOST_TEST(seat.client.connected());
  BOOST_TEST((seat.client.view() == lab.server.state()));
}

BOOST_AUTO_TEST_CASE(goodbye_goes_out_behind_what_was_not_taken) {
  Lab lab;
  Seat& seat = lab.join();
  lab.out.answers[seat.peer] = SendStatus::queue_full;
  lab.server.send(ClientId{1}, {1, bytes_of("before")});
  lab.tick();
  lab.out.answers.clear();
  lab.server.kick(ClientId{1}, "enough", lab.now);
  lab.down();
  BOOST_TEST(seat.log.heard == Words{"before"}, boost::test_tools::per_element());
  BOOST_TEST(seat.client.last_message() == "enough");
}

BOOST_AUTO_TEST_CASE(over_one_round_trip_of_backlog_the_state_waits) {
  Lab lab;
  Seat& seat = lab.join();
  lab.tick();
  const std::size_t state_bytes =
      17 + duel_schema().v1_state_update_bytes() + 4 + 1 + 1 + 1;  // header and one update
  lab.out.backlogs[seat.peer] = 2 * state_bytes;  // no round trip to speak of: two ticks are allowed
  lab.tick();
  BOOST_TEST(lab.log.states_skipped[seat.peer] == 0u);
  lab.out.backlogs[seat.peer] = 2 * state_bytes + 1;
  const std::uint32_t states = lab.log.states_sent[seat.peer];
  lab.tick();
  BOOST_TEST(lab.log.states_skipped[seat.peer] == 1u);
  BOOST_TEST(lab.log.states_sent[seat.peer] == states);

  lab.server.send(ClientId{1}, {1, bytes_of("but this goes")});
  lab.tick();
  BOOST_TEST(lab.log.states_skipped[seat.peer] == 2u);
  BOOST_TEST(seat.log.heard == Words{"but this goes"}, boost::test_tools::per_element());
  lab.out.backlogs.clear();
  lab.tick();
  BOOST_TEST((seat.client.view() == lab.server.state()));
}

BOOST_AUTO_TEST_CASE(an_empty_world_does_not_make_every_backlog_too_much) {
  ServerConfig config = lab_config();
  config.avatars = Avatars::none;
  Lab lab{config};
  Seat& seat = lab.join();
  lab.out.backlogs[seat.peer] = 2 * 17;  // two states of nothing but their header
  lab.tick();
  BOOST_TEST(lab.log.states_skipped[seat.peer] == 0u);
  BOOST_TEST((seat.client.view().tick() == lab.server.tick()));
}

BOOST_AUTO_TEST_CASE(a_longer_round_trip_allows_more_backlog) {
  Lab lab;
  Seat& seat = lab.join();
  lab.now += 500ms;
  lab.up(seat);  // the answer to the server's first ping, ten ticks after it
  lab.server.advance(lab.now);
  lab.down();
  BOOST_TEST((lab.server.players().at(0).rtt == 500ms));
  const std::size_t state_bytes = 17 + duel_schema().v1_state_update_bytes() + 4 + 1 + 1 + 1;
  lab.out.backlogs[seat.peer] = 10 * state_bytes;
  lab.tick();
  BOOST_TEST(lab.log.states_skipped[seat.peer] == 0u);
  lab.out.backlogs[seat.peer] = 10 * state_bytes + 1;
  lab.tick();
  BOOST_TEST(lab.log.states_skipped[seat.peer] == 1u);
}

// Where pings wait behind the states, the round trip grows with the backlog; it once allowed for itself.
BOOST_AUTO_TEST_CASE(a_round_trip_that_grows_with_the_backlog_allows_no_more_of_it) {
  Lab lab;
  Seat& seat = lab.join();
  lab.run(3s);  // the pings are answered at once
  for (int pings = 0; pings < 8; ++pings) {
    lab.now += 1s;
    lab.server.advance(lab.now);
    lab.down();
    lab.now += 2s;  // and from now on the answers come late
    lab.up(seat);
  }
  BOOST_TEST((lab.server.players().at(0).rtt > 500ms));
  const std::size_t state_bytes = 17 + duel_schema().v1_state_update_bytes() + 4 + 1 + 1 + 1;
  lab.out.backlogs[seat.peer] = 2 * state_bytes + 1;
  const std::uint32_t skipped = lab.log.states_skipped[seat.peer];
  lab.tick();
  BOOST_TEST(lab.log.states_skipped[seat.peer] == skipped + 1);
}

BOOST_AUTO_TEST_CASE(a_clients_full_queue_keeps_everything_but_the_oldest_inputs) {
  Lab lab;
  Seat& seat = lab.join();
  seat.out.answers[PeerId{}] = SendStatus::queue_full;
  seat.client.send({1, bytes_of("kept")});
  for (int i = 0; i < 10; ++i) {
    seat.client.push_input(turn(1), lab.now);
    lab.tick();
  }
  BOOST_TEST(seat.log.sends_refused == 10u);
  BOOST_TEST(lab.log.heard.empty());
  seat.out.answers.clear();
  lab.run(1s);
  BOOST_TEST(lab.log.heard == Words{"1: kept"}, boost::test_tools::per_element());
  BOOST_TEST(seat.client.input_ack().value == 10u);
  BOOST_TEST(seat.log.inputs_overflowed == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
