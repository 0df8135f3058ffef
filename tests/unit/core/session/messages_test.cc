// Everything in a session beside states and inputs: pings, acks, and the messages of the game.
#include <boost/test/unit_test.hpp>

#include "netrig/core/protocol/codec.h"
#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

using Words = std::vector<std::string>;

// What waits in a client for the server, as it leaves.
std::string flushed(Seat& seat) {
  seat.client.flush(seat.out);
  const auto writes = std::exchange(seat.out.writes, {});
  std::string words;
  for (const CollectingSink::Write& write : writes)
    words += said(bytes_of_write(write.message), Sender::client);
  return words;
}

BOOST_AUTO_TEST_SUITE(messages)

BOOST_AUTO_TEST_CASE(pings_measure_the_link_and_the_other_clock) {
  // Up 30 ms, down 70 ms; the client's clock is an hour ahead.
  constexpr Duration kAhead = 3600s;
  Lab lab;
  Seat& seat = lab.add_seat();
  seat.client.connect(lab.now + kAhead);
  seat.client.flush(seat.out);
  seat.pending = lab.acceptor.open(seat.address, lab.now);
  lab.hear(seat, bytes_of_write(std::exchange(seat.out.writes, {}).at(0).message));

  for (int tick = 1; tick <= 200; ++tick) {
    lab.now = *lab.server.next_deadline();
    lab.server.advance(lab.now);
    lab.server.flush(lab.out);
    const Buffer down = bytes_of_write(std::exchange(lab.out.writes, {}).at(0).message);
    const Instant heard = lab.now + 70ms + kAhead;
    seat.client.receive(down, heard);
    seat.client.advance(heard);
    seat.client.flush(seat.out);
    for (const auto& write : std::exchange(seat.out.writes, {})) {
      lab.server.receive(seat.peer, bytes_of_write(write.message), lab.now + 100ms);
    }
    lab.server.advance(lab.now + 100ms);  // the next two ticks; their states are not sent in this test
  }
  const RttEstimator& rtt = seat.client.rtt();
  BOOST_REQUIRE(rtt.has_sample());
  BOOST_TEST((rtt.latest() == 100ms));
  BOOST_TEST((rtt.smoothed() == 100ms));
  BOOST_TEST((rtt.jitter() == 0ns));
  // Half of 100 ms is taken for each way, so the uneven link hides 20 ms.
  BOOST_TEST((*rtt.clock_offset() == -kAhead - 20ms));
  BOOST_TEST((lab.server.players().at(0).rtt == 100ms));
  BOOST_TEST(seat.log.faults.empty());
  BOOST_TEST(lab.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(reliable_messages_arrive_once_in_order_and_are_acked) {
  Lab lab;
  Seat& seat = lab.join();
  lab.tick();
  for (const char* const word : {"one", "two", "three"}) {
    BOOST_TEST((seat.client.send({1, bytes_of(word)}) == SendStatus::accepted));
  }
  lab.up(seat);
  BOOST_TEST(lab.log.heard == (Words{"1: one", "1: two", "1: three"}), boost::test_tools::per_element());

  lab.now = *lab.server.next_deadline();
  lab.server.advance(lab.now);
  lab.server.flush(lab.out);
  const Buffer answer = bytes_of_write(lab.out.writes.at(0).message);
  BOOST_TEST(said(answer, Sender::server) == "ack | state_header | state_update");
  seat.client.receive(answer, lab.now);
  BOOST_TEST(seat.log.faults.empty());

  lab.out.writes.clear();
  BOOST_TEST((lab.server.send(ClientId{1}, {1, bytes_of("four")}) == SendStatus::accepted));
  BOOST_TEST((lab.server.send(ClientId{1}, {1, bytes_of("five")}) == SendStatus::accepted));
  lab.down();
  BOOST_TEST(seat.log.heard == (Words{"four", "five"}), boost::test_tools::per_element());
  BOOST_TEST(flushed(seat) == "ack");
}

BOOST_AUTO_TEST_CASE(of_a_key_only_the_newest_is_heard) {
  Lab lab;
  Seat& seat = lab.join();
  seat.client.send_latest(7, bytes_of("old"));
  seat.client.send_latest(7, bytes_of("new"));
  seat.client.send_latest(8, bytes_of("other"));
  lab.up(seat);
  BOOST_TEST(lab.log.heard == (Words{"1 #7: new", "1 #8: other"}), boost::test_tools::per_element());

  lab.server.send_latest(ClientId{1}, 9, bytes_of("older"));
  lab.server.send_latest(ClientId{1}, 9, bytes_of("newer"));
  lab.down();
  BOOST_TEST(seat.log.heard == Words{"#9: newer"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_broadcast_reaches_every_player) {
  Lab lab;
  BOOST_TEST(lab.server.broadcast({1, bytes_of("anybody?")}) == 0u);
  lab.join();
  lab.join();
  lab.join();
  BOOST_TEST(lab.server.broadcast({1, bytes_of("hello")}) == 3u);
  lab.tick();
  for (const auto& seat : lab.seats)
    BOOST_TEST(seat->log.heard == Words{"hello"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_unicast_reaches_one_player_and_an_unknown_one_is_an_answer) {
  Lab lab;
  Seat& first = lab.join();
  Seat& second = lab.join();
  BOOST_TEST((lab.server.send(ClientId{2}, {1, bytes_of("psst")}) == SendStatus::accepted));
  lab.tick();
  BOOST_TEST(first.log.heard.empty());
  BOOST_TEST(second.log.heard == Words{"psst"}, boost::test_tools::per_element());

  for (const ClientId stranger : {ClientId{}, ClientId{3}, ClientId{UINT64_MAX}}) {
    BOOST_TEST((lab.server.send(stranger, {1, {}}) == SendStatus::closed));
    BOOST_TEST((lab.server.send_latest(stranger, 1, {}) == SendStatus::closed));
    BOOST_TEST(!lab.server.kick(stranger, "", lab.now));
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_an_answer_and_not_a_loss) {
  Lab lab;
  Seat& seat = lab.join();
  const Buffer too_large(kAppMessageBytesMax + 1);
  BOOST_TEST((seat.client.send({1, too_large}) == SendStatus::too_large));
  BOOST_TEST((lab.server.send(ClientId{1}, {1, too_large}) == SendStatus::too_large));
  BOOST_TEST(lab.server.broadcast({1, too_large}) == 0u);
  const Bytes largest = Bytes{too_large}.first(kAppMessageBytesMax);
  int taken = 0;
  while (lab.server.send(ClientId{1}, {1, largest}) == SendStatus::accepted) ++taken;
  BOOST_TEST(taken == 8);  // 256 KiB
  lab.tick();
  BOOST_TEST(seat.log.heard.size() == 8u);
  BOOST_TEST(seat.client.view().tick().value == 2u);  // the state came after it, in the same write
}

BOOST_AUTO_TEST_CASE(the_player_list_tells_who_is_there) {
  Lab lab;
  BOOST_TEST(lab.server.players().empty());
  Seat& first = lab.join();
  Seat& second = lab.join();
  const std::vector<Player> two = lab.server.players();
  BOOST_REQUIRE(two.size() == 2u);
  BOOST_TEST((two[0].client == ClientId{1}));
  BOOST_TEST((two[1].client == ClientId{2}));
  BOOST_TEST((two[1].peer == second.peer));
  BOOST_TEST((two[1].entity == second.client.welcome()->entity));
  BOOST_TEST((two[1].address == second.address));

  first.client.disconnect(lab.now);
  lab.up(first);
  BOOST_REQUIRE(lab.server.players().size() == 1u);
  BOOST_TEST((lab.server.players()[0].client == ClientId{2}));
}

BOOST_AUTO_TEST_CASE(who_is_kicked_hears_why_after_all_that_was_said_before) {
  Lab lab;
  Seat& seat = lab.join();
  Seat& other = lab.join();
  lab.server.send(ClientId{1}, {1, bytes_of("last words")});
  BOOST_TEST(lab.server.kick(ClientId{1}, "see you", lab.now));
  BOOST_TEST(lab.server.players().size() == 1u);
  BOOST_TEST((lab.server.send(ClientId{1}, {1, {}}) == SendStatus::closed));
  BOOST_TEST(!lab.server.kick(ClientId{1}, "again", lab.now));

  lab.hear(seat, frame_of(InputMessage{InputSequence{1}, Tick{}, turn(1)}));  // not heard any more
  lab.server.flush(lab.out);
  const auto goodbye = std::find_if(lab.out.writes.begin(), lab.out.writes.end(),
                                    [&](const auto& write) { return write.peer == seat.peer; });
  BOOST_REQUIRE((goodbye != lab.out.writes.end()));
  const Buffer bytes = bytes_of_write(goodbye->message);
  BOOST_TEST(said(bytes, Sender::server) == "app_reliable disconnect");
  BOOST_TEST((lab.out.closed == std::vector<PeerId>{seat.peer}));
  seat.client.receive(bytes, lab.now);
  BOOST_TEST(seat.log.heard == Words{"last words"}, boost::test_tools::per_element());
  BOOST_TEST(seat.client.last_message() == "see you");
  BOOST_TEST(seat.log.life.back() == "closed: kicked");
  lab.lose(seat);
  BOOST_TEST(seat.log.life.size() == 2u);  // connected, closed: once each
  lab.out = {};
  lab.tick();
  BOOST_TEST(other.client.connected());
}

BOOST_AUTO_TEST_CASE(a_word_for_the_kicked_is_cut_between_characters) {
  Lab lab;
  Seat& seat = lab.join();
  std::string word(kReasonTextBytesMax - 1, 'x');
  lab.server.kick(ClientId{1}, word + "\xC3\xA9 and more", lab.now);  // e with an accent, over the edge
  lab.down();
  BOOST_TEST(seat.client.last_message() == word);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
