// Peers over datagrams that mean harm, once they are in: what they cost is bounded.
#include <boost/test/unit_test.hpp>

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

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_datagrams)

// Reliable messages behind one that never comes, fragments of messages that are never whole, values of every
// key, inputs without end, and no ack of anything.
BOOST_AUTO_TEST_CASE(a_peer_that_does_its_worst_over_datagrams_holds_less_than_a_mebibyte) {
  DatagramLab lab{false};
  DatagramSeat& seat = lab.join();
  lab.run(1s);
  lab.log = {};
  const std::size_t before = live_bytes();
  Forger forger{lab, seat};
  std::uint32_t input = 10'000;
  std::size_t most = 0;
  for (int round = 0; round < 200; ++round) {
    lab.now = *lab.server.next_deadline();
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
      store_little_endian(said.data(), ++input);
      forger.message(MessageType::input, said).send();
    }
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
