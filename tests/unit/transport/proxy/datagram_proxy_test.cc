// Datagrams through the proxy: the whole model of a link, a socket of its own for each client, and bounds.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/transport/proxy/proxy_world.h"

namespace netrig::transport::testing {
namespace {

constexpr auto kUdp = sim::TransportKind::udp;

LinkSetup both_ways(const sim::LinkConditions& link) {
  return ProxyWorld::setup(kUdp, link, link);
}

BOOST_AUTO_TEST_SUITE(datagram_proxy)

BOOST_AUTO_TEST_CASE(five_seconds_of_round_trip_from_the_first_datagram_on) {
  ProxyWorld world{both_ways(delayed(2'500ms))};
  world.host.prepare = [](Party& guest) {
    guest.when_received = [](Party& self) { self.send(message(self.messages.back())); };
  };
  Party player;
  Instant answered_at{};
  player.when_received = [&](Party&) { answered_at = world.scheduler.now(); };
  world.connect(player);
  world.run_for(0s);
  player.send("ping");
  player.send(OutgoingMessage{});  // a datagram may be empty
  world.run_for(6s);
  BOOST_TEST((answered_at == Instant{} + 5s));
  BOOST_REQUIRE(player.messages.size() == 2u);
  BOOST_TEST((player.messages[0] == Text{'p', 'i', 'n', 'g'}));
  BOOST_TEST(player.messages[1].empty());
}

BOOST_AUTO_TEST_CASE(replies_find_their_way_to_whom_they_are_for) {
  ProxyWorld world{both_ways(delayed(50ms))};
  world.host.prepare = [](Party& guest) {
    guest.when_received = [](Party& self) { self.send(message(self.messages.back())); };
  };
  std::vector<std::unique_ptr<Party>> players;
  for (int i = 0; i < 40; ++i) {
    players.push_back(std::make_unique<Party>());
    world.connect(*players.back(), "player-" + std::to_string(i));
  }
  world.run_for(0s);
  for (int round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < players.size(); ++i)
      players[i]->send(message(Text{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(round)}));
  world.run_for(1s);
  BOOST_TEST(world.host.guests.size() == 40u);  // an upstream of its own for each
  for (std::size_t i = 0; i < players.size(); ++i)
    for (std::size_t round = 0; round < 3; ++round)
      BOOST_TEST((players[i]->messages.at(round) ==
                  Text{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(round)}));
}

BOOST_AUTO_TEST_CASE(what_is_lost_doubled_and_changed_adds_up) {
  sim::LinkConditions wild = delayed(50ms);
  wild.jitter = 40ms;
  wild.jitter_may_reorder = true;
  wild.loss_ppm = 100'000;
  wild.duplicate_ppm = 50'000;
  wild.corrupt_ppm = 20'000;
  ProxyWorld world{ProxyWorld::setup(kUdp, wild, delayed(0ms))};
  Party player;
  world.connect(player);
  world.run_for(0s);
  for (int i = 0; i < 2'000; ++i) {
    player.send(message(Text(100, static_cast<std::uint8_t>(i))));
    world.run_for(1ms);
  }
  world.run_for(1s);
  const NetworkLog::Counts& up = world.network.up();
  BOOST_TEST(up.sent.packets == 2'000u);
  BOOST_TEST(up.sent.packets + up.duplicated.packets == up.delivered.packets + up.lost.packets);
  BOOST_TEST(up.lost.packets > 100u);
  BOOST_TEST(up.duplicated.packets > 50u);
  BOOST_TEST(up.reordered.packets > 50u);
  BOOST_TEST(up.corrupted.packets > 10u);
  BOOST_TEST(world.host.guest().messages.size() == up.delivered.packets);
}

BOOST_AUTO_TEST_CASE(a_client_that_is_silent_for_long_gives_its_place_back) {
  ProxyWorld world{both_ways(delayed(5s)), {.clients_max = 1, .idle_max = 20s}};
  Party player;
  world.connect(player);
  world.run_for(0s);
  player.send("hello");
  world.run_for(19s);
  BOOST_TEST(world.proxy.clients() == 1u);
  Party other;
  world.connect(other, "other");
  world.run_for(0s);
  other.send("is there room?");
  world.run_for(1ms);
  BOOST_TEST(world.log.turned_away == 1u);
  world.run_for(10s);
  BOOST_TEST(world.proxy.clients() == 0u);
  BOOST_TEST((world.log.ends == std::vector{ProxyEnd::idle}));
  other.send("and now?");
  world.run_for(1ms);
  BOOST_TEST(world.proxy.clients() == 1u);
}

BOOST_AUTO_TEST_CASE(a_server_that_only_talks_keeps_its_client) {
  ProxyWorld world{both_ways(delayed(10ms)), {.idle_max = 4s}};
  Party player;
  world.connect(player);
  world.run_for(0s);
  player.send("subscribe");
  world.run_for(1s);
  for (int i = 0; i < 10; ++i) {
    world.host.guest().send("news");
    world.run_for(2s);
  }
  BOOST_TEST(player.messages.size() == 10u);
  BOOST_TEST(world.proxy.clients() == 1u);
}

BOOST_AUTO_TEST_CASE(more_than_the_buffer_holds_is_dropped_and_counted) {
  ProxyWorld world{both_ways(delayed(1s)), {.buffer_bytes_max = 100'000}};
  Party player;
  world.connect(player);
  world.run_for(0s);
  for (int i = 0; i < 500; ++i) {
    player.send(message(Text(1'000, 1)));
    world.run_for(100us);
  }
  world.run_for(3s);
  const NetworkLog::Counts& up = world.network.up();
  BOOST_TEST(up.sent.packets == 500u);
  BOOST_TEST(up.delivered.packets + up.queue_dropped.packets == 500u);
  BOOST_TEST(up.delivered.packets <= 100u);
  BOOST_TEST(up.delivered.packets >= 70u);
  player.send("room again");
  world.run_for(2s);
  BOOST_TEST(world.host.guest().messages.back().size() == 10u);
}

BOOST_AUTO_TEST_CASE(nobody_there_ends_the_client_and_the_next_datagram_tries_again) {
  ProxyWorld world{both_ways(delayed(10ms))};
  world.host.listener.reset();
  Party player;
  world.connect(player);
  world.run_for(0s);
  player.send("hello?");
  world.run_for(1s);
  BOOST_TEST((world.log.ends == std::vector{ProxyEnd::refused}));
  BOOST_TEST(world.proxy.clients() == 0u);
  world.host.listener = *world.memory.listen(world.server, world.host);
  Party again;
  world.connect(again);
  world.run_for(0s);
  again.send("hello!");
  world.run_for(1s);
  BOOST_TEST((world.host.guest().bytes == Text{'h', 'e', 'l', 'l', 'o', '!'}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
