// Peers over datagrams that mean harm, once they are in: what they cost is bounded.
#include <boost/test/unit_test.hpp>

#include "netrig/core/base/digest.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/session_seal.h"
#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/support/seed.h"
#include "netrig/tests/unit/core/session/datagram_testing.h"

namespace netrig::testing {
namespace {

// Puts packets together by hand, and sends them from the seat's address: without encryption anybody could.
class Forger {
 public:
  Forger(DatagramLab& lab, DatagramSeat& seat) : lab_(lab), seat_(seat) {}

  Forger& message(MessageType type, const Buffer& body) {
    packet_.push_back(static_cast<std::uint8_t>(type));
    if (body.size() >= 128) packet_.push_back(static_cast<std::uint8_t>(body.size() % 128 + 128));
    packet_.push_back(static_cast<std::uint8_t>(body.size() >= 128 ? body.size() / 128 : body.size()));
    packet_.insert(packet_.end(), body.begin(), body.end());
    return *this;
  }
  void send(std::uint8_t flags = 0, const Buffer& ack = {}) {
    Buffer datagram{kSessionDatagram, 0, 0, 0, 0, flags};
    store_little_endian(datagram.data() + 1, sequence_++);
    datagram.insert(datagram.end(), ack.begin(), ack.end());
    datagram.insert(datagram.end(), packet_.begin(), packet_.end());
    packet_.clear();
    BOOST_REQUIRE(datagram.size() <= kDatagramBytesMax);
    lab_.hear(seat_, datagram);
  }

 private:
  DatagramLab& lab_;
  DatagramSeat& seat_;
  Buffer packet_;
  std::uint32_t sequence_ = 100'000;  // above all that the client itself has said
};

Buffer u16_and(std::uint16_t first, std::size_t size, Buffer head = {}) {
  Buffer body(2);
  store_little_endian(body.data(), first);
  body.insert(body.end(), head.begin(), head.end());
  body.resize(size);
  return body;
}

// In one tick: reliable messages behind one that never comes, fragments of messages that are never whole,
// values of every key, inputs without end.
void do_worst(Forger& forger, int round) {
  const auto app = static_cast<std::uint8_t>(MessageType::app_reliable);
  // 1,024 of the 256 KiB each; the one with id 0 is missing.
  if (round < 250)
    forger.message(MessageType::numbered, u16_and(static_cast<std::uint16_t>(round + 1), 1'000, {app}))
        .send();
  for (std::uint8_t index = 0; index < 40; ++index) {
    Buffer fragment = u16_and(static_cast<std::uint16_t>(round), 1'150, {index, 255});
    forger.message(MessageType::fragment, fragment).send();
  }
  for (std::uint16_t key = 0; key < 100; ++key) {
    Buffer latest = u16_and(key, 900);
    store_little_endian(latest.data() + 2, static_cast<std::uint32_t>(round + 1));
    forger.message(MessageType::app_latest, latest).send();
  }
  for (int i = 0; i < 50; ++i) {
    Buffer said(8 + kInputBytesMax);
    store_little_endian(said.data(), static_cast<std::uint32_t>(10'000 + 50 * round + i));
    forger.message(MessageType::input, said).send();
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_datagrams)

BOOST_AUTO_TEST_CASE(a_peer_that_does_its_worst_over_datagrams_holds_less_than_a_mebibyte) {
  DatagramLab lab{false};
  DatagramSeat& seat = lab.join();
  lab.run(1s);
  lab.log = {};
  const std::size_t before = live_bytes();
  Forger forger{lab, seat};
  std::size_t most = 0;
  for (int round = 0; round < 200; ++round) {
    lab.now = *lab.server.next_deadline();
    do_worst(forger, round);
    lab.server.advance(lab.now);
    lab.server.flush(lab.out);
    lab.out.writes.clear();
    lab.log = {};
    most = std::max(most, live_bytes());
  }
  BOOST_TEST(lab.server.players().size() == 1u);  // none of it is a reason to send it away
  BOOST_TEST(most > before + 350 * 1024);         // it really holds what it can
  BOOST_TEST(most < before + 1024 * 1024);
}

// It pretends to be ten seconds away, and then hears, pings and acks nothing: states would go to it for as
// long as it pings, and each packet is remembered for as long as its ack could come.
BOOST_AUTO_TEST_CASE(a_peer_that_acks_nothing_gets_no_states_and_holds_less_than_a_mebibyte) {
  for (const std::uint32_t rate_hz : {20u, 60u}) {
    DatagramLab lab{false, 8, {}, rate_hz};
    for (int i = 0; i < 170; ++i) lab.world.spawn(ClientId{});  // 16 packets a tick
    DatagramSeat& seat = lab.add_seat();
    Buffer challenge;
    lab.lose = [&](const Address&, bool is_up, Bytes datagram) {
      if (!is_up) challenge.assign(datagram.begin(), datagram.end());
      return !is_up;
    };
    seat.client.connect(lab.now);
    lab.up(seat);
    while (lab.now < Instant{} + 9'900ms) lab.server.advance(lab.now = *lab.server.next_deadline());
    lab.log = {};
    const std::size_t before = live_bytes();
    seat.client.receive(challenge, lab.now);
    lab.up(seat);
    BOOST_REQUIRE((seat.peer != PeerId{}));
    Forger forger{lab, seat};
    std::size_t most = 0;
    std::uint32_t states = 0;
    std::uint32_t skipped = 0;
    std::uint32_t newest = 0;  // sequence of what was sent to it
    const Instant began = lab.now;
    while (lab.now < began + 60s) {
      lab.now = *lab.server.next_deadline();
      forger.message(MessageType::ping, Buffer{1, 0, 0, 0}).send();
      do_worst(forger, static_cast<int>((lab.now - began) * rate_hz / 1s));
      lab.server.advance(lab.now);
      lab.server.flush(lab.out);
      if (!lab.out.writes.empty())
        newest = load_little_endian<std::uint32_t>(bytes_of_write(lab.out.writes.back().message).data() + 1);
      lab.out.writes.clear();
      states += lab.log.states_sent[seat.peer];
      skipped += lab.log.states_skipped[seat.peer];
      lab.log = {};
      most = std::max(most, live_bytes());
    }
    BOOST_TEST(lab.server.players().size() == 1u);
    BOOST_TEST(states >= 15 * rate_hz);  // rtt_max + 5 s: as long as an honest ack could take
    BOOST_TEST(states <= 15 * rate_hz + 5);
    BOOST_TEST(states + skipped == 60 * rate_hz);
    BOOST_TEST(most < before + 1024 * 1024);
    Buffer ack(4);
    store_little_endian(ack.data(), newest);
    ack.insert(ack.end(), {0, 0, 0});
    forger.message(MessageType::ping, Buffer{1, 0, 0, 0}).send(1, ack);  // at last
    lab.server.advance(lab.now = *lab.server.next_deadline());
    lab.server.flush(lab.out);
    BOOST_TEST(lab.log.states_sent[seat.peer] == 1u);
  }
}

// --- beside others

// What a client may say, in packets: flags, then messages. The input is one that the game does not
// understand, so that nothing of what a mutation makes of these moves an entity.
std::vector<Buffer> valid_packets() {
  const auto tagged = [](MessageType type, Buffer body) {
    body.insert(body.begin(), {0, static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(body.size())});
    return body;
  };
  return {tagged(MessageType::ping, {1, 0, 0, 0}),
          tagged(MessageType::pong, Buffer(16)),
          tagged(MessageType::input, {1, 0, 0, 0, 0, 0, 0, 0, '1', '2', '3', '4', '5'}),
          tagged(MessageType::app_latest, {1, 0, 1, 0, 0, 0, 'h', 'i'}),
          tagged(MessageType::numbered, {0, 0, static_cast<std::uint8_t>(MessageType::app_reliable), 1, 0}),
          tagged(MessageType::part, {1, 0, 0, 1, 2, 3}),
          tagged(MessageType::fragment, {1, 0, 0, 2, 1, 2, 3}),
          {1, 9, 0, 0, 0, 5, 3, 2, 1, 1, 0, 2}};  // an ack of two ranges
}

Buffer mutated(Random& random, Buffer bytes) {
  for (std::uint64_t change = random.below(4); change > 0; --change)
    bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.bits());
  if (random.chance(100'000)) bytes.resize(random.below(2'000));
  return bytes;
}

struct Minute {
  std::uint64_t digest = 0;  // of every byte that reaches the three honest players, and of what they saw
  std::size_t attacks = 0;
  std::size_t faults = 0;  // that the server saw
};

// Three honest players for a minute. Beside them, if there is one, somebody who sends eight datagrams a tick:
// in a session of its own, from nowhere, and, where sessions are sealed, from the players' addresses, with
// what it has seen of them.
Minute minute(bool encrypted, std::optional<Random> attacker) {
  ServerConfig config;
  config.avatars = Avatars::from_start;
  config.players_max = 4;
  DatagramLab lab{encrypted, 8, config};
  for (int i = 0; i < 3; ++i) lab.join();
  RunningDigest digest;
  std::vector<Buffer> seen;
  lab.tap = [&](DatagramSeat& seat, bool is_up, Buffer& datagram) {
    if (&seat == lab.seats.back().get() && lab.seats.size() > 3) return;
    if (!is_up) digest.add(digest_of(datagram));
    if (is_up && seen.size() < 500) seen.push_back(datagram);
  };
  const std::vector<Buffer> valid = valid_packets();
  Minute outcome;
  std::uint32_t sequence = 100'000;
  for (int tick = 0; tick < 60 * 20; ++tick) {
    if (attacker && tick % 20 == 0) {  // what it says may end its session: it begins another each second
      if (lab.seats.size() > 3) {
        lab.server.remove_peer(lab.seats.back()->peer, DisconnectReason::kicked, lab.now);
        lab.acceptor.close(lab.seats.back()->address, lab.now);
        lab.seats.pop_back();
      }
      lab.add_seat().client.connect(lab.now);
    }
    for (int i = 0; i < 3; ++i) lab.seats[static_cast<std::size_t>(i)]->client.push_input(turn(7), lab.now);
    lab.tick();
    for (int i = 0; attacker && i < 8; ++i, ++outcome.attacks) {
      Buffer packet = mutated(*attacker, valid[attacker->below(valid.size())]);
      packet.insert(packet.begin(), {kSessionDatagram, 0, 0, 0, 0});
      store_little_endian(packet.data() + 1, ++sequence);
      DatagramSeat& own = *lab.seats.back();
      if (!encrypted || i % 2 == 0) lab.hear(own, packet);
      if (encrypted && i % 2 == 1) {
        DatagramSeat& other = *lab.seats[attacker->below(3)];
        const Buffer stolen = seen.empty() ? packet : mutated(*attacker, seen[attacker->below(seen.size())]);
        lab.hear(other, attacker->chance(500'000) ? packet : stolen);
      }
    }
    for (std::size_t i = 0; i < 3; ++i) digest.add(lab.seats[i]->client.view().digest());
  }
  for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(lab.seats[i]->client.connected());
  outcome.digest = digest.value();
  outcome.faults = lab.log.faults.size();
  return outcome;
}

BOOST_AUTO_TEST_CASE(what_one_peer_sends_over_datagrams_changes_no_byte_for_the_others) {
  for (const bool encrypted : {true, false}) {
    const Minute alone = minute(encrypted, std::nullopt);
    const Minute attacked = minute(encrypted, Random{test_seed()});
    BOOST_TEST(attacked.digest == alone.digest);
    BOOST_TEST(attacked.attacks > 9'000u);
    BOOST_TEST(attacked.faults > 200u);
    BOOST_TEST(alone.faults == 0u);
  }
}

// One range too many, the same ack a thousand times, and one of what was never sent. Without a seal anybody
// can say that, so the session goes on; behind a seal it ends (datagram_channel_test: lies_end_the_session).
BOOST_AUTO_TEST_CASE(acks_that_lie_move_nothing_where_anybody_can_forge_them) {
  DatagramLab lab{false};
  DatagramSeat& seat = lab.join();
  lab.run(500ms);
  const auto ack_of = [](std::uint32_t largest, std::uint8_t count) {
    Buffer ack(4);
    store_little_endian(ack.data(), largest);
    ack.insert(ack.end(), {0, 0, count});
    for (int i = 0; i < count; ++i) ack.insert(ack.end(), {0, 0});
    return ack;
  };
  Forger forger{lab, seat};
  forger.message(MessageType::ping, Buffer{1, 0, 0, 0}).send(1, ack_of(3, 64));
  BOOST_TEST(lab.log.faults == std::vector<std::string>{"1 forged"}, boost::test_tools::per_element());
  for (int i = 0; i < 1'000; ++i) forger.send(1, ack_of(3, 1));
  BOOST_TEST(lab.log.faults.size() == 1u);
  BOOST_TEST(lab.server.players().size() == 1u);
  forger.send(1, ack_of(1'000'000, 0));
  BOOST_TEST(lab.log.faults == (std::vector<std::string>{"1 forged", "1 forged"}),
             boost::test_tools::per_element());
  const Tick before = seat.client.view().tick();
  lab.run(500ms);
  BOOST_TEST(lab.server.players().size() == 1u);
  BOOST_TEST((seat.client.view().tick().value >= before.value + 9));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
