// Client and server of the datagram handshake, packet by packet.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/core/protocol/handshake_testing.h"

namespace netrig::testing {
namespace {

const Address kAlice{"10.0.0.1", 5000};
const Address kBob{"10.0.0.2", 5000};

BOOST_AUTO_TEST_SUITE(datagram_handshake)

BOOST_AUTO_TEST_CASE(two_round_trips_make_a_session_with_the_same_keys_on_both_sides) {
  Door door;
  Knocker alice{door, kAlice};
  const Buffer ask = alice.request();
  BOOST_TEST(ask.size() == kConnectRequestBytes);
  BOOST_TEST((door.hear(kAlice, ask) == AdmissionCause::no_cookie));
  BOOST_TEST(door.answer.size() == kChallengeBytes);
  door.now += 100ms;
  alice.handshake.receive(door.answer, door.now);
  BOOST_TEST((alice.handshake.state() == HandshakeState::answering));
  BOOST_TEST((alice.handshake.rtt() == 100ms));

  BOOST_TEST((alice.knock() == AdmissionCause::accepted));
  BOOST_TEST(door.answer.size() == kAcceptBytes);
  BOOST_TEST((alice.handshake.state() == HandshakeState::accepted));
  const PeerInfo& peer = door.peers.at(kAlice);
  BOOST_TEST(peer.version == kProtocolVersionMax);
  BOOST_TEST(!peer.holder.has_value());
  BOOST_REQUIRE(peer.keys.has_value());
  BOOST_TEST(share_keys(*alice.handshake.accepted()->keys, *peer.keys));
  BOOST_TEST(!(peer.keys->send == peer.keys->receive));
}

BOOST_AUTO_TEST_CASE(a_session_datagram_sealed_by_one_side_opens_on_the_other_only) {
  Door door;
  Knocker alice{door, kAlice};
  Knocker bob{door, kBob};
  alice.come_in();
  bob.come_in();
  const SessionKeys& client = *alice.handshake.accepted()->keys;
  const SessionKeys& server = *door.peers.at(kAlice).keys;

  Buffer datagram(kSessionHeadBytes + 3 + kSealBytes, 7);
  seal_session(client.send, 1, 0x1'0000'0005, datagram);
  BOOST_TEST(*session_sequence(datagram, kSealBytes) == 5u);
  Buffer packet(3);
  BOOST_TEST(open_session(server.receive, 1, 0x1'0000'0005, datagram, packet));
  BOOST_TEST((packet == Buffer{7, 7, 7}));
  BOOST_TEST(!open_session(server.receive, 1, 5, datagram, packet));              // another lap
  BOOST_TEST(!open_session(server.receive, 2, 0x1'0000'0005, datagram, packet));  // another version
  BOOST_TEST(!open_session(server.send, 1, 0x1'0000'0005, datagram, packet));     // reflected
  BOOST_TEST(!open_session(door.peers.at(kBob).keys->receive, 1, 0x1'0000'0005, datagram, packet));
}

BOOST_AUTO_TEST_CASE(a_lost_accept_is_sent_again_the_same_and_takes_no_second_seat) {
  Door door;
  Knocker alice{door, kAlice};
  alice.knock();
  BOOST_TEST((door.hear(kAlice, alice.request()) == AdmissionCause::accepted));
  const Buffer accept = door.answer;  // lost

  door.now += 250ms;
  const Buffer again = alice.request();
  BOOST_REQUIRE(!again.empty());
  BOOST_TEST((door.hear(kAlice, again) == AdmissionCause::repeated));
  BOOST_TEST((door.answer == accept));
  BOOST_TEST(door.peers.size() == 1u);
  alice.handshake.receive(door.answer, door.now);
  BOOST_TEST((alice.handshake.state() == HandshakeState::accepted));
  alice.handshake.receive(accept, door.now);  // it comes after all
  BOOST_TEST(alice.handshake.count(HandshakeFault::stale) == 1u);
  BOOST_TEST(share_keys(*alice.handshake.accepted()->keys, *door.peers.at(kAlice).keys));
}

BOOST_AUTO_TEST_CASE(requests_in_flight_together_take_one_seat) {
  Door door;
  Knocker alice{door, kAlice};
  const Buffer first = alice.request();
  door.now += 250ms;
  const Buffer second = alice.request();
  door.hear(kAlice, first);
  const Buffer challenge_of_first = door.answer;
  door.hear(kAlice, second);
  const Buffer challenge_of_second = door.answer;
  door.now += 750ms;
  alice.handshake.receive(challenge_of_second, door.now);  // overtook the other
  BOOST_TEST((alice.handshake.rtt() == 750ms));
  alice.handshake.receive(challenge_of_first, door.now);
  BOOST_TEST(alice.handshake.count(HandshakeFault::stale) == 1u);
  BOOST_TEST((alice.knock() == AdmissionCause::accepted));
  BOOST_TEST(door.peers.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_request_that_comes_after_its_session_begins_no_other) {
  Door door;
  Knocker alice{door, kAlice};
  alice.knock();
  const Buffer late = alice.request();
  door.hear(kAlice, late);
  door.admission->confirm(kAlice);
  door.leave(kAlice);
  BOOST_TEST((door.hear(kAlice, late) == AdmissionCause::over));
  BOOST_TEST(door.answer.empty());
  door.now += derive_windows(door.horizon).cookie_life + 1s;  // the cookie has died with it
  BOOST_TEST((door.hear(kAlice, late) == AdmissionCause::bad_cookie));
  BOOST_TEST(door.peers.empty());
}

BOOST_AUTO_TEST_CASE(a_client_that_starts_anew_at_its_address_replaces_its_session) {
  Door door;
  Knocker before{door, kAlice};
  before.come_in();
  door.admission->confirm(kAlice);
  Knocker after{door, kAlice};
  BOOST_TEST((after.come_in() == HandshakeState::accepted));
  BOOST_TEST(door.last.replaces);
  BOOST_TEST(door.peers.size() == 1u);
  BOOST_TEST(door.admission->sessions() == 1u);
  BOOST_TEST(share_keys(*after.handshake.accepted()->keys, *door.peers.at(kAlice).keys));
}

BOOST_AUTO_TEST_CASE(a_session_with_a_token_is_replaced_by_its_holder_alone) {
  Door door;
  const ClientToken token = door.token();
  Knocker alice{door, kAlice, &token};
  BOOST_TEST((alice.come_in() == HandshakeState::accepted));
  door.admission->confirm(kAlice);

  Knocker nobody{door, kAlice};
  BOOST_TEST((nobody.come_in() == HandshakeState::refused));
  BOOST_TEST(refusal_of(nobody) == "address_limit");
  door.now += 1s;
  const ClientToken others = door.token("mallory");
  Knocker other{door, kAlice, &others};
  other.come_in();
  BOOST_TEST(refusal_of(other) == "address_limit");

  ClientToken next = door.token();
  const IssuedToken issued = issue_token(
      door.key, {verify_key_of(token.signing_key), {}, kDoorUnixS, kDoorUnixS + 60}, door.entropy);
  next = {issued.token, issued.secret, token.signing_key};
  Knocker again{door, kAlice, &next};
  BOOST_TEST((again.come_in() == HandshakeState::accepted));
  BOOST_TEST(door.last.replaces);
}

BOOST_AUTO_TEST_CASE(a_token_names_its_holder_to_the_server) {
  Door door;
  const ClientToken token = door.token("player 7");
  Knocker alice{door, kAlice, &token};
  BOOST_TEST((alice.come_in() == HandshakeState::accepted));
  const PeerInfo& peer = door.peers.at(kAlice);
  BOOST_REQUIRE(peer.holder.has_value());
  BOOST_TEST(text_of(peer.holder->identity.bytes()) == "player 7");
  BOOST_TEST((peer.holder->key == verify_key_of(token.signing_key)));
  BOOST_TEST(share_keys(*alice.handshake.accepted()->keys, *peer.keys));
}

BOOST_AUTO_TEST_CASE(a_player_comes_back_by_proving_a_key_that_is_not_sent) {
  AdmissionPolicy policy = door_policy();
  policy.requires_token = true;
  Door door{policy, 1};
  const ResumeKey key{0x0102030405060708, 0x1112131415161718};
  door.resumable[ClientId{7}] = key;
  door.peers[kBob] = {};  // no seat is free
  Hello hello = door_hello();
  hello.resume = {99, ClientId{7}, key, 5};
  Knocker alice{door, kAlice, nullptr, true, hello};
  alice.knock();
  const Buffer request = alice.request();
  const Buffer needle{0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01};
  BOOST_TEST(std::ranges::search(request, needle).empty());
  BOOST_TEST((door.hear(kAlice, request) == AdmissionCause::accepted));
  BOOST_REQUIRE(door.last.info.resume.has_value());
  BOOST_TEST(door.last.info.resume->client.value == 7u);
  BOOST_TEST(door.last.info.resume->received == 5u);
  alice.handshake.receive(door.answer, door.now);
  BOOST_TEST((alice.handshake.state() == HandshakeState::accepted));

  hello.resume.key.low ^= 1;
  Knocker mallory{door, {"10.0.0.3", 1}, nullptr, true, hello};
  mallory.come_in();
  BOOST_TEST(refusal_of(mallory) == "token_required");
}

BOOST_AUTO_TEST_CASE(a_session_without_encryption_needs_both_sides_to_want_it) {
  AdmissionPolicy policy = door_policy();
  Door strict{policy};
  Knocker plain{strict, kAlice, nullptr, false};
  BOOST_TEST((plain.come_in() == HandshakeState::refused));
  BOOST_TEST(refusal_of(plain) == "encryption_required");

  policy.allows_plaintext = true;
  Door lenient{policy};
  Knocker alice{lenient, kAlice, nullptr, false};
  BOOST_TEST((alice.come_in() == HandshakeState::accepted));
  BOOST_TEST(!alice.handshake.accepted()->keys.has_value());
  BOOST_TEST(!lenient.peers.at(kAlice).keys.has_value());
  Knocker bob{lenient, kBob};  // who wants encryption gets it there, too
  BOOST_TEST((bob.come_in() == HandshakeState::accepted));
  BOOST_TEST(bob.handshake.accepted()->keys.has_value());
}

BOOST_AUTO_TEST_CASE(a_session_that_does_not_begin_ends_after_the_handshake_timeout) {
  Door door;
  Knocker alice{door, kAlice};
  Knocker bob{door, kBob};
  alice.come_in();
  door.now += 1s;
  bob.come_in();
  door.admission->confirm(kBob);
  const Duration timeout = derive_windows(door.horizon).handshake_timeout;
  BOOST_TEST((*door.admission->next_deadline() == Instant{} + timeout));
  BOOST_TEST(!door.admission->expire(Instant{} + timeout - 1ns).has_value());
  BOOST_TEST((door.admission->expire(Instant{} + timeout) == kAlice));
  BOOST_TEST(!door.admission->next_deadline().has_value());
  BOOST_TEST(door.admission->sessions() == 1u);
}

BOOST_AUTO_TEST_CASE(everything_else_that_stands_against_a_client_is_told_to_it) {
  const auto told = [](Hello hello, std::uint32_t seats, AdmissionPolicy policy = door_policy()) {
    Door door{policy, seats};
    Knocker first{door, kBob};
    first.come_in();
    Knocker alice{door, kAlice, nullptr, true, hello};
    alice.come_in();
    return refusal_of(alice);
  };
  Hello hello = door_hello();
  BOOST_TEST(told(hello, 32) == "none");
  BOOST_TEST(told(hello, 1) == "server_full");
  hello.version_min = hello.version_max = 9;
  BOOST_TEST(told(hello, 32) == "version");
  hello = door_hello();
  hello.required = 1;
  BOOST_TEST(told(hello, 32) == "features");
  hello = door_hello();
  hello.schema_digest += 1;
  BOOST_TEST(told(hello, 32) == "schema");
  AdmissionPolicy members = door_policy();
  members.requires_token = true;
  BOOST_TEST(told(door_hello(), 32, members) == "token_required");
}

// GameNetworkingSockets cannot connect above 4.2 s: its cookies do not live longer.
BOOST_AUTO_TEST_CASE(ten_seconds_of_round_trip_are_no_obstacle) {
  struct InFlight {
    Instant arrives;
    Buffer bytes;
  };
  for (const Duration rtt : {0ns, Duration{200ms}, Duration{4'300ms}, Duration{10s}}) {
    Door door;
    Knocker alice{door, kAlice};
    std::vector<InFlight> up, down;
    while (!alice.handshake.is_over()) {
      if (Buffer bytes = alice.request(); !bytes.empty()) up.push_back({door.now + rtt / 2, bytes});
      for (const InFlight& flight : std::exchange(up, {})) {
        if (flight.arrives > door.now) {
          up.push_back(flight);
        } else {
          door.hear(kAlice, flight.bytes);
          if (!door.answer.empty()) down.push_back({door.now + rtt / 2, door.answer});
        }
      }
      for (const InFlight& flight : std::exchange(down, {})) {
        if (flight.arrives > door.now) {
          down.push_back(flight);
        } else {
          alice.handshake.receive(flight.bytes, door.now);
        }
      }
      if (!alice.handshake.is_over()) door.now += 10ms;
    }
    BOOST_TEST((alice.handshake.state() == HandshakeState::accepted));
    BOOST_TEST((door.now - Instant{} <= 2 * rtt + 20ms));
    BOOST_TEST(door.peers.size() == 1u);
    BOOST_TEST(alice.handshake.requests_sent() <= 12u);
  }
}

BOOST_AUTO_TEST_CASE(a_silent_server_is_asked_ever_less_often_and_given_up_in_time) {
  Door door;
  Knocker alice{door, kAlice};
  std::vector<Duration> waits;
  Instant sent;
  while (!alice.handshake.is_over()) {
    if (!alice.request().empty()) {
      waits.push_back(door.now - sent);
      sent = door.now;
    }
    if (const auto next = alice.handshake.next_deadline()) door.now = *next;
    alice.handshake.advance(door.now);
  }
  BOOST_TEST((alice.handshake.state() == HandshakeState::timed_out));
  BOOST_TEST((door.now - Instant{} == 4 * door.horizon.rtt_max + 2s));
  const std::vector<Duration> expected{0s, 250ms, 500ms, 1s, 2s, 4s, 8s, 10s, 10s};
  BOOST_TEST((waits == expected));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
