// A server and clients on threads of their own, as a game embeds them.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/transport/host/host_testing.h"
#include "netrig/transport/host/os_entropy.h"

namespace netrig::transport::testing {
namespace {

std::vector<std::string_view> schemes() {
#ifdef NETRIG_WEBSOCKET
  return {"tcp", "tls", "ws", "wss", "udp"};
#else
  return {"tcp", "tls", "udp"};
#endif
}

BOOST_FIXTURE_TEST_SUITE(host, Game)

BOOST_AUTO_TEST_CASE(a_game_is_played_over_every_transport) {
  for (const std::string_view scheme : schemes()) {
    BOOST_TEST_CONTEXT(scheme) {
      DuelWorld arena{Random{7}};
      ServerHost server{arena, options};
      BOOST_REQUIRE_EQUAL(server.start(std::string{scheme} + "://127.0.0.1:0"), "");
      ClientHost client{schema, client_options};
      BOOST_REQUIRE_EQUAL(client.connect(url_of(server, scheme)), "");
      ServerHeard at_server{server};
      ClientHeard at_client{client};
      BOOST_REQUIRE(at_client.hears(AtClient::connected));
      BOOST_REQUIRE(at_server.hears(AtServer::joined));
      BOOST_TEST(client.connected());
      BOOST_TEST((at_client.first(AtClient::connected).entity == at_server.first(AtServer::joined).subject));
      BOOST_TEST(eventually([&] { return server.players().size() == 1; }));

      InputSequence acked{};
      BOOST_TEST(eventually([&] {
        client.send_input(DuelInput{.turn = 100}.encode());
        for (const ClientUpdate& update : client.take_updates()) {
          BOOST_TEST(update.state.size() == 1u);
          acked = std::max(acked, update.input_ack);
        }
        return acked != InputSequence{};
      }));
      client.send(7, words("hi"));
      server.broadcast(8, words("all"));
      BOOST_REQUIRE(at_server.hears(AtServer::message));
      BOOST_REQUIRE(at_client.hears(AtClient::message));
      BOOST_TEST((at_server.first(AtServer::message).bytes == words("hi")));
      BOOST_TEST((at_client.first(AtClient::message).bytes == words("all")));
      BOOST_TEST(at_client.first(AtClient::message).number == 8);
      client.send_latest(9, words("up"));
      server.send_latest(at_server.first(AtServer::joined).client, 10, words("down"));
      BOOST_REQUIRE(at_server.hears(AtServer::latest));
      BOOST_REQUIRE(at_client.hears(AtClient::latest));
      BOOST_TEST((at_server.first(AtServer::latest).bytes == words("up")));
      BOOST_TEST(at_client.first(AtClient::latest).number == 10);
      BOOST_TEST(eventually([&] { return client.latency().has_value(); }));

      client.disconnect();
      BOOST_TEST(!client.connected());
      BOOST_REQUIRE(at_server.hears(AtServer::left));
      BOOST_TEST(at_server.first(AtServer::left).text == text(DisconnectReason::left));
      BOOST_TEST(eventually([&] { return server.players().empty(); }));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_stopping_server_sends_everybody_away_and_may_start_again) {
  ServerHost server{world, options};
  for (int round = 0; round < 3; ++round) {
    BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
    ClientHost client{schema, client_options};
    BOOST_REQUIRE_EQUAL(client.connect(url_of(server)), "");
    ClientHeard at_client{client};
    BOOST_REQUIRE(at_client.hears(AtClient::connected));
    server.stop();
    BOOST_TEST(!server.local());
    BOOST_REQUIRE(at_client.hears(AtClient::closed));
    BOOST_TEST(at_client.first(AtClient::closed).text == text(DisconnectReason::stopping));
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_begin_is_said) {
  ServerHost server{world, options};
  BOOST_TEST(server.start("http://127.0.0.1:0").find("unknown scheme") != std::string::npos);
  BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
  DuelWorld other_world{Random{8}};
  options.admission.requires_token = true;
  ServerHost closed{other_world, options};
  BOOST_TEST(closed.start("tcp://127.0.0.1:0") == "requires_token: without token_keys nobody could come in");
  options.admission.requires_token = false;
  ServerHost other{other_world, options};
  const std::string taken = url_of(server);
  BOOST_TEST(other.start(taken) == taken + ": address in use");
  BOOST_TEST(!other.local());

  ClientHost client{schema, client_options};
  ClientHeard at_client{client};
  BOOST_REQUIRE_EQUAL(client.connect(url_of(server, "tls")), "");  // TLS to a plain port
  BOOST_REQUIRE(at_client.hears(AtClient::failed));
  BOOST_TEST(at_client.first(AtClient::failed).text.starts_with("TLS: "));
  server.stop();
  BOOST_REQUIRE_EQUAL(client.connect(taken), "");
  at_client.all.clear();
  BOOST_REQUIRE(at_client.hears(AtClient::failed));
  BOOST_TEST(at_client.first(AtClient::failed).text == "Connection refused");
}

BOOST_AUTO_TEST_CASE(a_kicked_player_hears_why) {
  ServerHost server{world, options};
  BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
  ClientHost client{schema, client_options};
  BOOST_REQUIRE_EQUAL(client.connect(url_of(server)), "");
  ServerHeard at_server{server};
  ClientHeard at_client{client};
  BOOST_REQUIRE(at_server.hears(AtServer::joined));
  server.kick(at_server.first(AtServer::joined).client, "too loud");
  BOOST_REQUIRE(at_client.hears(AtClient::closed));
  BOOST_TEST(at_client.first(AtClient::closed).text == "kicked: too loud");
  BOOST_TEST(at_client.count(AtClient::interrupted) == 0u);  // and it does not come back
}

BOOST_AUTO_TEST_CASE(inputs_are_seen_in_order_and_a_queue_that_nobody_empties_keeps_the_newest) {
  options.inputs_max = 5;
  ServerHost server{world, options};
  BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
  ClientHost client{schema, client_options};
  BOOST_REQUIRE_EQUAL(client.connect(url_of(server)), "");
  ClientHeard at_client{client};
  BOOST_REQUIRE(at_client.hears(AtClient::connected));
  constexpr std::uint32_t kInputs = 20;
  for (std::uint32_t i = 1; i <= kInputs; ++i)
    client.send_input(DuelInput{.turn = static_cast<std::int16_t>(i)}.encode());
  BOOST_REQUIRE(eventually([&] { return server.dropped() == kInputs - 5; }));
  const std::vector<ServerInput> inputs = server.take_inputs();
  BOOST_REQUIRE(inputs.size() == 5u);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    BOOST_TEST(inputs[i].sequence.value == kInputs - 4 + i);
    BOOST_TEST(DuelInput::decode(inputs[i].input)->turn == static_cast<int>(kInputs - 4 + i));
  }
}

BOOST_AUTO_TEST_CASE(a_token_opens_the_door_and_names_the_player) {
  OsEntropy entropy;
  TokenKey key;
  entropy.fill(key.bytes);
  options.token_keys = {key};
  options.admission.requires_token = true;
  const SigningKeyPair keys = make_signing_key_pair(entropy);
  const auto unix_s = static_cast<std::uint64_t>(std::time(nullptr));
  for (const std::string_view scheme : {"tcp", "udp"}) {
    BOOST_TEST_CONTEXT(scheme) {
      DuelWorld arena{Random{7}};
      ServerHost server{arena, options};
      BOOST_REQUIRE_EQUAL(server.start(std::string{scheme} + "://127.0.0.1:0"), "");
      ServerHeard at_server{server};
      ClientHost client{schema, client_options};
      ClientHeard at_client{client};
      BOOST_REQUIRE_EQUAL(client.connect(url_of(server, scheme)), "");
      BOOST_REQUIRE(at_client.hears(AtClient::refused));
      BOOST_TEST(at_client.first(AtClient::refused).text == text(RefuseReason::token_required));

      const IssuedToken issued =
          issue_token(key, {keys.verify_key, Identity{bytes_of("ada")}, unix_s - 60, unix_s + 600}, entropy);
      const ClientToken token{issued.token, issued.secret, keys.signing_key};
      BOOST_REQUIRE_EQUAL(client.connect(url_of(server, scheme), token), "");
      BOOST_REQUIRE(at_client.hears(AtClient::connected));
      BOOST_REQUIRE(at_server.hears(AtServer::joined));
      BOOST_TEST((at_server.first(AtServer::joined).bytes == words("ada")));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_too_long_or_has_no_session_is_counted) {
  ServerHost server{world, options};
  server.broadcast(1, words("nobody"));
  BOOST_TEST(server.dropped() == 1u);
  ClientHost client{schema, client_options};
  client.send(1, words("nobody"));
  client.send_input(DuelInput{}.encode());
  BOOST_TEST(client.dropped() == 2u);
  BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
  server.broadcast(1, std::vector<std::uint8_t>(kAppMessageBytesMax + 1));
  BOOST_TEST(server.dropped() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
