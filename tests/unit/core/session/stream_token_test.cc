// Tokens on streams: hello, challenge, proof, welcome.
#include <boost/test/unit_test.hpp>

#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/token_exchange.h"
#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

// A lab whose server takes tokens; players come in through `door`.
struct Guarded {
  explicit Guarded(bool requires_token = false, const ServerConfig& config = lab_config())
      : lab(config),
        door(lab.server, {.schema_digest = lab.world.schema().digest(), .requires_token = requires_token},
             derive_windows(config.horizon), lab.log, &gate) {}

  ClientToken token(std::string_view identity = "alice") {
    const SigningKeyPair client = make_signing_key_pair(entropy);
    const IssuedToken issued =
        issue_token(key, {client.verify_key, Identity{bytes_of(identity)}, 0, 60}, entropy);
    return {issued.token, issued.secret, client.signing_key};
  }

  // What the client says now.
  static Buffer take(Seat& seat) {
    seat.client.flush(seat.out);
    Buffer bytes;
    for (const auto& write : seat.out.writes) {
      const Buffer part = bytes_of_write(write.message);
      bytes.insert(bytes.end(), part.begin(), part.end());
    }
    seat.out.writes.clear();
    return bytes;
  }
  // How the server answers these bytes of one connection: "waiting", "seated", or what it says.
  std::string answer_to(PendingId pending, Bytes bytes) {
    outcome = door.receive(pending, bytes, lab.now);
    reply = bytes_of_write(outcome.reply);
    if (outcome.kind == Acceptor::Outcome::Kind::seated) return "seated";
    if (reply.empty()) return "waiting";
    Bytes rest = Bytes{reply}.subspan(kFrameHeaderBytes + 1);
    const RawMessage message = take_message(rest);
    if (message.type != MessageType::refuse) return said(reply, Sender::server);
    return std::string{text(decode_refuse(message.body)->reason)};
  }
  // The whole exchange; the last answer.
  std::string come_in(Seat& seat) {
    const PendingId pending = *door.open(seat.address, lab.now);
    seat.client.connect(lab.now);
    std::string answer = answer_to(pending, take(seat));
    while (outcome.kind == Acceptor::Outcome::Kind::waiting) {
      seat.client.receive(reply, lab.now);
      const Buffer next = take(seat);
      if (next.empty()) return "silence";
      answer = answer_to(pending, next);
    }
    return answer;
  }

  SeededEntropy entropy{Random{5}};
  TokenKey key = make_symmetric_key(entropy);
  TokenGate gate{{.keys = {key}}, entropy};
  Lab lab;
  Acceptor door;
  Acceptor::Outcome outcome;
  Buffer reply;
};

ClientConfig with(const ClientToken& token) {
  return {.horizon = lab_config().horizon, .token = token};
}

BOOST_AUTO_TEST_SUITE(stream_token)

BOOST_AUTO_TEST_CASE(a_token_is_challenged_proved_and_then_names_the_player) {
  Guarded server{true};
  Seat& alice = server.lab.add_seat(with(server.token("player 7")));
  const PendingId pending = *server.door.open(alice.address, server.lab.now);
  alice.client.connect(server.lab.now);
  BOOST_TEST(server.answer_to(pending, Guarded::take(alice)) == "challenge");
  BOOST_TEST(server.lab.server.players().empty());  // no seat before the proof
  alice.client.receive(server.reply, server.lab.now);
  BOOST_TEST(alice.client.has_proof_due());
  const Buffer proof = Guarded::take(alice);
  BOOST_TEST(said(proof, Sender::client) == "proof");
  BOOST_TEST(server.answer_to(pending, proof) == "seated");

  const TokenHolder* const holder = server.lab.server.holder(ClientId{1});
  BOOST_REQUIRE(holder != nullptr);
  BOOST_TEST(text_of(holder->identity.bytes()) == "player 7");
  server.lab.now = *server.lab.server.next_deadline();
  server.lab.server.advance(server.lab.now);
  server.lab.server.flush(server.lab.out);
  alice.client.receive(bytes_of_write(server.lab.out.writes.at(0).message), server.lab.now);
  BOOST_TEST(alice.client.connected());
  BOOST_TEST(alice.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(where_the_exchange_is_cut_means_nothing) {
  Guarded server;
  Seat& alice = server.lab.add_seat(with(server.token()));
  const PendingId pending = *server.door.open(alice.address, server.lab.now);
  alice.client.connect(server.lab.now);
  const auto piecewise = [&](const Buffer& bytes) {
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
      BOOST_REQUIRE(server.answer_to(pending, Bytes{bytes}.subspan(i, 1)) == "waiting");
    }
    return server.answer_to(pending, Bytes{bytes}.last(1));
  };
  BOOST_TEST(piecewise(Guarded::take(alice)) == "challenge");
  const Buffer challenge = server.reply;
  for (std::size_t i = 0; i < challenge.size(); ++i) {
    alice.client.receive(Bytes{challenge}.subspan(i, 1), server.lab.now);
  }
  BOOST_TEST(piecewise(Guarded::take(alice)) == "seated");
}

BOOST_AUTO_TEST_CASE(without_a_token_nothing_changes_unless_one_is_required) {
  Guarded open;
  BOOST_TEST(open.come_in(open.lab.add_seat()) == "seated");
  Guarded closed{true};
  BOOST_TEST(closed.come_in(closed.lab.add_seat()) == "token_required");
}

BOOST_AUTO_TEST_CASE(a_token_begins_one_session) {
  Guarded server;
  const ClientToken token = server.token();
  BOOST_TEST(server.come_in(server.lab.add_seat(with(token))) == "seated");
  BOOST_TEST(server.come_in(server.lab.add_seat(with(token))) == "token_used");

  // Two connections race with one token: both are challenged, the first proof wins.
  const ClientToken raced = server.token();
  Seat& one = server.lab.add_seat(with(raced));
  Seat& two = server.lab.add_seat(with(raced));
  const PendingId first = *server.door.open(one.address, server.lab.now);
  const PendingId second = *server.door.open(two.address, server.lab.now);
  one.client.connect(server.lab.now);
  two.client.connect(server.lab.now);
  BOOST_TEST(server.answer_to(first, Guarded::take(one)) == "challenge");
  one.client.receive(server.reply, server.lab.now);
  BOOST_TEST(server.answer_to(second, Guarded::take(two)) == "challenge");
  two.client.receive(server.reply, server.lab.now);
  BOOST_TEST(server.answer_to(second, Guarded::take(two)) == "seated");
  BOOST_TEST(server.answer_to(first, Guarded::take(one)) == "token_used");
}

BOOST_AUTO_TEST_CASE(a_copied_token_is_useless) {
  Guarded server;
  const ClientToken token = server.token();
  // Seen on the wire: the token, not what its holder keeps.
  const ClientToken copied{token.token, {}, make_signing_key_pair(server.entropy).signing_key};
  Seat& thief = server.lab.add_seat(with(copied));
  BOOST_TEST(server.come_in(thief) == "silence");  // it cannot even tell that the server is the right one

  // Nor does a proof made for another connection help.
  Seat& alice = server.lab.add_seat(with(token));
  const PendingId hers = *server.door.open(alice.address, server.lab.now);
  alice.client.connect(server.lab.now);
  const Buffer hello = Guarded::take(alice);
  server.answer_to(hers, hello);
  alice.client.receive(server.reply, server.lab.now);
  const Buffer proof = Guarded::take(alice);
  const PendingId his = *server.door.open({"thief", 1}, server.lab.now);
  BOOST_TEST(server.answer_to(his, hello) == "challenge");
  BOOST_TEST(server.answer_to(his, proof) == "token_invalid");
  BOOST_TEST(server.answer_to(hers, proof) == "seated");  // the attempt did not use it up
}

BOOST_AUTO_TEST_CASE(forged_foreign_and_expired_tokens_are_told_apart) {
  Guarded server;
  Guarded elsewhere;
  elsewhere.key.bytes[0] ^= 1;
  BOOST_TEST(server.come_in(server.lab.add_seat(with(elsewhere.token()))) == "token_invalid");
  const ClientToken token = server.token();
  server.lab.now = Instant{} + 60s;
  BOOST_TEST(server.come_in(server.lab.add_seat(with(token))) == "token_expired");
}

BOOST_AUTO_TEST_CASE(every_bit_of_a_proof_counts) {
  Guarded server;
  const ClientToken token = server.token();
  for (std::size_t bit = 0; bit < 80 * 8; bit += 7) {
    Seat& alice = server.lab.add_seat(with(token));
    const PendingId pending = *server.door.open(alice.address, server.lab.now);
    alice.client.connect(server.lab.now);
    server.answer_to(pending, Guarded::take(alice));
    alice.client.receive(server.reply, server.lab.now);
    Buffer proof = Guarded::take(alice);
    proof[proof.size() - 80 + bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    BOOST_TEST(server.answer_to(pending, proof) == "token_invalid");
  }
  BOOST_TEST(server.lab.server.players().empty());
  BOOST_TEST(server.come_in(server.lab.add_seat(with(token))) == "seated");
}

BOOST_AUTO_TEST_CASE(anything_but_the_proof_after_a_challenge_is_malformed) {
  Guarded server;
  const ClientToken token = server.token();
  for (const Buffer& instead : {frame_of(Ping{1}), frame_of(Hello{1, 1, 0, 0, 0}), frame_of(Proof{})}) {
    Seat& alice = server.lab.add_seat(with(token));
    const PendingId pending = *server.door.open(alice.address, server.lab.now);
    alice.client.connect(server.lab.now);
    server.answer_to(pending, Guarded::take(alice));
    const std::string answer = server.answer_to(pending, instead);
    BOOST_TEST((answer == "malformed" || answer == "token_invalid"));
  }
}

BOOST_AUTO_TEST_CASE(a_proof_that_never_comes_is_a_silent_connection) {
  Guarded server;
  Seat& alice = server.lab.add_seat(with(server.token()));
  const PendingId pending = *server.door.open(alice.address, server.lab.now);
  alice.client.connect(server.lab.now);
  server.answer_to(pending, Guarded::take(alice));
  BOOST_REQUIRE(server.door.next_deadline().has_value());
  const auto expired = server.door.expire(*server.door.next_deadline());
  BOOST_REQUIRE(expired.has_value());
  BOOST_TEST((expired->first == pending));
  BOOST_TEST(server.door.waiting() == 0u);
}

BOOST_AUTO_TEST_CASE(a_seat_may_go_to_another_between_hello_and_proof) {
  ServerConfig config = lab_config();
  config.players_max = 1;
  Guarded server{false, config};
  Seat& alice = server.lab.add_seat(with(server.token()));
  const PendingId pending = *server.door.open(alice.address, server.lab.now);
  alice.client.connect(server.lab.now);
  BOOST_TEST(server.answer_to(pending, Guarded::take(alice)) == "challenge");
  alice.client.receive(server.reply, server.lab.now);
  const Buffer proof = Guarded::take(alice);
  BOOST_TEST(server.come_in(server.lab.add_seat()) == "seated");
  BOOST_TEST(server.answer_to(pending, proof) == "server_full");
}

// A server that cannot open the token may be anybody.
BOOST_AUTO_TEST_CASE(a_client_with_a_token_believes_no_server_that_cannot_open_it) {
  Guarded server;
  Seat& alice = server.lab.add_seat(with(server.token()));
  alice.client.connect(server.lab.now);
  Guarded::take(alice);
  alice.client.receive(frame_of(Welcome{1, 0, 2, ClientId{3}, EntityId{4}, 20, Tick{5}, 6}), server.lab.now);
  BOOST_TEST(!alice.client.connected());
  alice.client.receive(frame_of(Challenge{}), server.lab.now);
  BOOST_TEST(!alice.client.has_proof_due());
  BOOST_TEST((alice.log.faults == std::vector<std::string>{"unexpected", "unexpected"}));

  Seat& bob = server.lab.add_seat();  // who has none is not to be challenged
  bob.client.connect(server.lab.now);
  Guarded::take(bob);
  bob.client.receive(frame_of(Challenge{}), server.lab.now);
  BOOST_TEST((bob.log.faults == std::vector<std::string>{"unexpected"}));
}

BOOST_AUTO_TEST_CASE(who_comes_back_keeps_its_name_and_needs_no_token) {
  ServerConfig config = lab_config();
  config.resume_grace = 30s;
  Guarded server{true, config};
  Seat& alice = server.lab.add_seat(with(server.token("player 7")));
  BOOST_REQUIRE(server.come_in(alice) == "seated");
  const PeerId peer = server.outcome.peer;
  server.lab.now = *server.lab.server.next_deadline();
  server.lab.server.advance(server.lab.now);
  server.lab.server.flush(server.lab.out);
  alice.client.receive(bytes_of_write(server.lab.out.writes.at(0).message), server.lab.now);
  BOOST_REQUIRE(alice.client.connected());

  server.lab.server.remove_peer(peer, DisconnectReason::connection_lost, server.lab.now);
  alice.client.on_connection_lost(server.lab.now);
  alice.client.resume(server.lab.now);
  const PendingId pending = *server.door.open(alice.address, server.lab.now);
  BOOST_TEST(server.answer_to(pending, Guarded::take(alice)) == "seated");
  const TokenHolder* const holder = server.lab.server.holder(ClientId{1});
  BOOST_REQUIRE(holder != nullptr);
  BOOST_TEST(text_of(holder->identity.bytes()) == "player 7");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
