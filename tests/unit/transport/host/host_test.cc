// A server and clients on threads of their own, as a game embeds them.
#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "netrig/tests/support/certificates.h"
#include "netrig/tests/support/duel_world.h"
#include "netrig/transport/host/client_host.h"
#include "netrig/transport/host/mailbox.h"
#include "netrig/transport/host/server_host.h"

namespace netrig::transport {
namespace {

using netrig::testing::DuelInput;
using netrig::testing::DuelWorld;

constexpr auto kPatience = std::chrono::seconds{20};  // nobody waits for it unless the test fails

template <class Condition>
bool eventually(Condition condition) {
  const auto bound = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < bound) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return false;
}

struct Game {
  Game() {
    const auto files = authority.sign();
    options.sockets.tls = {.certificate_file = files.certificate, .key_file = files.key};
    options.admission.seats_per_address_max = 32;
    options.admission.pending_per_address_max = 32;
    client_options.sockets.tls = {.ca_file = authority.authority_file()};
  }
  std::string url(ServerHost& server, std::string_view scheme) const {
    return std::string{scheme} + "://127.0.0.1:" + std::to_string(server.local()->port);
  }

  netrig::testing::Certificates authority;
  DuelWorld world{Random{7}};
  const Schema schema = netrig::testing::duel_schema();
  ServerHostOptions options;
  ClientHostOptions client_options;
};

// Collects events of one kind.
template <class Host, class Event>
struct Heard {
  explicit Heard(Host& from) : host(from) {}
  std::size_t count(typename Event::Kind kind) {
    for (Event& event : host.take_events()) all.push_back(std::move(event));
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [kind](const Event& event) { return event.kind == kind; }));
  }
  const Event& first(typename Event::Kind kind) const {
    return *std::find_if(all.begin(), all.end(), [kind](const Event& event) { return event.kind == kind; });
  }
  Host& host;
  std::vector<Event> all;
};
using ServerHeard = Heard<ServerHost, ServerEvent>;
using ClientHeard = Heard<ClientHost, ClientEvent>;

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
      BOOST_REQUIRE_EQUAL(client.connect(url(server, scheme)), "");
      ServerHeard at_server{server};
      ClientHeard at_client{client};
      BOOST_REQUIRE(eventually([&] { return at_client.count(ClientEvent::Kind::connected) == 1; }));
      BOOST_REQUIRE(eventually([&] { return at_server.count(ServerEvent::Kind::joined) == 1; }));
      BOOST_TEST(server.players().size() == 1u);

      InputSequence acked{};
      BOOST_TEST(eventually([&] {
        client.send_input(DuelInput{.turn = 100}.encode());
        for (const ClientUpdate& update : client.take_updates()) {
          BOOST_TEST(update.state.size() == 1u);
          acked = std::max(acked, update.input_ack);
        }
        return acked != InputSequence{};
      }));
      const std::vector<std::uint8_t> words{'h', 'i'};
      client.send(7, words);
      server.broadcast(8, words);
      BOOST_REQUIRE(eventually([&] { return at_server.count(ServerEvent::Kind::message) == 1; }));
      BOOST_REQUIRE(eventually([&] { return at_client.count(ClientEvent::Kind::message) == 1; }));
      BOOST_TEST((at_server.first(ServerEvent::Kind::message).bytes == words));
      BOOST_TEST(at_client.first(ClientEvent::Kind::message).number == 8);
      BOOST_TEST(eventually([&] { return client.rtt().has_value(); }));

      client.disconnect();
      BOOST_REQUIRE(eventually([&] { return at_server.count(ServerEvent::Kind::left) == 1; }));
      BOOST_TEST(at_server.first(ServerEvent::Kind::left).text == text(DisconnectReason::left));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_stopping_server_sends_everybody_away_and_may_start_again) {
  ServerHost server{world, options};
  for (int round = 0; round < 3; ++round) {
    BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
    ClientHost client{schema, client_options};
    BOOST_REQUIRE_EQUAL(client.connect(url(server, "tcp")), "");
    ClientHeard at_client{client};
    BOOST_REQUIRE(eventually([&] { return at_client.count(ClientEvent::Kind::connected) == 1; }));
    server.stop();
    BOOST_TEST(!server.local());
    BOOST_REQUIRE(eventually([&] { return at_client.count(ClientEvent::Kind::closed) == 1; }));
    BOOST_TEST(at_client.first(ClientEvent::Kind::closed).text == text(DisconnectReason::stopping));
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_begin_is_said) {
  ServerHost server{world, options};
  BOOST_TEST(server.start("http://127.0.0.1:0").find("unknown scheme") != std::string::npos);
  BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
  DuelWorld other_world{Random{8}};
  ServerHost other{other_world, options};
  const std::string taken = url(server, "tcp");
  BOOST_TEST(other.start(taken) == taken + ": address in use");
  BOOST_TEST(!other.local());

  ClientHost client{schema, client_options};
  ClientHeard at_client{client};
  BOOST_REQUIRE_EQUAL(client.connect(url(server, "tls")), "");  // TLS to a plain port
  BOOST_REQUIRE(eventually([&] { return at_client.count(ClientEvent::Kind::error) > 0; }));
  BOOST_TEST(at_client.first(ClientEvent::Kind::error).text.starts_with("TLS: "));
  server.stop();
  BOOST_REQUIRE_EQUAL(client.connect(taken), "");
  at_client.all.clear();
  BOOST_REQUIRE(eventually([&] { return at_client.count(ClientEvent::Kind::error) > 0; }));
  BOOST_TEST(at_client.first(ClientEvent::Kind::error).text == "Connection refused");
}

// Whatever threads call while it starts and stops, nothing hangs and nothing races.
BOOST_AUTO_TEST_CASE(many_threads_may_call_while_it_stops) {
  ServerHost server{world, options};
  ClientHost client{schema, client_options};
  std::atomic<bool> over = false;
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i)
    callers.emplace_back([&] {
      const std::vector<std::uint8_t> words{'h', 'i'};
      while (!over) {
        server.broadcast(1, words);
        server.kick(ClientId{1}, "out");
        static_cast<void>(server.players());
        static_cast<void>(server.take_events());
        client.send_input(DuelInput{}.encode());
        client.send(1, words);
        static_cast<void>(client.take_updates());
        static_cast<void>(client.rtt());
        std::this_thread::sleep_for(std::chrono::microseconds{200});
      }
    });
  for (int round = 0; round < 10; ++round) {
    BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
    BOOST_REQUIRE_EQUAL(client.connect(url(server, "tcp")), "");
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    round % 2 == 0 ? server.stop() : client.disconnect();
  }
  over = true;
  for (std::thread& caller : callers) caller.join();
}

BOOST_AUTO_TEST_CASE(a_full_mailbox_drops_the_oldest_and_counts_it) {
  Mailbox<int> box{3};
  for (int i = 0; i < 5; ++i) box.put(i);
  BOOST_TEST(box.take() == (std::vector<int>{2, 3, 4}), boost::test_tools::per_element());
  BOOST_TEST(box.dropped() == 2u);
  BOOST_TEST(box.take().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport
