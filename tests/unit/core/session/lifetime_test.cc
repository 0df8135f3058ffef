// How sessions end, and that they do not end otherwise.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

using Words = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(lifetime)

BOOST_AUTO_TEST_CASE(a_player_who_leaves_is_gone_on_both_sides) {
  Lab lab;
  Seat& seat = lab.join();
  Seat& other = lab.join();
  seat.client.push_input(turn(1), lab.now);
  seat.client.disconnect(lab.now);
  BOOST_TEST((seat.client.state() == ClientState::leaving));
  BOOST_TEST((seat.client.push_input(turn(1), lab.now) == InputSequence{}));

  seat.client.flush(seat.out);
  const Buffer last = bytes_of_write(seat.out.writes.at(0).message);
  BOOST_TEST(said(last, Sender::client) == "input leave");
  BOOST_TEST((seat.client.state() == ClientState::idle));
  BOOST_TEST(seat.out.closed.size() == 1u);
  lab.hear(seat, last);
  BOOST_TEST(lab.log.life == (Words{"1 joined", "2 joined", "1 left: left"}),
             boost::test_tools::per_element());

  lab.server.flush(lab.out);
  BOOST_TEST((lab.out.closed == std::vector<PeerId>{seat.peer}));
  lab.lose(seat);
  lab.out = {};
  lab.tick();
  BOOST_TEST(lab.log.life.size() == 3u);  // reported once
  BOOST_TEST(seat.log.life == (Words{"connected", "closed: left"}), boost::test_tools::per_element());
  BOOST_TEST(other.client.connected());
}

BOOST_AUTO_TEST_CASE(a_lost_connection_ends_the_session_on_both_sides) {
  Lab lab;
  Seat& seat = lab.join();
  lab.lose(seat);
  BOOST_TEST(lab.log.life == (Words{"1 joined", "1 left: connection_lost"}),
             boost::test_tools::per_element());
  BOOST_TEST(seat.log.life == (Words{"connected", "closed: connection_lost"}),
             boost::test_tools::per_element());
  lab.server.remove_peer(seat.peer, DisconnectReason::connection_lost, lab.now);
  lab.server.receive(seat.peer, frame_of(Ping{1}), lab.now);
  lab.tick();
  BOOST_TEST(lab.log.life.size() == 2u);
  BOOST_TEST(lab.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(an_idle_session_lives_for_as_long_as_both_are_there) {
  Lab lab;
  Seat& seat = lab.join();
  lab.run(600s);  // no input, no message: pings are all there is
  BOOST_TEST(seat.client.connected());
  BOOST_TEST(lab.server.players().size() == 1u);
  BOOST_TEST(seat.log.life.size() == 1u);
  const MessageTotal& pings = seat.log.sent.by_message[message_row(MessageType::ping)];
  BOOST_TEST(pings.count >= 599u);
  BOOST_TEST(pings.count <= 602u);
}

BOOST_AUTO_TEST_CASE(keep_alive_asks_for_its_time_itself) {
  Lab lab;
  Seat& seat = lab.join();
  lab.tick();  // its first ping
  const Instant pinged = lab.now;
  BOOST_TEST((seat.client.next_deadline() == std::optional{pinged + 1s}));
  seat.client.advance(pinged + 1s);
  seat.client.flush(seat.out);
  BOOST_TEST(said(bytes_of_write(seat.out.writes.at(0).message), Sender::client) == "ping");
}

BOOST_AUTO_TEST_CASE(a_silent_player_is_sent_away_after_the_timeout_and_not_before) {
  Lab lab;
  Seat& seat = lab.join();
  const Instant joined = lab.now - 50ms;  // it was heard last when it said hello
  const Duration timeout = derive_windows(lab_config().horizon).idle_timeout;
  BOOST_TEST((timeout == 20s));
  while (*lab.server.next_deadline() < joined + timeout) {
    lab.now = *lab.server.next_deadline();
    lab.server.advance(lab.now);
    lab.server.flush(lab.out);
  }
  BOOST_TEST(lab.log.life.size() == 1u);
  lab.now = joined + timeout;
  lab.server.advance(lab.now);
  BOOST_TEST(lab.log.life.back() == "1 left: timeout");
  lab.out.writes.clear();
  lab.server.flush(lab.out);
  BOOST_TEST(said(bytes_of_write(lab.out.writes.at(0).message), Sender::server).ends_with("disconnect"));
  BOOST_TEST((lab.out.closed == std::vector<PeerId>{seat.peer}));
}

BOOST_AUTO_TEST_CASE(a_silent_server_is_given_up_after_the_timeout_and_not_before) {
  Lab lab;
  Seat& seat = lab.join();
  const Instant heard = lab.now;
  for (Instant now = heard; now < heard + 20s; now += 500ms) {
    seat.client.advance(now);
    seat.client.flush(seat.out);
  }
  BOOST_TEST(seat.client.connected());
  seat.client.advance(heard + 20s - 1ns);
  BOOST_TEST(seat.client.connected());
  seat.client.flush(seat.out);
  BOOST_TEST((*seat.client.next_deadline() <= heard + 20s));
  seat.client.advance(heard + 20s);
  BOOST_TEST(seat.log.life.back() == "closed: timeout");
  seat.client.flush(seat.out);
  BOOST_TEST(seat.out.closed.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_timeout_follows_from_the_longest_round_trip_promised) {
  ServerConfig config = lab_config();
  config.horizon.rtt_max = 200ms;
  Lab lab{config};
  Seat& seat = lab.add_seat({.horizon = config.horizon});
  lab.connect(seat);
  lab.tick();
  seat.client.advance(lab.now + 10s + 200ms - 1ns);
  BOOST_TEST(seat.client.connected());
  seat.client.advance(lab.now + 10s + 200ms);
  BOOST_TEST(!seat.client.connected());
}

BOOST_AUTO_TEST_CASE(a_server_that_stops_tells_everybody_and_ticks_on_alone) {
  Lab lab;
  Seat& first = lab.join();
  Seat& second = lab.join();
  lab.server.stop(lab.now);
  BOOST_TEST(lab.server.players().empty());
  lab.down();
  BOOST_TEST(first.log.life.back() == "closed: stopping");
  BOOST_TEST(second.log.life.back() == "closed: stopping");
  Seat& late = lab.add_seat();
  lab.connect(late);
  BOOST_TEST(late.client.last_message() == "stopping");
  const Tick before = lab.server.tick();
  lab.run(1s);
  BOOST_TEST(lab.server.tick().value == before.value + 20);
  lab.server.stop(lab.now);
  BOOST_TEST(lab.log.life.size() == 5u);  // two joined, two left, one refused
}

BOOST_AUTO_TEST_CASE(a_server_with_nobody_to_serve_works) {
  Lab lab;
  lab.server.stop(lab.now);
  lab.server.stop(lab.now);
  lab.run(1s);
  BOOST_TEST(lab.log.ticks.size() == 20u);
  BOOST_TEST(lab.server.broadcast({1, {}}) == 0u);
  BOOST_TEST(lab.out.writes.empty());
}

BOOST_AUTO_TEST_CASE(servers_beside_each_other_know_nothing_of_each_other) {
  Lab here;
  Lab there;
  Seat& a = here.join();
  Seat& b = there.join();
  a.client.push_input(turn(50), here.now);
  here.run(1s);
  there.run(1s);
  BOOST_TEST((a.client.view().digest() != b.client.view().digest()));
  BOOST_TEST(
      (a.client.view_digest(here.server.tick()) == here.server.view_digest(a.peer, here.server.tick())));
  BOOST_TEST(
      (b.client.view_digest(there.server.tick()) == there.server.view_digest(b.peer, there.server.tick())));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
