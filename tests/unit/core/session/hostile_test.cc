// Peers that mean harm: nobody else notices, and what they cost is bounded.
#include <boost/test/unit_test.hpp>

#include "netrig/core/base/digest.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/support/seed.h"
#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

ServerConfig fixed_avatars() {
  ServerConfig config = lab_config();
  config.avatars = Avatars::from_start;
  config.players_max = 4;
  return config;
}

Buffer frame_with(MessageType type, Bytes body) {
  Buffer bytes;
  PacketBreakdown breakdown;
  FrameWriter writer{bytes, breakdown};
  writer.write_encoded(type, body);
  writer.finish();
  return bytes;
}

// Everything a client may say, in frames. The input is one that the game does not understand, so that nothing
// of what a mutation makes of these moves an entity.
std::vector<Buffer> valid_frames() {
  const Buffer app{1, 0, 'h', 'i'};
  const Buffer latest{1, 0, 1, 0, 0, 0, 'h', 'i'};
  Buffer ack;
  PacketBreakdown breakdown;
  FrameWriter writer{ack, breakdown};
  writer.acknowledge(0);
  writer.finish();
  return {ack,
          frame_of(Hello{1, 1, 0, 0, 0}),
          frame_of(Ping{1}),
          frame_of(Pong{1, 0, 0}),
          frame_of(InputMessage{InputSequence{1}, Tick{}, Input{bytes_of("12345")}}),
          frame_with(MessageType::leave, {}),
          frame_with(MessageType::app_reliable, app),
          frame_with(MessageType::app_latest, latest)};
}

Buffer attack(Random& random, const std::vector<Buffer>& valid) {
  Buffer bytes = valid[random.below(valid.size())];
  if (random.chance(250'000)) {
    bytes.resize(random.below(200));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.bits());
    return random.chance(500'000) ? framed(bytes) : bytes;
  }
  for (std::uint64_t change = random.below(4); change > 0; --change) {
    bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.bits());
  }
  return bytes;
}

// A peer that is nothing but the bytes a test writes.
PeerId seat_stranger(Lab& lab) {
  const Buffer hello =
      frame_of(Hello{kProtocolVersionMin, kProtocolVersionMax, 0, 0, lab.server.schema().digest()});
  const PendingId pending = *lab.acceptor.open({"hostile", 1}, lab.now);
  return lab.acceptor.receive(pending, hello, lab.now).peer;
}

// The server's ticks of that time: whether it keeps the connection.
bool is_open_after(Lab& lab, PeerId peer, Duration time) {
  const Instant end = lab.now + time;
  while (*lab.server.next_deadline() <= end) {
    lab.now = *lab.server.next_deadline();
    lab.server.advance(lab.now);
    lab.server.flush(lab.out);
  }
  lab.out.writes.clear();
  return std::ranges::find(lab.out.closed, peer) == lab.out.closed.end();
}

struct Outcome {
  std::uint64_t digest = 0;  // of every byte written to the three honest players, and of what they saw
  std::size_t attacks = 0;
  std::size_t sent_away = 0;
};

// Three honest players for a minute; beside them, if there is one, a peer that attacks and comes back when
// sent away.
Outcome minute(std::optional<Random> attacker) {
  Lab lab{fixed_avatars(), {.seats_per_address_max = 4}};
  for (int i = 0; i < 3; ++i) lab.join();
  const std::vector<Buffer> valid = valid_frames();
  const Buffer hello =
      frame_of(Hello{kProtocolVersionMin, kProtocolVersionMax, 0, 0, lab.server.schema().digest()});
  PeerId hostile;  // 0: it has no seat
  RunningDigest digest;
  Outcome outcome;
  for (int tick = 0; tick < 60 * 20; ++tick) {
    lab.now = *lab.server.next_deadline();
    for (const auto& seat : lab.seats) {
      seat->client.push_input(turn(7), lab.now);
      seat->client.advance(lab.now);
      lab.up(*seat);
    }
    if (tick % 20 == 0) {  // it hangs up, because a frame that claims much swallows its attacks
      lab.server.remove_peer(hostile, DisconnectReason::connection_lost, lab.now);
      hostile = PeerId{};
    }
    for (int i = 0; attacker && i < 8; ++i) {
      if (hostile == PeerId{}) {
        const PendingId pending = *lab.acceptor.open({"hostile", 1}, lab.now);
        const Acceptor::Outcome seated = lab.acceptor.receive(pending, hello, lab.now);
        if (seated.kind == Acceptor::Outcome::Kind::seated) hostile = seated.peer;
      }
      if (hostile == PeerId{}) break;  // its last seat is free after the next flush
      lab.server.receive(hostile, attack(*attacker, valid), lab.now);
      ++outcome.attacks;
    }
    lab.server.advance(lab.now);
    lab.server.flush(lab.out);
    for (const auto& write : std::exchange(lab.out.writes, {})) {
      if (write.peer == hostile) continue;
      const Buffer bytes = bytes_of_write(write.message);
      digest.add(digest_of(bytes));
      for (const auto& seat : lab.seats) {
        if (seat->peer == write.peer) seat->client.receive(bytes, lab.now);
      }
    }
    for (const PeerId closed : std::exchange(lab.out.closed, {})) {
      BOOST_TEST((hostile == closed));
      hostile = PeerId{};
      ++outcome.sent_away;
    }
    for (const auto& seat : lab.seats) digest.add(seat->client.view().digest());
  }
  for (const auto& seat : lab.seats) BOOST_TEST(seat->client.connected());
  outcome.digest = digest.value();
  return outcome;
}

BOOST_AUTO_TEST_SUITE(hostile)

BOOST_AUTO_TEST_CASE(what_one_peer_sends_changes_no_byte_for_the_others) {
  const Outcome alone = minute(std::nullopt);
  const Outcome attacked = minute(Random{test_seed()});
  BOOST_TEST(attacked.digest == alone.digest);
  BOOST_TEST(attacked.attacks > 2000u);
  BOOST_TEST(attacked.sent_away > 20u);
}

BOOST_AUTO_TEST_CASE(sixteen_bad_packets_and_the_peer_is_sent_away) {
  Lab lab;
  Seat& seat = lab.join();
  for (int i = 0; i < 15; ++i) lab.hear(seat, framed(bytes_of("\xFFjunk")));
  lab.tick();
  BOOST_TEST(seat.client.connected());
  lab.hear(seat, frame_of(Hello{1, 1, 0, 0, 0}));  // decodes, but has no place here
  BOOST_TEST(lab.log.faults.size() == 17u);
  BOOST_TEST(lab.log.faults[0] == "1 undecodable");
  BOOST_TEST(lab.log.faults[15] == "1 unexpected");
  BOOST_TEST(lab.log.faults[16] == "1 too_many_bad_packets");
  lab.tick();
  BOOST_TEST(seat.log.life.back() == "closed: protocol_error");
}

BOOST_AUTO_TEST_CASE(what_only_a_server_may_say_is_a_bad_packet) {
  Lab lab;
  Seat& seat = lab.join();
  lab.hear(seat, frame_of(StateHeader{Tick{9}, {}, 0}));
  lab.hear(seat, frame_of(Disconnect{DisconnectReason::kicked, ""}));
  lab.hear(seat, frame_of(Welcome{1, 0, 0, ClientId{1}, EntityId{1}, 20, Tick{1}, 0}));
  BOOST_TEST((lab.log.faults == std::vector<std::string>(3, "1 undecodable")));
  lab.tick();
  BOOST_TEST(seat.client.connected());
}

BOOST_AUTO_TEST_CASE(a_bad_packet_is_dropped_whole) {
  Lab lab;
  Seat& seat = lab.join();
  Buffer packet{0, 48, 4, 1, 0, 'h', 'i', 99, 0};  // an app message, then a message of no known type
  lab.hear(seat, framed(packet));
  BOOST_TEST(lab.log.heard.empty());
  packet.resize(7);
  lab.hear(seat, framed(packet));
  BOOST_TEST(lab.log.heard == std::vector<std::string>{"1: hi"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_lying_length_ends_the_session_and_costs_nothing) {
  Lab lab;
  Seat& seat = lab.join();
  const std::size_t before = live_bytes();
  lab.hear(seat, Buffer{0xFF, 0xFF, 0xFF, 0x7F});
  BOOST_TEST(live_bytes() < before + 4096);
  BOOST_TEST(lab.log.faults == std::vector<std::string>{"1 out_of_step"}, boost::test_tools::per_element());
  BOOST_TEST(lab.log.life.back() == "1 left: protocol_error");
  lab.hear(seat, frame_of(Ping{1}));
  BOOST_TEST(lab.log.faults.size() == 1u);  // not heard any more
}

BOOST_AUTO_TEST_CASE(a_false_ack_and_an_answer_never_asked_for_end_the_session) {
  Lab lab;
  Seat& acks = lab.join();
  Seat& answers = lab.join();
  lab.hear(acks, framed(Buffer{1, 1}));
  lab.hear(answers, frame_of(Pong{1000, 0, 0}));
  BOOST_TEST(lab.log.faults == (std::vector<std::string>{"1 false_ack", "2 false_ack"}),
             boost::test_tools::per_element());
  BOOST_TEST(lab.server.players().empty());
}

BOOST_AUTO_TEST_CASE(a_flood_of_pings_gets_a_few_answers) {
  Lab lab;
  Seat& seat = lab.join();
  lab.tick();
  for (std::uint32_t id = 100; id < 10'100; ++id) lab.hear(seat, frame_of(Ping{id}));
  lab.server.flush(lab.out);
  BOOST_REQUIRE(lab.out.writes.size() == 1u);
  BOOST_TEST(said(bytes_of_write(lab.out.writes[0].message), Sender::server) == "pong*4");
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_its_worst_holds_less_than_a_mebibyte) {
  Lab lab;
  Seat& seat = lab.join();
  lab.run(1s);
  lab.log = {};
  const std::size_t before = live_bytes();
  std::uint32_t sequence = 0;
  for (int round = 0; round < 20; ++round) {
    for (std::uint16_t key = 0; key < 2000; ++key) {
      Buffer latest(20'000);
      store_little_endian<std::uint16_t>(latest.data(), key);
      store_little_endian<std::uint32_t>(latest.data() + 2, static_cast<std::uint32_t>(round + 1));
      lab.hear(seat, frame_with(MessageType::app_latest, latest));
    }
    for (int i = 0; i < 500; ++i) {
      lab.hear(seat,
               frame_of(InputMessage{InputSequence{++sequence}, Tick{}, Input{Buffer(kInputBytesMax)}}));
      lab.hear(seat, frame_of(Ping{sequence + 1000}));
    }
    lab.log = {};
    lab.now = *lab.server.next_deadline();
    lab.server.advance(lab.now);
    lab.server.flush(lab.out);
    lab.out.writes.clear();
  }
  lab.hear(seat, Buffer{0, 0, 1, 0});  // a frame of 64 KiB that never ends
  lab.hear(seat, Buffer(65'535));
  BOOST_TEST(lab.log.faults.empty());
  BOOST_TEST(lab.server.players().size() == 1u);
  lab.log = {};
  BOOST_TEST(live_bytes() > before + 65'535);
  BOOST_TEST(live_bytes() < before + 1024 * 1024);
}

BOOST_AUTO_TEST_CASE(a_frame_that_dribbles_is_given_up_after_a_round_trip_and_five_seconds) {
  Lab lab{fixed_avatars()};
  const PeerId slow = seat_stranger(lab);
  const Buffer frame = framed(Buffer(100, 0));
  int seconds = 0;
  for (bool is_open = true; is_open && seconds < 60; ++seconds) {
    const auto at = static_cast<std::size_t>(seconds);
    lab.server.receive(slow, Bytes{frame}.subspan(at, 1), lab.now);  // never silent
    is_open = is_open_after(lab, slow, 1s);
  }
  BOOST_TEST(seconds == 15);  // rtt_max of 10 s + 5 s
  BOOST_TEST(lab.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(frames_that_keep_coming_in_pieces_are_no_dribble) {
  Lab lab{fixed_avatars()};
  const PeerId peer = seat_stranger(lab);
  const Buffer ping = frame_of(Ping{1});
  const Bytes begin = Bytes{ping}.first(4);
  for (int second = 0; second < 40; ++second) {  // always one that is not whole, never the same for long
    if (second > 0) lab.server.receive(peer, Bytes{ping}.subspan(4), lab.now);
    lab.server.receive(peer, begin, lab.now);
    BOOST_REQUIRE(is_open_after(lab, peer, 1s));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
