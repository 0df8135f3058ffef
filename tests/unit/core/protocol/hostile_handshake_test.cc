// Hostile peers with well-made datagrams: stolen tokens, one in the middle, damage, disorder. Each is counted
// by cause and refused, and nobody else notices. The table of attacks is in docs/security.md.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>

#include "netrig/core/protocol/datagram_channel.h"
#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/support/seed.h"
#include "netrig/tests/unit/core/protocol/handshake_testing.h"

namespace netrig::testing {
namespace {

const Address kAlice{"10.0.0.1", 5000};
const Address kBob{"10.0.0.2", 5000};
const Address kMallory{"10.6.6.6", 666};

std::uint64_t faults(const Knocker& knocker) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kHandshakeFaults; ++i) {
    sum += knocker.handshake.count(static_cast<HandshakeFault>(i));
  }
  return sum;
}

BOOST_AUTO_TEST_SUITE(hostile_handshake)

// --- tokens

BOOST_AUTO_TEST_CASE(a_token_seen_on_the_wire_is_useless_without_what_its_holder_keeps) {
  Door door;
  const ClientToken token = door.token();
  // The secret and the key are not on the wire.
  const SigningKeyPair own = make_signing_key_pair(door.entropy);
  for (const ClientToken& stolen : {ClientToken{token.token, {}, own.signing_key},
                                    ClientToken{token.token, token.secret, own.signing_key},
                                    ClientToken{token.token, {}, token.signing_key}}) {
    Knocker thief{door, kMallory, &stolen};
    BOOST_TEST((thief.come_in() == HandshakeState::refused));
    BOOST_TEST(refusal_of(thief) == "token_invalid");
    door.now += 1s;
  }
  Knocker alice{door, kAlice, &token};  // it was not used up by the attempts
  BOOST_TEST((alice.come_in() == HandshakeState::accepted));
}

BOOST_AUTO_TEST_CASE(a_proof_seen_on_the_wire_is_useless_at_another_address) {
  Door door;
  const ClientToken token = door.token();
  Knocker alice{door, kAlice, &token};
  alice.knock();
  const Buffer request = alice.request();  // seen, and sent from elsewhere before it arrives
  ConnectRequest copied = *decode_connect_request(request);
  door.hear(kMallory, request);
  const Cookie own = decode_challenge_datagram(door.answer, copied.share)->cookie;
  Buffer moved = request;
  std::ranges::copy(own.bytes, moved.begin() + 2);
  const std::size_t check_at = 57 + copied.hello.size() + kTokenProofBytes;
  const Mac check = authenticate({}, "netrig request", {Bytes{moved}.first(check_at)});
  std::ranges::copy(check.bytes, moved.begin() + static_cast<std::ptrdiff_t>(check_at));
  BOOST_TEST((door.hear(kMallory, moved) == AdmissionCause::refused));
  BOOST_TEST((door.last.reason == RefuseReason::token_invalid));
  BOOST_TEST((door.hear(kAlice, request) == AdmissionCause::accepted));
}

BOOST_AUTO_TEST_CASE(a_token_begins_one_session_and_dies_on_time) {
  Door door;
  const ClientToken token = door.token();
  Knocker alice{door, kAlice, &token};
  BOOST_TEST((alice.come_in() == HandshakeState::accepted));
  door.leave(kAlice);
  Knocker again{door, kAlice, &token};
  again.come_in();
  BOOST_TEST(refusal_of(again) == "token_used");
  door.now += 2s;
  const ClientToken unused = door.token("bob", 10);
  door.now = Instant{} + 10s;
  Knocker bob{door, kBob, &unused};
  bob.come_in();
  BOOST_TEST(refusal_of(bob) == "token_expired");
  Door elsewhere;
  elsewhere.key.bytes[0] ^= 1;  // another issuer
  const ClientToken foreign = elsewhere.token();
  door.now += 2s;
  Knocker stranger{door, kMallory, &foreign};
  stranger.come_in();
  BOOST_TEST(refusal_of(stranger) == "token_invalid");
}

BOOST_AUTO_TEST_CASE(forged_tokens_cost_no_memory_and_no_signature) {
  Door door;
  ClientToken forged = door.token();
  forged.token.bytes[100] ^= 1;
  Knocker mallory{door, kMallory, &forged};
  mallory.knock();
  const Buffer request = mallory.request();
  std::array<std::uint8_t, kAnswerBytesMax> answer{};
  const std::uint64_t before = allocations();
  for (int i = 0; i < 10'000; ++i) door.admission->receive(kMallory, request, answer, door.now + i * 1us);
  BOOST_TEST(allocations() == before);
  BOOST_TEST(door.admission->refused(RefuseReason::token_invalid) == 10'000u);
}

// --- in the middle

BOOST_AUTO_TEST_CASE(a_client_that_wants_encryption_is_not_talked_out_of_it) {
  AdmissionPolicy policy = door_policy();
  policy.allows_plaintext = true;
  Door door{policy};
  Knocker alice{door, kAlice};
  alice.knock();
  const Buffer request = alice.request();
  ConnectRequest plain = *decode_connect_request(request);
  plain.encrypted = false;
  BOOST_TEST((door.hear(kAlice, with_right_check(plain)) == AdmissionCause::accepted));
  alice.handshake.receive(door.answer, door.now);
  BOOST_TEST((alice.handshake.state() == HandshakeState::answering));
  BOOST_TEST(alice.handshake.count(HandshakeFault::downgraded) == 1u);
  door.answer[1] |= 1;  // and said to be encrypted after all
  alice.handshake.receive(door.answer, door.now);
  BOOST_TEST((alice.handshake.state() == HandshakeState::answering));
  BOOST_TEST(alice.handshake.count(HandshakeFault::forged) == 1u);
}

BOOST_AUTO_TEST_CASE(features_taken_away_on_the_way_are_noticed) {
  AdmissionPolicy policy = door_policy();
  policy.supported = 0b11;
  Door door{policy};
  Hello hello = door_hello();
  hello.offered = 0b11;
  Knocker alice{door, kAlice, nullptr, true, hello};
  alice.knock();
  ConnectRequest request = *decode_connect_request(alice.request());
  Buffer body(request.hello.begin(), request.hello.end());
  body[8] = 0b01;  // offered
  request.hello = body;
  BOOST_TEST((door.hear(kAlice, with_right_check(request)) == AdmissionCause::accepted));
  alice.handshake.receive(door.answer, door.now);
  BOOST_TEST((alice.handshake.state() == HandshakeState::answering));
  BOOST_TEST(alice.handshake.count(HandshakeFault::forged) == 1u);
}

// One between who answers for the server, without the token key.
BOOST_AUTO_TEST_CASE(a_client_with_a_token_is_not_deceived_by_a_server_without_the_key) {
  Door door;
  const ClientToken token = door.token();
  Knocker alice{door, kAlice, &token};
  const Buffer ask = alice.request();
  const PublicKey share = decode_connect_request(ask)->share;
  std::array<std::uint8_t, kAnswerBytesMax> answer{};
  alice.handshake.receive(Bytes{answer}.first(write_challenge_datagram({0, {}}, share, answer)), door.now);
  const Buffer request = alice.request();
  BOOST_REQUIRE(!request.empty());
  const KeyPair between = make_key_pair(door.entropy);
  write_accept_head({true, 1, 0, between.public_key, {}, {}}, std::span{answer}.first<kAcceptHeadBytes>());
  const SessionSecrets secrets =
      derive_session({}, *agree(between.secret_key, share), decode_connect_request(request)->agreed,
                     Bytes{answer}.first(kAcceptHeadBytes));
  std::ranges::copy(secrets.accept_tag.bytes, answer.begin() + kAcceptHeadBytes);
  alice.handshake.receive(Bytes{answer}.first(kAcceptBytes), door.now);
  BOOST_TEST((alice.handshake.state() == HandshakeState::answering));
  BOOST_TEST(alice.handshake.count(HandshakeFault::forged) == 1u);
}

BOOST_AUTO_TEST_CASE(who_has_not_seen_the_request_cannot_answer_it) {
  Door door;
  Knocker alice{door, kAlice};
  alice.request();
  std::array<std::uint8_t, kAnswerBytesMax> answer{};
  const PublicKey guessed = make_key_pair(door.entropy).public_key;
  alice.handshake.receive(Bytes{answer}.first(write_challenge_datagram({0, {}}, guessed, answer)), door.now);
  alice.handshake.receive(
      Bytes{answer}.first(write_refuse_datagram({RefuseReason::server_full, 1, 1}, guessed, answer)),
      door.now);
  BOOST_TEST((alice.handshake.state() == HandshakeState::asking));
  BOOST_TEST(alice.handshake.count(HandshakeFault::malformed) == 2u);
}

// --- damage, disorder

BOOST_AUTO_TEST_CASE(no_flipped_or_cut_datagram_of_a_handshake_moves_anything) {
  Door door;
  const ClientToken token = door.token();
  Knocker bob{door, kBob};
  bob.come_in();
  door.admission->confirm(kBob);
  Knocker alice{door, kAlice, &token};

  // What one side hears damaged at every bit and cut at every byte, and then whole.
  std::uint64_t heard = 0;
  const auto server_hears = [&](const Buffer& whole) {
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit, ++heard) {
      Buffer bytes = whole;
      if (door.hear(kAlice, flipped(bytes, bit)) != AdmissionCause::malformed) BOOST_FAIL("bit " << bit);
    }
    for (std::size_t size = 0; size < whole.size(); ++size, ++heard) {
      if (door.hear(kAlice, Bytes{whole}.first(size)) != AdmissionCause::malformed)
        BOOST_FAIL("size " << size);
    }
    return door.hear(kAlice, whole);
  };
  const auto client_hears = [&](const Buffer& whole) {
    const HandshakeState before = alice.handshake.state();
    std::uint64_t damaged = 0;
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit, ++damaged) {
      Buffer bytes = whole;
      alice.handshake.receive(flipped(bytes, bit), door.now);
    }
    for (std::size_t size = 0; size < whole.size(); ++size, ++damaged) {
      alice.handshake.receive(Bytes{whole}.first(size), door.now);
    }
    BOOST_TEST((alice.handshake.state() == before));
    BOOST_TEST(faults(alice) == damaged);
    alice.handshake.receive(whole, door.now);
  };
  BOOST_TEST((server_hears(alice.request()) == AdmissionCause::no_cookie));
  Buffer answer = door.answer;
  client_hears(answer);
  BOOST_TEST((alice.handshake.state() == HandshakeState::answering));
  const std::uint64_t faults_before = faults(alice);
  BOOST_TEST((server_hears(alice.request()) == AdmissionCause::accepted));
  answer = door.answer;
  for (std::size_t bit = 0; bit < 8 * answer.size(); ++bit) {
    Buffer bytes = answer;
    alice.handshake.receive(flipped(bytes, bit), door.now);
  }
  for (std::size_t size = 0; size < answer.size(); ++size) {
    alice.handshake.receive(Bytes{answer}.first(size), door.now);
  }
  BOOST_TEST((alice.handshake.state() == HandshakeState::answering));
  BOOST_TEST(faults(alice) - faults_before == 9 * answer.size());
  alice.handshake.receive(answer, door.now);
  BOOST_TEST((alice.handshake.state() == HandshakeState::accepted));
  BOOST_TEST(share_keys(*alice.handshake.accepted()->keys, *door.peers.at(kAlice).keys));
  BOOST_TEST(door.admission->count(AdmissionCause::malformed) == heard);

  BOOST_TEST(share_keys(*bob.handshake.accepted()->keys, *door.peers.at(kBob).keys));
  BOOST_TEST(door.admission->sessions() == 2u);
}

BOOST_AUTO_TEST_CASE(answers_at_a_time_that_is_not_theirs_are_ignored) {
  // A whole handshake of another client with the same server: well-formed, and not hers.
  Door door;
  Knocker bob{door, kBob};
  bob.knock();
  const Buffer bobs_challenge = door.answer;
  bob.knock();
  const Buffer bobs_accept = door.answer;
  std::array<std::uint8_t, kAnswerBytesMax> bytes{};

  Knocker alice{door, kAlice};
  const PublicKey share = decode_connect_request(alice.request())->share;
  Buffer refuse(bytes.begin(), bytes.begin() + kRefuseDatagramBytes);
  write_refuse_datagram({RefuseReason::stopping, 1, 1}, share, refuse);
  const auto hear_all = [&](std::initializer_list<Buffer> datagrams) {
    const HandshakeState before = alice.handshake.state();
    for (const Buffer& datagram : datagrams) alice.handshake.receive(datagram, door.now);
    BOOST_TEST((alice.handshake.state() == before));
  };
  hear_all({bobs_challenge, bobs_accept});
  door.now += 250ms;
  alice.knock();
  const Buffer challenge = door.answer;
  hear_all({bobs_challenge, bobs_accept, challenge});
  alice.knock();
  BOOST_TEST((alice.handshake.state() == HandshakeState::accepted));
  const Buffer accept = door.answer;
  hear_all({bobs_challenge, bobs_accept, challenge, accept, refuse});
  BOOST_TEST(share_keys(*alice.handshake.accepted()->keys, *door.peers.at(kAlice).keys));

  Knocker refused{door, {"10.0.0.4", 1}, nullptr, false};
  refused.come_in();
  BOOST_TEST((refused.handshake.state() == HandshakeState::refused));
  refused.handshake.receive(bobs_accept, door.now);
  BOOST_TEST((refused.handshake.state() == HandshakeState::refused));
  Knocker silent{door, {"10.0.0.5", 1}};
  silent.request();
  door.now += 60s;
  silent.handshake.receive(bobs_challenge, door.now);
  BOOST_TEST((silent.handshake.state() == HandshakeState::timed_out));
}

// All that several clients have said, again and again, in any order, from any of their addresses.
BOOST_AUTO_TEST_CASE(no_order_of_requests_confuses_the_server) {
  Random random{test_seed()};
  for (int round = 0; round < 20; ++round) {
    Door door;
    std::vector<std::unique_ptr<Knocker>> clients;
    std::vector<Address> addresses;
    std::vector<std::pair<std::size_t, Buffer>> said, answers;
    for (std::uint16_t i = 0; i < 5; ++i) {
      addresses.push_back({"host-" + std::to_string(i / 2), i});
      clients.push_back(std::make_unique<Knocker>(door, addresses.back()));
    }
    for (int step = 0; step < 400; ++step) {
      const std::size_t who = random.below(clients.size());
      door.now += Duration{static_cast<std::int64_t>(random.below(50'000'000))};
      if (Buffer bytes = clients[who]->request(); !bytes.empty()) said.emplace_back(who, bytes);
      if (!said.empty()) {
        const auto& [from, bytes] = said[random.below(said.size())];
        const std::size_t at = random.below(8) == 0 ? random.below(clients.size()) : from;
        door.hear(addresses[at], bytes);
        if (!door.answer.empty()) answers.emplace_back(at, door.answer);
      }
      if (!answers.empty()) {
        const auto& [to, bytes] = answers[random.below(answers.size())];
        clients[to]->handshake.receive(bytes, door.now);
      }
      if (random.below(10) == 0) door.admission->confirm(addresses[who]);
      if (door.admission->sessions() != door.peers.size()) BOOST_FAIL("books differ");
    }
    BOOST_TEST(door.peers.size() <= clients.size());
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (clients[i]->handshake.state() != HandshakeState::accepted) continue;
      BOOST_TEST(share_keys(*clients[i]->handshake.accepted()->keys, *door.peers.at(addresses[i]).keys));
    }
  }
}

// --- in the session

BOOST_AUTO_TEST_CASE(a_sealed_datagram_replayed_forged_or_damaged_moves_no_window) {
  Door door;
  Knocker alice{door, kAlice};
  alice.come_in();
  const SessionKeys& client = *alice.handshake.accepted()->keys;
  const SessionKeys& server = *door.peers.at(kAlice).keys;
  DatagramChannel::Config config;
  config.seal_bytes = kSessionHeadBytes + kSealBytes;
  DatagramChannel channel{derive_windows(door.horizon), config};
  // size, kind, sequence, replay test, open, replay advance: true when the packet counts.
  std::vector<std::uint8_t> packet;
  const auto hear = [&](Bytes datagram) {
    const auto low = session_sequence(datagram, kSealBytes);
    if (!low) return false;
    const auto sequence = channel.unwrap(*low);
    if (!sequence) return false;
    packet.resize(datagram.size() - kSessionHeadBytes - kSealBytes);
    if (!open_session(server.receive, 1, *sequence, datagram, packet)) return false;
    return channel.receive(*sequence, packet, door.now).has_value();
  };
  const auto datagram_of = [&](std::uint64_t sequence) {
    const Buffer ping{0, 4, 4, 1, 0, 0, 0};
    Buffer datagram(kSessionHeadBytes + ping.size() + kSealBytes);
    std::ranges::copy(ping, datagram.begin() + kSessionHeadBytes);
    seal_session(client.send, 1, sequence, datagram);
    return datagram;
  };
  const Buffer first = datagram_of(0);
  BOOST_TEST(hear(first));
  BOOST_TEST(!hear(first));  // replayed
  const Buffer second = datagram_of(1);
  for (std::size_t bit = 0; bit < 8 * second.size(); ++bit) {
    Buffer bytes = second;
    if (hear(flipped(bytes, bit))) BOOST_FAIL("bit " << bit);
  }
  for (std::size_t size = 0; size < second.size(); ++size) {
    if (hear(Bytes{second}.first(size))) BOOST_FAIL("size " << size);
  }
  Buffer far = second;  // a high sequence that is not sealed for it
  store_little_endian(far.data() + 1, std::uint32_t{0x7FFF'FFFF});
  BOOST_TEST(!hear(far));
  BOOST_TEST(hear(second));  // the window is where it was
  BOOST_TEST(channel.counters().packets_received == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
