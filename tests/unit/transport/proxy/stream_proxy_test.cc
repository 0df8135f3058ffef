// Streams through the proxy: when bytes come, how connections begin and end, and what bounds them.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/transport/proxy/proxy_world.h"

namespace netrig::transport::testing {
namespace {

constexpr auto kTcp = sim::TransportKind::tcp;

LinkSetup round_trip(Duration rtt) {
  return ProxyWorld::setup(kTcp, delayed(rtt / 2), delayed(rtt / 2));
}

Text numbered(std::size_t size, std::uint8_t first) {
  Text bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(first + i * 31 + i / 251);
  return bytes;
}

void echo(Party& guest) {
  guest.when_received = [](Party& self) { self.send(message(self.messages.back())); };
}

// Runs in steps of a millisecond: a session's sweep never lets the scheduler fall idle.
template <class Condition>
void run_until(ProxyWorld& world, Condition condition, Duration patience = 600s) {
  const Instant bound = world.scheduler.now() + patience;
  while (!condition() && world.scheduler.now() < bound) world.run_for(1ms);
  BOOST_REQUIRE(condition());
}

BOOST_AUTO_TEST_SUITE(stream_proxy)

BOOST_AUTO_TEST_CASE(five_seconds_of_round_trip_stand_between_two_plain_programs) {
  ProxyWorld world{round_trip(5s)};
  world.host.prepare = echo;
  Party player;
  Instant answered_at{};
  player.when_received = [&](Party&) { answered_at = world.scheduler.now(); };
  world.connect(player);
  world.run_for(1ms);
  player.send("hello");
  // One round trip until the connection stands, as over a real line, and one for the echo.
  run_until(world, [&] { return player.bytes.size() == 5; });
  BOOST_TEST((answered_at == Instant{} + 10s));
  const Instant asked_at = world.scheduler.now();
  player.send("again");
  run_until(world, [&] { return player.bytes.size() == 10; });
  BOOST_TEST((answered_at == asked_at + 5s));
  BOOST_TEST((world.log.latest == Duration{0}));
}

BOOST_AUTO_TEST_CASE(a_server_that_speaks_first_is_heard_one_round_trip_after_the_connection) {
  ProxyWorld world{round_trip(200ms)};
  world.host.prepare = [](Party& guest) { guest.when_open = [](Party& self) { self.send("welcome"); }; };
  Party player;
  Instant heard_at{};
  player.when_received = [&](Party&) { heard_at = world.scheduler.now(); };
  world.connect(player);
  run_until(world, [&] { return !player.bytes.empty(); });
  BOOST_TEST((heard_at == Instant{} + 200ms));
}

BOOST_AUTO_TEST_CASE(each_direction_has_its_own_link) {
  ProxyWorld world{ProxyWorld::setup(kTcp, delayed(10ms), delayed(300ms))};
  Party player;
  Instant up_at{};
  Instant down_at{};
  world.host.prepare = [&](Party& guest) {
    guest.when_received = [&](Party& self) {
      up_at = world.scheduler.now();
      self.send("pong");
    };
  };
  player.when_received = [&](Party&) { down_at = world.scheduler.now(); };
  world.connect(player);
  world.run_for(400ms);
  const Instant start = world.scheduler.now();
  player.send("ping");
  run_until(world, [&] { return !player.bytes.empty(); });
  BOOST_TEST((up_at == start + 10ms));
  BOOST_TEST((down_at == start + 310ms));
}

BOOST_AUTO_TEST_CASE(every_byte_passes_in_order_whatever_the_link_loses) {
  sim::LinkConditions bad = delayed(40ms);
  bad.jitter = 30ms;
  bad.loss_ppm = 50'000;
  bad.corrupt_ppm = 10'000;
  sim::LinkConditions narrow = bad;
  narrow.rate_bits_per_second = 8'000'000;
  narrow.queue_bytes_max = 20'000;
  for (const sim::LinkConditions& down : {bad, narrow}) {
    ProxyWorld world{ProxyWorld::setup(kTcp, bad, down)};
    world.host.prepare = echo;
    Party player;
    world.connect(player);
    world.run_for(2s);
    Text sent;
    for (int i = 0; i < 60; ++i) {
      const Text bytes = numbered(static_cast<std::size_t>(i) * 997, static_cast<std::uint8_t>(i));
      sent.insert(sent.end(), bytes.begin(), bytes.end());
      player.send(message(bytes));
      world.run_for(7ms);
    }
    run_until(world, [&] { return player.bytes.size() == sent.size(); });
    BOOST_TEST((player.bytes == sent));
    BOOST_TEST(world.network.up().retransmitted.packets > 0u);  // what loss is on a stream
  }
}

BOOST_AUTO_TEST_CASE(a_whole_tcp_connection_may_be_modelled_with_its_windows) {
  LinkSetup setup = round_trip(200ms);
  setup.congestion = sim::Congestion::cubic;
  setup.up.loss_ppm = 5'000;
  ProxyWorld world{setup};
  Party player;
  world.connect(player);
  run_until(world, [&] { return world.host.guests.size() == 1; });
  const Text bytes = numbered(400'000, 5);
  const Instant start = world.scheduler.now();
  player.send(message(bytes));
  player.close();
  run_until(world, [&] { return world.host.guest().reason.has_value(); });
  BOOST_TEST((world.host.guest().bytes == bytes));
  // 274 segments: 10, 20, 40, 80 and so on, a flight in each round trip. An ideal stream takes one delay.
  BOOST_TEST((world.scheduler.now() - start >= 4 * 200ms));
}

BOOST_AUTO_TEST_CASE(a_half_close_passes_behind_the_bytes_and_one_delay_later) {
  ProxyWorld world{round_trip(2s)};
  Instant ended_at{};
  world.host.prepare = [&](Party& guest) {
    guest.when_ended = [&](Party& self) {
      ended_at = world.scheduler.now();
      self.send("the whole answer");
      self.end_sending();
      return true;
    };
  };
  Party player;
  player.when_ended = [](Party&) { return true; };
  world.connect(player);
  world.run_for(3s);
  const Instant start = world.scheduler.now();
  player.send("question");
  player.end_sending();
  run_until(world, [&] { return player.reason.has_value(); });
  BOOST_TEST((ended_at == start + 1s));
  BOOST_TEST((world.host.guest().bytes == Text{'q', 'u', 'e', 's', 't', 'i', 'o', 'n'}));
  BOOST_TEST(player.bytes.size() == 16u);
  BOOST_TEST(player.heard == "orec");
  BOOST_TEST((world.scheduler.now() - start >= 2s));
  run_until(world, [&] { return world.proxy.clients() == 0; });
  BOOST_TEST((world.log.ends == std::vector{ProxyEnd::closed}));
  BOOST_TEST(world.log.taken == world.log.given);
}

BOOST_AUTO_TEST_CASE(who_closes_with_data_under_way_is_heard_to_the_end) {
  for (const bool player_closes : {true, false}) {
    sim::LinkConditions slow = delayed(1s);
    slow.rate_bits_per_second = 800'000;
    slow.queue_bytes_max = 30'000;
    ProxyWorld world{ProxyWorld::setup(kTcp, slow, slow)};
    Party player;
    world.connect(player);
    world.run_for(3s);
    Party& guest = world.host.guest();
    Party& closes = player_closes ? player : guest;
    Party& stays = player_closes ? guest : player;
    const Text bytes = numbered(300'000, 9);
    closes.send(message(bytes));
    closes.close();
    run_until(world, [&] { return stays.reason.has_value(); });
    BOOST_TEST((stays.bytes == bytes));
    BOOST_TEST((stays.reason == CloseReason::remote));
    run_until(world, [&] { return world.proxy.clients() == 0; });
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_refuses_shows_as_a_connection_that_breaks) {
  ProxyWorld world{round_trip(1s)};
  world.host.refuses = true;
  Party player;
  Instant gone_at{};
  player.when_closed = [&](Party&) { gone_at = world.scheduler.now(); };
  world.connect(player);
  world.run_for(1ms);
  player.send("is anybody there?");
  run_until(world, [&] { return player.reason.has_value(); });
  BOOST_TEST((gone_at == Instant{} + 1s));  // there and back
  BOOST_TEST((world.log.ends == std::vector{ProxyEnd::refused}));
  BOOST_TEST(world.log.reached == 0u);
  run_until(world, [&] { return world.proxy.clients() == 0; });
}

BOOST_AUTO_TEST_CASE(a_server_that_breaks_off_is_missed_behind_what_it_said) {
  ProxyWorld world{round_trip(1s)};
  Party player;
  world.connect(player);
  world.run_for(2s);
  Party& guest = world.host.guest();
  guest.send("last words");
  world.run_for(1ms);
  guest.reset();
  const Instant start = world.scheduler.now();
  Instant gone_at{};
  player.when_closed = [&](Party&) { gone_at = world.scheduler.now(); };
  run_until(world, [&] { return player.reason.has_value(); });
  BOOST_TEST(player.bytes.size() == 10u);
  BOOST_TEST((gone_at >= start + 500ms));
  run_until(world, [&] { return world.proxy.clients() == 0; });
}

// A player that has ended its half and is gone: the server streams to nobody, and must hear of it.
BOOST_AUTO_TEST_CASE(a_server_hears_that_a_half_closed_player_is_gone) {
  ProxyWorld world{round_trip(100ms)};
  world.host.prepare = [](Party& guest) { guest.when_ended = [](Party&) { return true; }; };
  Party player;
  player.when_ended = [](Party&) { return true; };
  world.connect(player);
  world.run_for(1s);
  player.end_sending();
  world.run_for(1s);
  Party& guest = world.host.guest();
  BOOST_TEST(guest.heard == "oe");
  player.reset();
  run_until(world, [&] { return guest.reason.has_value(); });
  BOOST_TEST((world.log.ends == std::vector{ProxyEnd::broken_off}));
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_read_stops_the_player_and_nothing_grows) {
  constexpr std::size_t kBuffer = 256 * 1024;
  ProxyWorld world{round_trip(20ms), {.buffer_bytes_max = kBuffer}};
  world.host.prepare = [](Party& guest) { guest.pause_receiving(true); };
  Party player;
  world.connect(player);
  world.run_for(100ms);
  const Text bytes = numbered(50'000, 1);
  Text sent;
  int refusals = 0;
  for (int i = 0; i < 200; ++i) {
    if (player.send(message(bytes)) == SendStatus::accepted)
      sent.insert(sent.end(), bytes.begin(), bytes.end());
    else
      ++refusals;
    world.run_for(5ms);
  }
  BOOST_TEST(refusals > 100);
  BOOST_TEST(world.log.paused > 0u);
  // One read beyond the bound, and what the sockets hold on either side of it.
  BOOST_TEST(world.log.most_inside <= kBuffer + 1024 * 1024);
  world.host.guest().pause_receiving(false);
  run_until(world, [&] { return world.host.guest().bytes.size() == sent.size(); });
  BOOST_TEST((world.host.guest().bytes == sent));
}

BOOST_AUTO_TEST_CASE(a_narrow_link_stops_the_sender_too) {
  sim::LinkConditions narrow = delayed(10ms);
  narrow.rate_bits_per_second = 8'000'000;  // 1 MB/s
  narrow.queue_bytes_max = 10'000;
  ProxyWorld world{ProxyWorld::setup(kTcp, narrow, delayed(10ms)), {.buffer_bytes_max = 128 * 1024}};
  Party player;
  world.connect(player);
  world.run_for(100ms);
  const Text bytes = numbered(1'000'000, 1);
  BOOST_REQUIRE((player.send(message(bytes)) == SendStatus::accepted));
  const Instant start = world.scheduler.now();
  run_until(world, [&] { return world.host.guest().bytes.size() == bytes.size(); });
  BOOST_TEST((world.scheduler.now() - start >= 1s));
  BOOST_TEST((world.host.guest().bytes == bytes));
}

BOOST_AUTO_TEST_CASE(an_outage_keeps_a_connection_from_being_made_until_it_is_over) {
  sim::LinkConditions link = delayed(50ms);
  auto schedule = std::make_shared<sim::LinkSchedule>();
  schedule->events.push_back({.kind = sim::LinkEvent::Kind::outage, .at = 0s, .length = 2s});
  link.schedule = schedule;
  ProxyWorld world{ProxyWorld::setup(kTcp, link, link)};
  Party player;
  world.connect(player);
  run_until(world, [&] { return world.log.reached == 1; });
  BOOST_TEST((world.scheduler.now() >= Instant{} + 2s));  // asked after 0, 1 and 3 s, as TCP does
}

BOOST_AUTO_TEST_CASE(who_comes_when_all_places_are_taken_is_turned_away_and_a_free_place_is_given_again) {
  ProxyWorld world{round_trip(10ms), {.clients_max = 2}};
  std::array<Party, 3> players;
  for (Party& player : players) world.connect(player);
  world.run_for(100ms);
  BOOST_TEST(world.proxy.clients() == 2u);
  BOOST_TEST((players[2].reason == CloseReason::refused));
  BOOST_TEST(world.log.turned_away == 1u);
  players[0].close();
  run_until(world, [&] { return world.proxy.clients() == 1; });
  Party late;
  world.connect(late);
  world.run_for(100ms);
  BOOST_TEST(late.is_open());
}

BOOST_AUTO_TEST_CASE(a_seed_repeats_every_event_and_a_client_does_not_shift_another) {
  sim::LinkConditions link = delayed(40ms);
  link.jitter = 20ms;
  link.loss_ppm = 100'000;
  const auto events_of = [&](std::uint64_t seed, bool with_another) {
    ProxyWorld world{ProxyWorld::setup(kTcp, link, link, seed)};
    world.host.prepare = echo;
    Party player;
    Party another;
    world.connect(player);
    world.run_for(1ms);
    if (with_another) world.connect(another, "another");
    std::vector<Instant> arrivals;
    player.when_received = [&](Party&) { arrivals.push_back(world.scheduler.now()); };
    for (int i = 0; i < 50; ++i) {
      player.send("some bytes");
      if (with_another && another.is_open()) another.send("others");
      world.run_for(20ms);
    }
    run_until(world, [&] { return player.bytes.size() == 500; });
    return arrivals;
  };
  BOOST_TEST((events_of(1, false) == events_of(1, false)));
  BOOST_TEST((events_of(1, false) == events_of(1, true)));
  BOOST_TEST((events_of(1, false) != events_of(2, false)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
