#include <boost/test/unit_test.hpp>

#include "netrig/core/protocol/codec.h"
#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

Hello good_hello(const Lab& lab) {
  return {kProtocolVersionMin, kProtocolVersionMax, 0, 0, lab.server.schema().digest()};
}

// What a connection from `from` that says these bytes is told: the reason it is refused for, or "seated",
// "waiting".
std::string answer_to(Lab& lab, Bytes bytes, const Address& from = {"stranger", 1}) {
  const std::optional<PendingId> pending = lab.acceptor.open(from, lab.now);
  BOOST_REQUIRE(pending.has_value());
  const Acceptor::Outcome outcome = lab.acceptor.receive(*pending, bytes, lab.now);
  if (outcome.kind == Acceptor::Outcome::Kind::seated) return "seated";
  if (outcome.kind == Acceptor::Outcome::Kind::waiting) return "waiting";
  const Buffer reply = bytes_of_write(outcome.reply);
  BOOST_TEST(said(reply, Sender::server) == "refuse");
  Bytes rest = Bytes{reply}.subspan(kFrameHeaderBytes + 1);
  return std::string{text(decode_refuse(take_message(rest).body)->reason)};
}

ServerConfig seats_for(std::uint32_t players) {
  ServerConfig config = lab_config();
  config.players_max = players;
  return config;
}

BOOST_AUTO_TEST_SUITE(handshake)

BOOST_AUTO_TEST_CASE(a_hello_is_answered_with_a_welcome_and_then_the_first_state) {
  Lab lab;
  Seat& seat = lab.add_seat();

  seat.client.connect(lab.now);
  seat.client.flush(seat.out);
  BOOST_REQUIRE(seat.out.writes.size() == 1u);
  const Buffer hello = bytes_of_write(seat.out.writes[0].message);
  BOOST_TEST(said(hello, Sender::client) == "hello");

  const PendingId pending = *lab.acceptor.open(seat.address, lab.now);
  const Acceptor::Outcome outcome = lab.acceptor.receive(pending, hello, lab.now);
  BOOST_REQUIRE((outcome.kind == Acceptor::Outcome::Kind::seated));
  BOOST_TEST(lab.acceptor.waiting() == 0u);

  lab.now = *lab.server.next_deadline();
  BOOST_TEST((lab.now == Instant{} + 50ms));  // tick 1 at 20 Hz
  lab.server.advance(lab.now);
  lab.server.flush(lab.out);
  BOOST_REQUIRE(lab.out.writes.size() == 1u);  // all of it in one write
  const Buffer first = bytes_of_write(lab.out.writes[0].message);
  BOOST_TEST(said(first, Sender::server) == "welcome ping | state_header | state_update");

  seat.client.receive(first, lab.now);
  BOOST_TEST(seat.client.connected());
  const Welcome& welcome = *seat.client.welcome();
  BOOST_TEST(welcome.version == kProtocolVersionMax);
  BOOST_TEST(welcome.epoch == lab.server.epoch());
  BOOST_TEST(welcome.client.value == 1u);
  BOOST_TEST(welcome.entity.value == 1u);
  BOOST_TEST(welcome.tick_rate_hz == kLabTickRateHz);
  BOOST_TEST(welcome.tick.value == 1u);
  BOOST_TEST(welcome.server_time_ns == 50'000'000u);
  BOOST_TEST((seat.client.view() == lab.server.state()));
}

BOOST_AUTO_TEST_CASE(where_the_stream_is_cut_means_nothing) {
  Lab lab;
  Seat& seat = lab.add_seat();
  seat.client.connect(lab.now);
  seat.client.flush(seat.out);
  const Buffer hello = bytes_of_write(seat.out.writes[0].message);
  const PendingId pending = *lab.acceptor.open(seat.address, lab.now);
  for (std::size_t i = 0; i + 1 < hello.size(); ++i) {
    const auto outcome = lab.acceptor.receive(pending, Bytes{hello}.subspan(i, 1), lab.now);
    BOOST_TEST((outcome.kind == Acceptor::Outcome::Kind::waiting));
  }
  const auto outcome = lab.acceptor.receive(pending, Bytes{hello}.last(1), lab.now);
  BOOST_TEST((outcome.kind == Acceptor::Outcome::Kind::seated));

  lab.server.advance(Instant{} + 50ms);
  lab.server.flush(lab.out);
  const Buffer first = bytes_of_write(lab.out.writes[0].message);
  for (std::size_t i = 0; i < first.size(); ++i) seat.client.receive(Bytes{first}.subspan(i, 1), lab.now);
  BOOST_TEST(seat.client.connected());
  BOOST_TEST((seat.client.view() == lab.server.state()));
}

BOOST_AUTO_TEST_CASE(identity_is_the_servers_to_give_and_inputs_move_nobody_else) {
  Lab lab;
  Seat& alice = lab.join();
  Seat& bob = lab.join();
  BOOST_TEST(alice.client.welcome()->client.value == 1u);
  BOOST_TEST(bob.client.welcome()->client.value == 2u);
  const EntityId alices = alice.client.welcome()->entity;
  const EntityId bobs = bob.client.welcome()->entity;
  BOOST_TEST((alices != bobs));

  const std::int32_t alice_before = lab.heading(alices);
  const std::int32_t bob_before = lab.heading(bobs);
  bob.client.push_input(turn(1000), lab.now);  // no field of it could name alice
  lab.tick();
  BOOST_TEST(lab.heading(alices) == alice_before);
  BOOST_TEST(lab.heading(bobs) == (bob_before + 1000) % kDuelTurn);
}

BOOST_AUTO_TEST_CASE(features_are_those_both_have) {
  Lab lab{lab_config(), {.supported = 0b011}};
  Seat& seat = lab.add_seat({.horizon = lab_config().horizon, .offered = 0b110, .required = 0b010});
  lab.connect(seat);
  lab.tick();
  BOOST_REQUIRE(seat.client.connected());
  BOOST_TEST(seat.client.welcome()->features == 0b010u);
}

BOOST_AUTO_TEST_CASE(every_reason_to_refuse_is_told) {
  Lab lab;
  Hello hello = good_hello(lab);
  hello.version_min = hello.version_max = kProtocolVersionMax + 1;
  BOOST_TEST(answer_to(lab, frame_of(hello)) == "version");

  hello = good_hello(lab);
  hello.required = 1;
  BOOST_TEST(answer_to(lab, frame_of(hello)) == "features");

  hello = good_hello(lab);
  hello.schema_digest ^= 1;
  BOOST_TEST(answer_to(lab, frame_of(hello)) == "schema");

  lab.server.stop(lab.now);
  BOOST_TEST(answer_to(lab, frame_of(good_hello(lab))) == "stopping");
  BOOST_TEST(lab.acceptor.waiting() == 0u);
  const std::vector<std::string> life{"refused: version", "refused: features", "refused: schema",
                                      "refused: stopping"};
  BOOST_TEST(lab.log.life == life, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_server_refuses_until_a_seat_is_free) {
  Lab lab{seats_for(2), {.seats_per_address_max = 2}};
  Seat& first = lab.join();
  lab.join();
  Seat& third = lab.add_seat();
  lab.connect(third);
  BOOST_TEST((third.client.state() == ClientState::idle));
  BOOST_TEST(third.client.last_message() == "server_full");
  BOOST_TEST(third.log.life == std::vector<std::string>{"refused: server_full"},
             boost::test_tools::per_element());

  lab.lose(first);
  lab.connect(third);
  lab.tick();
  BOOST_TEST(third.client.connected());
  BOOST_TEST(third.client.welcome()->client.value == 3u);  // ids are never used again
}

BOOST_AUTO_TEST_CASE(one_address_takes_an_eighth_of_the_seats_at_most) {
  Lab lab{seats_for(16)};
  BOOST_TEST(answer_to(lab, frame_of(good_hello(lab))) == "seated");
  BOOST_TEST(answer_to(lab, frame_of(good_hello(lab)), {"stranger", 2}) == "seated");
  BOOST_TEST(answer_to(lab, frame_of(good_hello(lab)), {"stranger", 3}) == "address_limit");
  BOOST_TEST(answer_to(lab, frame_of(good_hello(lab)), {"neighbour", 1}) == "seated");
}

BOOST_AUTO_TEST_CASE(one_address_keeps_three_connections_waiting_at_most) {
  Lab lab;
  std::optional<PendingId> last;
  for (int i = 0; i < 3; ++i) last = lab.acceptor.open({"stranger", 1}, lab.now);
  BOOST_TEST(last.has_value());
  BOOST_TEST(!lab.acceptor.open({"stranger", 2}, lab.now).has_value());
  BOOST_TEST(lab.acceptor.open({"neighbour", 1}, lab.now).has_value());
  lab.acceptor.close(*last);
  BOOST_TEST(lab.acceptor.open({"stranger", 2}, lab.now).has_value());
  BOOST_TEST(lab.log.life == std::vector<std::string>{"refused: address_limit"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_flood_of_silent_connections_pushes_out_the_oldest_of_itself) {
  Lab lab{lab_config(), {.pending_max = 100}};
  std::vector<PendingId> silent;
  std::size_t sent_away = 0;
  for (int i = 0; i < 10'000; ++i) {
    silent.push_back(*lab.acceptor.open({"host-" + std::to_string(i / 3), 1}, lab.now));
    while (const auto expired = lab.acceptor.expire(lab.now)) {
      BOOST_TEST((expired->first == silent[sent_away]));
      BOOST_TEST(said(bytes_of_write(expired->second), Sender::server) == "refuse");
      ++sent_away;
    }
    BOOST_REQUIRE(lab.acceptor.waiting() <= 100u);
  }
  BOOST_TEST(sent_away == 9'900u);
  BOOST_TEST(lab.join().client.connected());  // who talks at once comes in
  BOOST_TEST(lab.acceptor.waiting() == 100u);
}

BOOST_AUTO_TEST_CASE(whoever_says_anything_but_one_hello_is_refused) {
  Lab lab;
  const Buffer hello = frame_of(good_hello(lab));
  BOOST_TEST(answer_to(lab, frame_of(Ping{1})) == "malformed");
  BOOST_TEST(answer_to(lab, framed(bytes_of("GET / HTTP/1.1"))) == "malformed");
  BOOST_TEST(answer_to(lab, framed({})) == "malformed");

  Buffer talks_on = hello;
  const Buffer ping = frame_of(Ping{1});
  talks_on.insert(talks_on.end(), ping.begin(), ping.end());
  BOOST_TEST(answer_to(lab, talks_on) == "malformed");
  Buffer begins_another = hello;
  begins_another.push_back(7);
  BOOST_TEST(answer_to(lab, begins_another) == "malformed");

  for (std::size_t size = 0; size < hello.size() - kFrameHeaderBytes; ++size) {
    BOOST_TEST(answer_to(lab, framed(Bytes{hello}.subspan(kFrameHeaderBytes, size))) == "malformed");
  }
  BOOST_TEST(lab.server.players().empty());
}

BOOST_AUTO_TEST_CASE(a_first_frame_that_claims_too_much_is_refused_before_it_comes) {
  Lab lab;
  const Buffer claims_1200{0xB0, 4, 0, 0};
  const Buffer claims_1201{0xB1, 4, 0, 0};
  const Buffer claims_4_gb{0xFF, 0xFF, 0xFF, 0xFF};
  BOOST_TEST(answer_to(lab, claims_1200) == "waiting");
  BOOST_TEST(answer_to(lab, claims_1201) == "malformed");
  BOOST_TEST(answer_to(lab, claims_4_gb) == "malformed");
}

BOOST_AUTO_TEST_CASE(who_keeps_silent_or_dribbles_is_sent_away_in_time) {
  Lab lab;
  const Buffer hello = frame_of(good_hello(lab));
  const PendingId silent = *lab.acceptor.open({"silent", 1}, lab.now);
  const PendingId slow = *lab.acceptor.open({"slow", 1}, lab.now + 1s);
  const Instant deadline = lab.now + 42s;  // 4 rtt_max of 10 s + 2 s
  for (int i = 0; i < 20; ++i) {
    lab.acceptor.receive(slow, Bytes{hello}.subspan(static_cast<std::size_t>(i), 1), lab.now + i * 2s);
  }
  BOOST_TEST((lab.acceptor.next_deadline() == std::optional{deadline}));
  BOOST_TEST(!lab.acceptor.expire(deadline - 1ns).has_value());

  const auto expired = lab.acceptor.expire(deadline);
  BOOST_REQUIRE(expired.has_value());
  BOOST_TEST((expired->first == silent));
  BOOST_TEST(said(bytes_of_write(expired->second), Sender::server) == "refuse");
  BOOST_TEST(!lab.acceptor.expire(deadline).has_value());
  BOOST_TEST((lab.acceptor.expire(deadline + 1s)->first == slow));  // its bytes bought it no time
  BOOST_TEST(!lab.acceptor.next_deadline().has_value());
  const std::vector<std::string> life{"refused: handshake_timeout", "refused: handshake_timeout"};
  BOOST_TEST(lab.log.life == life, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_player_that_leaves_before_its_welcome_is_forgotten) {
  Lab lab;
  Seat& seat = lab.add_seat();
  lab.connect(seat);
  seat.client.disconnect(lab.now);  // without a word: it does not know yet that the server knows it
  BOOST_TEST((seat.client.state() == ClientState::idle));
  lab.up(seat);
  BOOST_TEST(!seat.open);
  lab.tick();
  BOOST_TEST(lab.server.players().empty());
  BOOST_TEST(lab.server.state().size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
