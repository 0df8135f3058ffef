// A connection breaks and the session goes on: the same player, the same entity, nothing reliable lost or
// repeated.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

using Strings = std::vector<std::string>;

ServerConfig patient(std::uint32_t players_max = 32) {
  ServerConfig config = lab_config();
  config.resume_grace = 30s;
  config.players_max = players_max;
  return config;
}

AppMessage word(std::string_view text) {
  return {1, bytes_of(text)};
}

// What was written is lost with the connection, and then the connection itself.
void break_after_writing(Lab& lab, Seat& seat) {
  seat.client.flush(seat.out);
  seat.out.writes.clear();
  lab.server.flush(lab.out);
  lab.out.writes.clear();
  lab.lose(seat);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(resume)

BOOST_AUTO_TEST_CASE(a_player_comes_back_as_itself_and_nothing_reliable_is_lost_or_repeated) {
  Lab lab{patient()};
  Seat& seat = lab.join();
  const EntityId entity = seat.client.welcome()->entity;
  seat.client.send(word("up 1"));
  lab.server.send(ClientId{1}, word("down 1"));
  lab.run(100ms);  // both arrive

  seat.client.send(word("up 2"));
  lab.server.send(ClientId{1}, word("down 2"));
  break_after_writing(lab, seat);  // written, never heard
  seat.client.send(word("refused"));
  lab.server.send(ClientId{1}, word("down 3"));  // queued while it is away
  BOOST_TEST(lab.server.players().at(0).connected == false);
  lab.run(5s);

  lab.connect(seat);
  lab.run(100ms);
  BOOST_TEST((seat.client.welcome()->entity == entity));
  BOOST_TEST(lab.server.players().at(0).connected);
  BOOST_TEST(seat.log.life == (Strings{"connected", "closed: connection_lost", "resumed"}),
             boost::test_tools::per_element());
  BOOST_TEST(lab.log.life == (Strings{"1 joined", "1 detached", "1 resumed"}),
             boost::test_tools::per_element());
  BOOST_TEST(seat.log.heard == (Strings{"down 1", "down 2", "down 3"}), boost::test_tools::per_element());
  BOOST_TEST(lab.log.heard == (Strings{"1: up 1", "1: up 2"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_arrived_but_was_not_acked_is_not_repeated) {
  Lab lab{patient()};
  Seat& seat = lab.join();
  seat.client.send(word("heard"));
  lab.up(seat);  // it arrives; its ack does not
  lab.lose(seat);
  lab.connect(seat);
  lab.run(100ms);
  BOOST_TEST(lab.log.heard == (Strings{"1: heard"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_newest_value_of_each_key_is_written_again) {
  Lab lab{patient()};
  Seat& seat = lab.join();
  lab.server.send_latest(ClientId{1}, 7, bytes_of("old"));
  lab.run(50ms);
  lab.server.send_latest(ClientId{1}, 7, bytes_of("new"));
  break_after_writing(lab, seat);
  lab.connect(seat);
  lab.run(100ms);
  BOOST_TEST(seat.log.heard == (Strings{"#7: old", "#7: new"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(inputs_and_states_go_on_where_they_were) {
  Lab lab{patient()};
  Seat& seat = lab.join();
  seat.client.push_input(turn(1), lab.now);
  lab.run(100ms);
  const Tick seen = seat.client.view().tick();
  lab.lose(seat);
  lab.run(1s);
  BOOST_TEST((seat.client.view().tick() == seen));
  lab.connect(seat);
  lab.run(100ms);
  BOOST_TEST((seat.client.push_input(turn(1), lab.now) == InputSequence{2}));
  lab.run(100ms);
  BOOST_TEST((seat.client.input_ack() == InputSequence{2}));
  BOOST_TEST((seat.client.view().tick() == lab.server.tick()));
  BOOST_TEST(seat.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(a_client_that_notices_first_takes_its_session_over_and_the_old_connection_is_closed) {
  Lab lab{patient()};
  Seat& seat = lab.join();
  const PeerId old = seat.peer;
  seat.client.on_connection_lost(lab.now);  // the server has not heard of it
  seat.open = false;
  lab.connect(seat);
  BOOST_TEST((seat.peer != old));
  lab.server.flush(lab.out);
  BOOST_TEST((lab.out.closed == std::vector{old}));
  lab.server.remove_peer(old, DisconnectReason::connection_lost, lab.now);  // its end, at last
  lab.server.receive(old, Buffer{1, 2, 3}, lab.now);
  BOOST_TEST(lab.log.life == (Strings{"1 joined", "1 detached", "1 resumed"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_comes_back_needs_no_seat_in_a_full_server) {
  Lab lab{patient(1)};
  Seat& seat = lab.join();
  lab.lose(seat);
  Seat& other = lab.add_seat();
  lab.connect(other);
  BOOST_TEST(other.log.life.back() == "refused: server_full");
  lab.connect(seat);
  lab.tick();
  BOOST_TEST(seat.log.life.back() == "resumed");
}

BOOST_AUTO_TEST_CASE(after_its_grace_a_player_is_gone_and_learns_what_may_be_lost) {
  Lab lab{patient()};
  Seat& seat = lab.join();
  seat.client.send(word("unacked"));
  seat.client.send(word("unacked too"));
  break_after_writing(lab, seat);
  lab.run(31s);
  BOOST_TEST(lab.log.life.back() == "1 left: connection_lost");
  BOOST_TEST(lab.server.players().empty());
  lab.connect(seat);
  lab.tick();
  BOOST_TEST(seat.log.life ==
                 (Strings{"connected", "closed: connection_lost", "session lost, unacked: 2", "connected"}),
             boost::test_tools::per_element());
  BOOST_TEST((seat.client.welcome()->client == ClientId{2}));
}

BOOST_AUTO_TEST_CASE(a_restarted_server_is_another_epoch_and_nothing_old_is_shown) {
  Lab before{patient()};
  Lab after{patient(), {}, 9};
  Seat& seat = before.join();
  before.run(2s);
  seat.client.send(word("never heard"));
  before.lose(seat);  // the server is gone

  const std::uint64_t old_epoch = seat.client.welcome()->epoch;
  seat.client.resume(before.now);
  seat.client.flush(seat.out);
  const PendingId pending = *after.acceptor.open(seat.address, after.now);
  const auto outcome =
      after.acceptor.receive(pending, bytes_of_write(seat.out.writes.at(0).message), after.now);
  after.server.flush(after.out);
  seat.client.receive(bytes_of_write(after.out.writes.at(0).message), before.now);  // a welcome, no state yet
  BOOST_TEST((outcome.kind == Acceptor::Outcome::Kind::seated));
  BOOST_TEST(seat.log.life.back() == "connected");
  BOOST_TEST(seat.log.life.at(2) == "session lost, unacked: 1");
  BOOST_TEST(seat.client.welcome()->epoch != old_epoch);
  BOOST_TEST((seat.client.view().tick() == Tick{}));  // ticks of the new epoch begin anew
  BOOST_TEST(!seat.client.view_digest(Tick{1}).has_value());
}

BOOST_AUTO_TEST_CASE(a_silent_connection_is_detached_and_closed) {
  Lab lab{patient()};
  Seat& seat = lab.join();
  const Instant end = lab.now + 25s;  // idle timeout: 10 s of RTT + 10 s
  while (lab.now < end) {
    lab.now = *lab.server.next_deadline();
    lab.server.advance(lab.now);
    lab.server.flush(lab.out);
  }
  BOOST_TEST(lab.log.life.back() == "1 detached");
  BOOST_TEST((lab.out.closed == std::vector{seat.peer}));
}

BOOST_AUTO_TEST_CASE(a_claim_without_the_key_or_with_impossible_acks_is_a_newcomer) {
  Lab lab{patient()};
  Seat& seat = lab.join();
  const Welcome welcome = *seat.client.welcome();
  const ResumeClaim good{welcome.epoch, welcome.client, welcome.resume_key, 0};
  const auto claim = [&](auto change) {
    ResumeClaim changed = good;
    change(changed);
    const PendingId pending = *lab.acceptor.open({"thief", 1}, lab.now);
    const Hello hello{1, 1, 0, 0, lab.server.schema().digest(), changed};
    const PeerId peer = lab.acceptor.receive(pending, frame_of(hello), lab.now).peer;
    lab.server.remove_peer(peer, DisconnectReason::kicked, lab.now);
    return lab.log.life.at(lab.log.life.size() - 2);
  };
  BOOST_TEST(claim([](ResumeClaim& changed) { changed.key.low ^= 1; }) == "2 joined");
  BOOST_TEST(claim([](ResumeClaim& changed) { changed.key.high ^= 1; }) == "3 joined");
  BOOST_TEST(claim([](ResumeClaim& changed) { changed.epoch ^= 1; }) == "4 joined");
  BOOST_TEST(claim([](ResumeClaim& changed) { changed.client = ClientId{9}; }) == "5 joined");
  BOOST_TEST(claim([](ResumeClaim& changed) { changed.received = 1; }) == "6 joined");
  BOOST_TEST(seat.client.connected());
  lab.tick();
  BOOST_TEST((seat.client.view().tick() == lab.server.tick()));  // it never noticed
  BOOST_TEST(claim([](ResumeClaim&) {}) == "1 resumed");         // the check itself can succeed
}

BOOST_AUTO_TEST_CASE(a_welcome_that_resumes_what_was_not_claimed_is_a_bad_packet) {
  Lab lab{patient()};
  Seat& seat = lab.join();
  Welcome welcome = *seat.client.welcome();
  lab.lose(seat);
  seat.client.resume(lab.now);
  seat.client.flush(seat.out);
  welcome.resumed = true;
  welcome.client = ClientId{2};
  seat.client.receive(frame_of(welcome), lab.now);
  BOOST_TEST((seat.client.state() == ClientState::connecting));
  welcome.client = ClientId{1};
  welcome.received = 5;  // of none that were sent
  seat.client.receive(frame_of(welcome), lab.now);
  BOOST_TEST(seat.log.faults == (Strings{"unexpected", "false_ack"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(whoever_leaves_or_is_sent_away_does_not_come_back) {
  Lab lab{patient()};
  Seat& leaver = lab.join();
  Seat& kicked = lab.join();
  leaver.client.disconnect(lab.now);
  lab.server.kick(ClientId{2}, "enough", lab.now);
  lab.run(100ms);
  BOOST_TEST(!leaver.client.can_resume());
  BOOST_TEST(!kicked.client.can_resume());
  BOOST_TEST(lab.server.players().empty());
}

BOOST_AUTO_TEST_CASE(a_player_can_be_kicked_while_it_is_away) {
  Lab lab{patient()};
  Seat& seat = lab.join();
  lab.lose(seat);
  BOOST_TEST(lab.server.kick(ClientId{1}, "", lab.now));
  lab.tick();
  BOOST_TEST(lab.log.life.back() == "1 left: kicked");
  lab.connect(seat);
  lab.tick();
  BOOST_TEST(seat.log.life.back() == "connected");  // as somebody else
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
