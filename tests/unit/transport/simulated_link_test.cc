// What a simulated connection costs in time and bytes, and who is told about it.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/transport/network_log.h"

namespace netrig::transport::testing {
namespace {

constexpr Duration kUp = 30ms;
constexpr Duration kDown = 70ms;

SameLinks delayed(sim::TransportKind kind) {
  SameLinks links;
  links.kind = kind;
  links.up.delay = sim::ConstantDelay{kUp};
  links.down.delay = sim::ConstantDelay{kDown};
  return links;
}

// When each side of a new connection opened.
struct Opening {
  Duration caller{-1};
  Duration guest{-1};
};
Opening open_over(sim::TransportKind kind, bool plainly) {
  SimulatedWorld world{delayed(kind)};
  plainly ? world.listen_plainly() : world.listen();
  Opening opening;
  world.host.prepare = [&](Party& guest) { guest.when_open = [&](Party&) { opening.guest = world.now(); }; };
  Party caller;
  caller.when_open = [&](Party& self) {
    opening.caller = world.now();
    self.send("hello");
  };
  world.connect(caller);
  world.run();
  return opening;
}

BOOST_AUTO_TEST_SUITE(simulated_link)

BOOST_AUTO_TEST_CASE(connecting_costs_the_round_trips_of_the_transport) {
  for (const bool plainly : {false, true}) {
    const Opening tcp = open_over(sim::TransportKind::tcp, plainly);
    BOOST_TEST((tcp.guest == kUp));
    BOOST_TEST((tcp.caller == kUp + kDown));
    const Opening tls = open_over(sim::TransportKind::tls, plainly);
    BOOST_TEST((tls.guest == kUp + kDown + kUp));
    BOOST_TEST((tls.caller == 2 * (kUp + kDown)));
    BOOST_TEST((open_over(sim::TransportKind::wss, plainly).caller == 3 * (kUp + kDown)));
    const Opening memory = open_over(sim::TransportKind::memory, plainly);
    BOOST_TEST((memory.caller == 0ms));
    BOOST_TEST((memory.guest == 0ms));
    const Opening udp = open_over(sim::TransportKind::udp, plainly);
    BOOST_TEST((udp.caller == 0ms));
    BOOST_TEST((udp.guest == kUp));  // with the first datagram
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_takes_the_round_trip_too) {
  SimulatedWorld world{delayed(sim::TransportKind::tcp)};
  Party caller;
  world.connect(caller);
  Duration heard_at{0};
  caller.when_closed = [&](Party&) { heard_at = world.now(); };
  world.run();
  BOOST_TEST((caller.reason == CloseReason::refused));
  BOOST_TEST((heard_at == kUp + kDown));
}

sim::LinkConditions with_outage(sim::LinkConditions link, Duration at, Duration length) {
  link.schedule = std::make_shared<const sim::LinkSchedule>(
      sim::LinkSchedule{.events = {{.kind = sim::LinkEvent::Kind::outage, .at = at, .length = length}}});
  return link;
}

// A request that meets an outage is sent again after 1, 2 and 4 s.
BOOST_AUTO_TEST_CASE(connecting_waits_for_an_outage_to_pass) {
  for (const bool is_up : {true, false}) {
    SameLinks links = delayed(sim::TransportKind::tcp);
    sim::LinkConditions& cut = is_up ? links.up : links.down;
    cut = with_outage(cut, 0s, 4s);
    SimulatedWorld world{links};
    world.listen();
    Party caller;
    Duration opened_at{0};
    caller.when_open = [&](Party&) { opened_at = world.now(); };
    world.connect(caller);
    world.run();
    BOOST_TEST((opened_at == 7s + kUp + kDown));
  }
}

BOOST_AUTO_TEST_CASE(nobody_is_reachable_through_an_outage_without_end) {
  SameLinks links = delayed(sim::TransportKind::tcp);
  links.up = with_outage(links.up, 0s, 10'000s);
  SimulatedWorld world{links};
  world.listen();
  Party caller;
  Duration heard_at{0};
  caller.when_closed = [&](Party&) { heard_at = world.now(); };
  world.connect(caller);
  world.run();
  BOOST_TEST((caller.reason == CloseReason::unreachable));
  BOOST_TEST((heard_at == kConnectGivenUpAfter));
  BOOST_TEST(world.network.connection_count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_corrupted_datagram_arrives_whole_with_other_bytes) {
  SameLinks links = delayed(sim::TransportKind::udp);
  links.up.corrupt_ppm = 1'000'000;
  SimulatedWorld world{links};
  world.listen();
  Party caller;
  const OutgoingMessage sent{.head = payload(Text(5, 0)), .body = payload(Text(95, 0))};
  caller.when_open = [&](Party& self) {
    for (int i = 0; i < 50; ++i) self.send(sent);
  };
  world.connect(caller);
  world.run();
  BOOST_REQUIRE_EQUAL(world.host.guest().messages.size(), 50u);
  std::size_t changed = 0;
  for (const Text& message : world.host.guest().messages) {
    BOOST_REQUIRE_EQUAL(message.size(), 100u);
    changed += message != Text(100, 0) ? 1u : 0u;
  }
  BOOST_TEST(changed >= 49u);             // two flips of one bit leave it as it was
  BOOST_TEST(sent.body->bytes[0] == 0u);  // the sender's bytes are everybody's
  BOOST_TEST(world.log.up().corrupted.packets == 50u);
  BOOST_TEST(world.log.up().delivered.packets == 50u);
}

BOOST_AUTO_TEST_CASE(what_is_under_way_when_a_connection_ends_is_told) {
  for (const auto kind : {sim::TransportKind::tcp, sim::TransportKind::udp}) {
    SimulatedWorld world{delayed(kind)};
    world.listen();
    Party caller;
    caller.when_open = [&](Party& self) { self.send("hello"); };
    world.host.prepare = [&](Party& guest) {
      guest.when_received = [&](Party& self) {
        for (int i = 0; i < 10; ++i) self.send("never heard");
        caller.destroy();
        self.destroy();
      };
    };
    world.connect(caller);
    world.run();
    const NetworkLog::Counts& down = world.log.down();
    BOOST_TEST(down.sent.packets == 10u);
    BOOST_TEST(down.delivered.packets + down.abandoned.packets == 10u);
  }
}

BOOST_AUTO_TEST_CASE(clients_behind_one_line_wait_for_each_other) {
  SameLinks links = delayed(sim::TransportKind::tcp);
  links.up_queues = {std::make_shared<sim::Bottleneck>(
      sim::QueueConditions{.rate_bits_per_second = 8'000, .bytes_max = 64'000})};  // 1 ms a byte
  SimulatedWorld world{links};
  world.listen();
  std::vector<Duration> arrivals;
  world.host.prepare = [&](Party& guest) {
    guest.when_received = [&](Party&) { arrivals.push_back(world.now()); };
  };
  Party first, second;
  for (Party* party : {&first, &second})
    party->when_open = [](Party& self) { self.send(message(Text(60, 0))); };  // 100 B on the wire
  world.connect(first, {"client-0", 0});
  world.connect(second, {"client-1", 0});
  world.run();
  const Duration opened = kUp + kDown;
  BOOST_TEST((arrivals == std::vector<Duration>{opened + 100ms + kUp, opened + 200ms + kUp}));
}

BOOST_AUTO_TEST_CASE(each_direction_takes_its_own_delay) {
  for (const auto kind : {sim::TransportKind::tcp, sim::TransportKind::udp})
    for (const bool plainly : {false, true}) {
      SimulatedWorld world{delayed(kind)};
      plainly ? world.listen_plainly() : world.listen();
      Party caller;
      std::vector<Duration> arrivals;
      world.host.prepare = [&](Party& guest) {
        guest.when_received = [&](Party& self) {
          arrivals.push_back(world.now());
          self.send("pong");
        };
      };
      caller.when_received = [&](Party&) { arrivals.push_back(world.now()); };
      Duration sent_at{0};
      caller.when_open = [&](Party& self) {
        sent_at = world.now();
        self.send("ping");
      };
      world.connect(caller);
      world.run();
      BOOST_TEST((arrivals == std::vector<Duration>{sent_at + kUp, sent_at + kUp + kDown}));
    }
}

BOOST_AUTO_TEST_CASE(bytes_that_overtake_the_answer_open_the_caller) {
  SameLinks links = delayed(sim::TransportKind::tcp);
  links.down.delay = sim::UniformDelay{0ms, 1'000ms};
  for (links.seed = 0; links.seed < 20; ++links.seed) {
    SimulatedWorld world{links};
    world.listen();
    world.host.prepare = [](Party& guest) { guest.when_open = [](Party& self) { self.send("welcome"); }; };
    Party caller;  // checks that on_open comes first
    world.connect(caller);
    world.run();
    BOOST_TEST(caller.heard == "or");
  }
}

// 2,000 bytes a second: 10 writes of 160 + 40 bytes take a second to leave.
BOOST_AUTO_TEST_CASE(the_backlog_of_a_narrow_link_stands_at_its_sender) {
  SameLinks links = delayed(sim::TransportKind::tcp);
  links.up.rate_bits_per_second = links.down.rate_bits_per_second = 16'000;
  links.up.queue_bytes_max = links.down.queue_bytes_max = 2'000;
  SimulatedWorld world{links};
  world.listen();
  Party caller;
  world.connect(caller);
  world.run();
  Party& guest = world.host.guest();
  for (auto [from, to, delay] : {std::tuple{&caller, &guest, kUp}, std::tuple{&guest, &caller, kDown}}) {
    const Instant start = world.scheduler.now();
    for (int i = 0; i < 10; ++i) BOOST_TEST((from->send(message(Text(160, 1))) == SendStatus::accepted));
    BOOST_TEST(from->connection->backlog_bytes() == 2'000u);
    BOOST_TEST((from->send("x") == SendStatus::queue_full));
    BOOST_TEST(to->connection->backlog_bytes() == 0u);
    world.scheduler.run_until(start + 500ms);
    BOOST_TEST(from->connection->backlog_bytes() == 1'000u);
    world.run();
    BOOST_TEST((world.scheduler.now() - start == 1s + delay));
    BOOST_TEST(from->connection->backlog_bytes() == 0u);
  }
  BOOST_TEST(caller.connection->message_bytes_max() == 1'920u);  // two segments
  BOOST_TEST((caller.send(message(Text(1'921, 1))) == SendStatus::too_large));
  BOOST_TEST((caller.send(message(Text(1'920, 1))) == SendStatus::accepted));
  world.run();
}

BOOST_AUTO_TEST_CASE(a_datagram_that_the_queue_drops_was_accepted_and_is_counted) {
  SameLinks links = delayed(sim::TransportKind::udp);
  links.up.rate_bits_per_second = 16'000;
  links.up.queue_bytes_max = 2'000;
  SimulatedWorld world{links};
  world.listen();
  Party caller;
  world.connect(caller);
  world.run();
  for (int i = 0; i < 15; ++i) BOOST_TEST((caller.send(message(Text(172, 1))) == SendStatus::accepted));
  world.run();
  BOOST_TEST(world.log.up().sent.packets == 15u);
  BOOST_TEST(world.log.up().queue_dropped.packets == 5u);
  BOOST_TEST(world.log.up().delivered.bytes == 2'000u);
  BOOST_TEST(world.host.guest().messages.size() == 10u);
}

BOOST_AUTO_TEST_CASE(an_observer_hears_every_message_with_its_wire_bytes) {
  for (const bool plainly : {false, true}) {
    SameLinks links = delayed(sim::TransportKind::tls);
    links.up.loss_ppm = links.down.loss_ppm = 100'000;
    SimulatedWorld world{links};
    plainly ? world.listen_plainly() : world.listen();
    Party caller;
    world.connect(caller);
    world.run();
    for (int i = 0; i < 100; ++i) {
      caller.send(message(Text(2'000, 1)));
      world.host.guest().send(message(Text(100, 1)));
      world.run();
    }
    constexpr std::uint64_t kUpBytes = 100 * (2'000 + 22 + 2 * 40);  // one TLS record, two segments
    constexpr std::uint64_t kDownBytes = 100 * (100 + 22 + 40);
    BOOST_TEST(world.log.up().sent.bytes == kUpBytes);
    BOOST_TEST(world.log.up().delivered.bytes == kUpBytes);
    BOOST_TEST(world.log.up().delivered.packets == 100u);
    BOOST_TEST(world.log.down().sent.bytes == kDownBytes);
    BOOST_TEST(world.log.down().delivered.bytes == kDownBytes);
    BOOST_TEST(world.log.up().lost.packets > 0u);
    BOOST_TEST(world.log.up().retransmitted.packets == world.log.up().lost.packets);
    BOOST_TEST(world.log.down().retransmitted.packets > 0u);
  }
}

BOOST_AUTO_TEST_CASE(datagrams_that_are_lost_copied_and_overtaken_are_reported) {
  SameLinks links = delayed(sim::TransportKind::udp);
  links.up.loss_ppm = links.up.duplicate_ppm = links.up.reorder_ppm = 100'000;
  links.up.reorder_delay = 5ms;
  SimulatedWorld world{links};
  world.listen();
  Party caller;
  world.connect(caller);
  world.run();
  for (int i = 0; i < 2'000; ++i) {
    caller.send("datagram");
    world.scheduler.run_until(world.scheduler.now() + 1ms);
  }
  world.run();
  const NetworkLog::Counts& up = world.log.up();
  BOOST_TEST(up.sent.packets == 2'000u);
  BOOST_TEST(up.lost.packets > 0u);
  BOOST_TEST(up.duplicated.packets > 0u);
  BOOST_TEST(up.reordered.packets > 0u);
  BOOST_TEST(up.delivered.packets == up.sent.packets + up.duplicated.packets - up.lost.packets);
  BOOST_TEST(world.host.guest().messages.size() == up.delivered.packets);
}

BOOST_AUTO_TEST_CASE(a_digest_depends_on_head_and_body_and_their_order) {
  SimulatedWorld world{delayed(sim::TransportKind::tcp)};
  world.listen();
  Party caller;
  world.connect(caller);
  world.run();
  const PayloadRef one = payload({1});
  const PayloadRef two = payload({2});
  for (const OutgoingMessage& sent :
       {OutgoingMessage{one, two}, OutgoingMessage{two, one}, OutgoingMessage{one, one},
        OutgoingMessage{one, nullptr}, OutgoingMessage{one, two}})
    caller.send(sent);
  world.run();
  const auto& digests = world.log.digests;
  BOOST_REQUIRE_EQUAL(digests.size(), 5u);
  for (std::size_t i = 1; i < 4; ++i) BOOST_TEST(digests[0] != digests[i]);
  BOOST_TEST(digests[0] == digests[4]);
}

BOOST_AUTO_TEST_CASE(one_seed_gives_one_order_of_events_and_another_seed_another) {
  const auto digest_of_run = [](std::uint64_t seed, sim::TransportKind kind) {
    SameLinks links = delayed(kind);
    links.seed = seed;
    links.up.jitter = links.down.jitter = 20ms;
    links.up.loss_ppm = links.down.loss_ppm = 50'000;
    SimulatedWorld world{links};
    world.listen();
    std::vector<std::unique_ptr<Party>> callers;
    for (int i = 0; i < 20; ++i)
      world.connect(*callers.emplace_back(std::make_unique<Party>()), {"client-" + std::to_string(i), 0});
    for (std::int64_t tick = 0; tick < 50; ++tick) {
      world.scheduler.run_until(instant_from_ns(tick * 50'000'000));
      for (auto& caller : callers) caller->send("input");
      for (auto& guest : world.host.guests) guest->send(message(Text(3'000, 1)));
    }
    world.run();
    return world.log.events.value();
  };
  for (const auto kind : {sim::TransportKind::tcp, sim::TransportKind::udp}) {
    BOOST_TEST(digest_of_run(1, kind) == digest_of_run(1, kind));
    BOOST_TEST(digest_of_run(1, kind) != digest_of_run(2, kind));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
