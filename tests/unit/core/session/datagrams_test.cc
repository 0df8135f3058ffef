// Sessions over datagrams, end to end: the same Server and Client as over a stream, and a network that loses,
// repeats, reorders, damages and forges.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "netrig/core/protocol/datagram_codec.h"
#include "netrig/core/protocol/session_seal.h"
#include "netrig/tests/support/seed.h"
#include "netrig/tests/unit/core/session/datagram_testing.h"

namespace netrig::testing {
namespace {

using Strings = std::vector<std::string>;

AppMessage word(std::string_view text) {
  return {1, bytes_of(text)};
}

// In a packet without a seal.
int count_welcomes(Bytes packet) {
  Ack ack;
  const auto view = decode_datagram(packet, Sender::server, ack);
  BOOST_REQUIRE(view.has_value());
  int count = 0;
  for (Bytes rest = view->messages; !rest.empty();) {
    const RawMessage message = take_message(rest);
    if (message.type != MessageType::numbered) continue;
    count += decode_numbered(message.body)->inner.type == MessageType::welcome ? 1 : 0;
  }
  return count;
}

bool is_session(Bytes datagram) {
  return datagram[0] == kSessionDatagram;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datagrams)

BOOST_AUTO_TEST_CASE(a_player_joins_plays_and_leaves_sealed_or_not) {
  for (const bool encrypted : {true, false}) {
    DatagramLab lab{encrypted};
    DatagramSeat& seat = lab.join();
    BOOST_TEST(seat.client.peer().datagrams()->is_sealed() == encrypted);
    for (int i = 0; i < 40; ++i) {
      seat.client.push_input(turn(1), lab.now);
      lab.tick();
    }
    BOOST_TEST(seat.log.states.size() >= 40u);
    BOOST_TEST(seat.log.states.back().digest == lab.server.view_digest(seat.peer, lab.server.tick()).value());
    BOOST_TEST(seat.client.input_ack().value >= 39u);
    seat.client.disconnect(lab.now);
    lab.run(200ms);
    BOOST_TEST(seat.log.life == (Strings{"connected", "closed: left"}), boost::test_tools::per_element());
    BOOST_TEST(lab.log.life == (Strings{"1 joined", "1 left: left"}), boost::test_tools::per_element());
    BOOST_TEST(seat.log.faults.empty());
    BOOST_TEST(lab.log.faults.empty());
  }
}

// The server learns of the round trip from the age of the cookie. It once began with a time-out of one
// second, so a player who was five seconds away got its welcome three times; no test counted them.
BOOST_AUTO_TEST_CASE(a_welcome_is_sent_once_however_far_the_player_is) {
  struct Held {
    Instant arrives;
    bool is_up;
    Buffer bytes;
  };
  for (const Duration rtt : {Duration{200ms}, Duration{2s}, Duration{5s}, Duration{10s}}) {
    DatagramLab lab{false};
    std::vector<Held> under_way;
    int welcomes = 0;
    lab.lose = [&](const Address&, bool is_up, Bytes datagram) {
      if (!is_up && is_session(datagram)) welcomes += count_welcomes(datagram.subspan(kSessionHeadBytes));
      under_way.push_back({lab.now + rtt / 2, is_up, {datagram.begin(), datagram.end()}});
      return true;
    };
    DatagramSeat& seat = lab.add_seat();
    seat.client.connect(lab.now);
    while (lab.now < Instant{} + 4 * rtt + 1s) {
      lab.tick();
      const auto is_under_way = [&](const Held& held) { return held.arrives > lab.now; };
      const auto due = std::stable_partition(under_way.begin(), under_way.end(), is_under_way);
      const std::vector<Held> arrived(due, under_way.end());
      under_way.erase(due, under_way.end());
      for (const Held& held : arrived) {
        if (held.is_up) lab.hear(seat, held.bytes);
        if (!held.is_up) seat.client.receive(held.bytes, lab.now);
        lab.up(seat);
      }
    }
    BOOST_TEST(seat.client.connected());
    BOOST_TEST(welcomes == 1, "at " << rtt.count() << " ns");
  }
}

BOOST_AUTO_TEST_CASE(a_state_of_many_entities_comes_in_parts_of_at_most_1200_bytes) {
  ServerConfig config;
  config.players_max = 200;
  config.avatars = Avatars::from_start;
  DatagramLab lab{true, 8, config};
  std::size_t longest = 0;
  std::size_t parts = 0;
  lab.tap = [&](DatagramSeat&, bool is_up, Buffer& datagram) {
    longest = std::max(longest, datagram.size());
    parts += !is_up && is_session(datagram) ? 1 : 0;
  };
  DatagramSeat& seat = lab.join();
  BOOST_TEST(seat.client.view().size() == 200u);
  parts = 0;
  lab.tick();
  BOOST_TEST(longest == kDatagramBytesMax);  // the request; no state is longer
  BOOST_TEST(parts > 1u);
}

BOOST_AUTO_TEST_CASE(parts_of_a_state_may_come_in_any_order_and_the_ticks_mixed) {
  ServerConfig config;
  config.players_max = 100;
  config.avatars = Avatars::from_start;
  DatagramLab lab{true, 8, config};
  DatagramSeat& seat = lab.join();
  std::vector<Buffer> held;
  for (int tick = 0; tick < 3; ++tick) {
    lab.now = *lab.server.next_deadline();
    lab.server.advance(lab.now);
    lab.server.flush(lab.out);
    for (const auto& write : std::exchange(lab.out.writes, {})) held.push_back(bytes_of_write(write.message));
  }
  std::reverse(held.begin(), held.end());
  std::swap(held[0], held[held.size() / 2]);
  const std::size_t before = seat.log.states.size();
  for (const Buffer& datagram : held) seat.client.receive(datagram, lab.now);
  BOOST_TEST((seat.client.view().tick() == lab.server.tick()));
  BOOST_TEST(seat.log.states.size() >= before + 1);
  BOOST_TEST(seat.log.faults.empty());
}

// Whichever one datagram is lost, the session begins, nothing reliable is missing, and no input is.
BOOST_AUTO_TEST_CASE(any_one_datagram_may_be_lost) {
  std::size_t sent = 0;
  for (std::size_t lost = 0; lost <= sent; ++lost) {
    DatagramLab lab;
    DatagramSeat& seat = lab.add_seat();
    std::size_t number = 0;
    lab.lose = [&](const Address&, bool, Bytes) { return number++ == lost; };
    seat.client.connect(lab.now);
    BOOST_REQUIRE(lab.run_until([&] { return seat.client.connected(); }, 20s));
    for (int i = 0; i < 10; ++i) {
      seat.client.push_input(turn(1), lab.now);
      seat.client.send(word("up " + std::to_string(i)));
      lab.server.send(ClientId{1}, word("down " + std::to_string(i)));
      lab.tick();
    }
    for (int i = 0; i < 3; ++i) {  // the last ones are said three times, too
      seat.client.push_input(turn(0), lab.now);
      lab.tick();
    }
    lab.run(12s);
    sent = std::min<std::size_t>(number, 60);
    BOOST_TEST(seat.log.heard.size() == 10u);
    BOOST_TEST(lab.log.heard.size() == 10u);
    BOOST_TEST(seat.log.heard.back() == "down 9");
    BOOST_TEST(lab.log.heard.back() == "1: up 9");
    BOOST_TEST((seat.client.input_ack() == InputSequence{13}));
    BOOST_TEST((seat.client.view().tick() == lab.server.tick()));
  }
  BOOST_TEST(sent == 60u);
}

BOOST_AUTO_TEST_CASE(whatever_is_repeated_counts_once) {
  DatagramLab lab;
  lab.tap = [&](DatagramSeat& seat, bool is_up, Buffer& datagram) {
    const Buffer copy = datagram;
    if (!is_session(copy)) return;
    is_up ? lab.server.receive(seat.peer, copy, lab.now) : seat.client.receive(copy, lab.now);
  };
  DatagramSeat& seat = lab.join();
  seat.client.send(word("once"));
  lab.server.send(ClientId{1}, word("once"));
  lab.run(1s);
  BOOST_TEST(seat.log.heard == (Strings{"once"}), boost::test_tools::per_element());
  BOOST_TEST(lab.log.heard == (Strings{"1: once"}), boost::test_tools::per_element());
  BOOST_TEST(seat.log.faults.empty());
  BOOST_TEST(seat.client.peer().datagrams()->replayed() > 10u);
}

BOOST_AUTO_TEST_CASE(a_damaged_datagram_is_counted_and_harms_nobody) {
  DatagramLab lab;
  Random random{test_seed()};
  DatagramSeat& seat = lab.join();
  DatagramSeat& other = lab.join();
  bool damages = true;
  lab.tap = [&](DatagramSeat& to, bool, Buffer& datagram) {
    if (&to != &seat || !damages || !random.chance(500'000)) return;
    datagram[random.below(datagram.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
  };
  for (int i = 0; i < 100; ++i) {
    seat.client.send(word("up"));
    lab.server.send(ClientId{1}, word("down"));
    lab.tick();
  }
  damages = false;
  lab.run(30s);
  BOOST_TEST(seat.log.heard.size() == 100u);
  BOOST_TEST(std::count(lab.log.heard.begin(), lab.log.heard.end(), "1: up") == 100);
  BOOST_TEST(lab.log.life.size() == 2u);  // both joined, nobody left
  BOOST_TEST(seat.log.life.size() == 1u);
  BOOST_TEST(std::count(seat.log.faults.begin(), seat.log.faults.end(), "forged") > 10);
  BOOST_TEST(std::all_of(lab.log.faults.begin(), lab.log.faults.end(),
                         [](const std::string& fault) { return fault == "1 forged"; }));
  BOOST_TEST(other.log.faults.empty());
  BOOST_TEST((other.client.view().tick() == lab.server.tick()));
}

BOOST_AUTO_TEST_CASE(somebody_elses_datagrams_are_not_ours) {
  DatagramLab lab;
  DatagramSeat& seat = lab.join();
  DatagramSeat& thief = lab.join();
  std::vector<Buffer> said;
  lab.tap = [&](DatagramSeat& from, bool is_up, Buffer& datagram) {
    if (&from == &seat && is_up) said.push_back(datagram);
  };
  seat.client.send(word("mine"));
  lab.run(200ms);
  const std::size_t heard = lab.log.heard.size();
  for (const Buffer& datagram : said) lab.server.receive(thief.peer, datagram, lab.now);
  BOOST_TEST(lab.log.heard.size() == heard);
  BOOST_TEST(thief.client.connected());
}

BOOST_AUTO_TEST_CASE(a_kick_reaches_a_client_that_loses_two_datagrams_in_a_row) {
  DatagramLab lab;
  DatagramSeat& seat = lab.join();
  int last_words = 0;
  lab.lose = [&](const Address&, bool is_up, Bytes) { return !is_up && last_words++ < 2; };
  lab.server.kick(ClientId{1}, "enough", lab.now);
  lab.server.flush(lab.out);
  lab.out.closed.clear();
  for (const auto& write : std::exchange(lab.out.writes, {})) {
    if (!lab.lose(seat.address, false, {})) seat.client.receive(bytes_of_write(write.message), lab.now);
  }
  BOOST_TEST(seat.log.life.back() == "closed: kicked");
  BOOST_TEST(seat.client.last_message() == "enough");
}

BOOST_AUTO_TEST_CASE(a_session_goes_on_from_another_address_with_nothing_lost_or_repeated) {
  DatagramLab lab;
  DatagramSeat& seat = lab.join();
  const EntityId entity = seat.client.welcome()->entity;
  seat.client.send(word("up 1"));
  lab.server.send(ClientId{1}, word("down 1"));
  lab.run(200ms);
  lab.lose = [](const Address&, bool, Bytes) { return true; };  // the path is gone
  seat.client.send(word("up 2"));
  lab.server.send(ClientId{1}, word("down 2"));
  lab.run(25s);
  BOOST_TEST(seat.log.life.back() == "closed: timeout");
  BOOST_TEST(lab.log.life.back() == "1 detached");

  lab.lose = nullptr;
  seat.address = {"client-0", 2};
  seat.client.resume(lab.now);
  lab.run(1s);
  BOOST_TEST(seat.log.life.back() == "resumed");
  BOOST_TEST((seat.client.welcome()->entity == entity));
  BOOST_TEST(seat.log.heard == (Strings{"down 1", "down 2"}), boost::test_tools::per_element());
  BOOST_TEST(lab.log.heard == (Strings{"1: up 1", "1: up 2"}), boost::test_tools::per_element());
  BOOST_TEST((seat.client.view().tick() == lab.server.tick()));
}

BOOST_AUTO_TEST_CASE(a_restarted_server_is_another_epoch_over_datagrams_too) {
  DatagramLab before;
  DatagramSeat& seat = before.join();
  before.lose = [](const Address&, bool, Bytes) { return true; };
  seat.client.send(word("never heard"));
  before.run(25s);

  DatagramLab after{true, 9};
  after.now = before.now;
  DatagramSeat& again = after.add_seat();
  seat.client.resume(before.now);
  // The old client speaks with the new server.
  for (int step = 0; step < 10 && !seat.client.connected(); ++step) {
    seat.client.flush(seat.out);
    for (const auto& write : std::exchange(seat.out.writes, {})) {
      const Buffer datagram = bytes_of_write(write.message);
      if (is_session(datagram)) continue;
      const auto outcome = after.acceptor.receive(again.address, datagram, after.now);
      if (outcome.seated) again.peer = *outcome.seated;
      if (outcome.reply.head) seat.client.receive(outcome.reply.head->bytes, after.now);
    }
    after.server.flush(after.out);
    for (const auto& write : std::exchange(after.out.writes, {})) {
      seat.client.receive(bytes_of_write(write.message), after.now);
    }
  }
  BOOST_TEST(seat.log.life.back() == "connected");
  BOOST_TEST(seat.log.life.at(seat.log.life.size() - 2) == "session lost, unacked: 1");
  BOOST_TEST((seat.client.view().tick() == Tick{}));
}

BOOST_AUTO_TEST_CASE(a_newcomer_that_never_answers_keeps_no_seat) {
  DatagramLab lab;
  DatagramSeat& seat = lab.add_seat();
  lab.lose = [](const Address&, bool is_up, Bytes datagram) { return is_up && is_session(datagram); };
  seat.client.connect(lab.now);
  lab.run(2s);
  BOOST_TEST(lab.server.players().size() == 1u);
  lab.lose = [](const Address&, bool, Bytes) { return true; };
  lab.run(90s);
  BOOST_TEST(lab.server.players().empty());
  BOOST_TEST(lab.log.life.back() == "1 left: timeout");
}

BOOST_AUTO_TEST_CASE(any_bytes_from_anybody_are_safe) {
  DatagramLab lab;
  DatagramSeat& seat = lab.join();
  Random random{test_seed()};
  for (int i = 0; i < 20'000; ++i) {
    Buffer junk(1 + random.below(1'300));
    for (std::uint8_t& byte : junk) byte = static_cast<std::uint8_t>(random.bits());
    junk[0] = static_cast<std::uint8_t>(random.below(20));
    if (junk[0] >= kSessionDatagram) junk[0] = kSessionDatagram;
    lab.server.receive(seat.peer, junk, lab.now);
    if (junk[0] < kSessionDatagram) lab.acceptor.receive({"stranger", 9}, junk, lab.now);
    seat.client.receive(junk, lab.now);
  }
  lab.run(1s);
  BOOST_TEST(seat.client.connected());
  BOOST_TEST((seat.client.view().tick() == lab.server.tick()));
  BOOST_TEST(lab.server.players().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
