// Connections that break: the client comes back by itself, until it cannot.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/transport/host/host_testing.h"
#include "netrig/tests/unit/transport/host/relay.h"

namespace netrig::transport::testing {
namespace {

struct BrokenNetwork : Game {
  BrokenNetwork() {
    client_options.reconnect = BackoffPolicy{.first = 5ms, .max = 20ms};
    BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
  }
  std::string through(const Relay& relay) const { return "tcp://127.0.0.1:" + std::to_string(relay.port()); }

  ServerHost server{world, options};
};

BOOST_FIXTURE_TEST_SUITE(reconnect, BrokenNetwork)

BOOST_AUTO_TEST_CASE(a_broken_connection_is_made_again_and_the_session_goes_on) {
  Relay relay{server.local()->port};
  ClientHost client{schema, client_options};
  BOOST_REQUIRE_EQUAL(client.connect(through(relay)), "");
  ServerHeard at_server{server};
  ClientHeard at_client{client};
  BOOST_REQUIRE(at_client.hears(AtClient::connected));
  for (std::size_t cuts = 1; cuts <= 3; ++cuts) {
    relay.cut();
    BOOST_REQUIRE(at_client.hears(AtClient::resumed, cuts));
    BOOST_TEST(at_client.count(AtClient::interrupted) == cuts);
    BOOST_REQUIRE(at_server.hears(AtServer::resumed, cuts));
    BOOST_TEST(at_server.count(AtServer::detached) == cuts);
    BOOST_TEST(client.connected());
  }
  const ClientEvent& first = at_client.first(AtClient::connected);
  BOOST_TEST((at_client.first(AtClient::resumed).client == first.client));
  BOOST_TEST((at_client.first(AtClient::resumed).entity == first.entity));
  client.send(7, words("back"));
  BOOST_REQUIRE(at_server.hears(AtServer::message));
  BOOST_TEST(at_server.count(AtServer::joined) == 1u);
  BOOST_TEST(at_client.count(AtClient::closed) == 0u);
}

BOOST_AUTO_TEST_CASE(a_server_that_knows_nothing_of_the_session_begins_a_new_one) {
  Relay relay{server.local()->port};
  ClientHost client{schema, client_options};
  BOOST_REQUIRE_EQUAL(client.connect(through(relay)), "");
  ClientHeard at_client{client};
  BOOST_REQUIRE(at_client.hears(AtClient::connected));
  DuelWorld next_world{Random{8}};
  ServerHost next{next_world, options};
  BOOST_REQUIRE_EQUAL(next.start("tcp://127.0.0.1:0"), "");
  relay.redirect(next.local()->port);
  relay.cut();
  BOOST_REQUIRE(at_client.hears(AtClient::connected, 2));
  BOOST_TEST(at_client.count(AtClient::interrupted) == 1u);
  BOOST_TEST(at_client.count(AtClient::resumed) == 0u);
}

BOOST_AUTO_TEST_CASE(a_client_gives_up_in_the_end) {
  client_options.reconnect_within = 100ms;
  Relay relay{server.local()->port};
  ClientHost client{schema, client_options};
  BOOST_REQUIRE_EQUAL(client.connect(through(relay)), "");
  ClientHeard at_client{client};
  BOOST_REQUIRE(at_client.hears(AtClient::connected));
  relay.refuse();
  relay.cut();
  BOOST_REQUIRE(at_client.hears(AtClient::closed));
  BOOST_TEST(at_client.count(AtClient::interrupted) == 1u);
  BOOST_TEST(!client.connected());
}

BOOST_AUTO_TEST_CASE(a_client_that_is_refused_when_it_comes_back_ends_once) {
  Relay relay{server.local()->port};
  ClientHost client{schema, client_options};
  BOOST_REQUIRE_EQUAL(client.connect(through(relay)), "");
  ClientHeard at_client{client};
  BOOST_REQUIRE(at_client.hears(AtClient::connected));
  DuelWorld next_world{Random{8}};
  options.admission.requires_token = true;
  options.token_keys.emplace_back();
  ServerHost next{next_world, options};  // does not know the session, and takes no stranger without a token
  BOOST_REQUIRE_EQUAL(next.start("tcp://127.0.0.1:0"), "");
  relay.redirect(next.local()->port);
  relay.cut();
  BOOST_REQUIRE(at_client.hears(AtClient::refused));
  relay.cut();
  client.disconnect();
  const auto ends = [](const ClientEvent& event) { return is_over(event.kind); };
  BOOST_TEST(at_client.count(AtClient::interrupted) == 1u);
  BOOST_TEST(std::count_if(at_client.all.begin(), at_client.all.end(), ends) == 1);
}

BOOST_AUTO_TEST_CASE(a_client_that_shall_not_come_back_does_not) {
  client_options.reconnect.reset();
  Relay relay{server.local()->port};
  ClientHost client{schema, client_options};
  BOOST_REQUIRE_EQUAL(client.connect(through(relay)), "");
  ClientHeard at_client{client};
  BOOST_REQUIRE(at_client.hears(AtClient::connected));
  relay.cut();
  BOOST_REQUIRE(at_client.hears(AtClient::closed));
  BOOST_TEST(at_client.first(AtClient::closed).text == text(DisconnectReason::connection_lost));
  BOOST_TEST(at_client.count(AtClient::interrupted) == 0u);
}

BOOST_AUTO_TEST_CASE(who_leaves_while_it_waits_to_come_back_is_gone_at_once) {
  client_options.reconnect = BackoffPolicy{.first = 60s, .max = 60s, .jitter = BackoffJitter::none};
  client_options.reconnect_within = 600s;
  Relay relay{server.local()->port};
  ClientHost client{schema, client_options};
  BOOST_REQUIRE_EQUAL(client.connect(through(relay)), "");
  ClientHeard at_client{client};
  BOOST_REQUIRE(at_client.hears(AtClient::connected));
  relay.cut();
  BOOST_REQUIRE(at_client.hears(AtClient::interrupted));
  client.disconnect();
  BOOST_TEST(!client.connected());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
