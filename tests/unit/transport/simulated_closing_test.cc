// How simulated connections end, come again, and what stays behind.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/transport/network_log.h"

namespace netrig::transport::testing {
namespace {

SameLinks second_long(sim::TransportKind kind = sim::TransportKind::tcp) {
  SameLinks links;
  links.kind = kind;
  links.up.delay = links.down.delay = sim::ConstantDelay{1s};
  return links;
}

BOOST_AUTO_TEST_SUITE(simulated_closing)

BOOST_AUTO_TEST_CASE(the_end_travels_like_any_other_byte) {
  for (const bool plainly : {false, true})
    for (const bool destroyed : {false, true}) {
      SimulatedWorld world{second_long()};
      plainly ? world.listen_plainly() : world.listen();
      Party caller;
      world.connect(caller);
      world.run();
      const Instant start = world.scheduler.now();
      Instant gone_at{};
      world.host.guest().when_closed = [&](Party&) { gone_at = world.scheduler.now(); };
      caller.send("goodbye");
      destroyed ? caller.destroy() : caller.close();
      world.scheduler.run_until(start);
      BOOST_TEST((destroyed || caller.reason == CloseReason::local));
      world.run();
      BOOST_TEST((gone_at == start + 1s));
      BOOST_TEST(world.host.guest().heard == "orc");
    }
}

BOOST_AUTO_TEST_CASE(the_end_of_the_servers_side_comes_after_its_backlog) {
  SameLinks links = second_long();
  links.down.rate_bits_per_second = 16'000;  // 2,000 bytes a second
  links.down.queue_bytes_max = 10'000;
  for (const bool plainly : {false, true}) {
    SimulatedWorld world{links};
    plainly ? world.listen_plainly() : world.listen();
    Party caller;
    world.connect(caller);
    world.run();
    const Instant start = world.scheduler.now();
    Instant gone_at{};
    caller.when_closed = [&](Party&) { gone_at = world.scheduler.now(); };
    for (int i = 0; i < 10; ++i) world.host.guest().send(message(Text(160, 1)));
    world.host.guest().close();
    world.run();
    BOOST_TEST(caller.bytes.size() == 1'600u);
    BOOST_TEST((caller.reason == CloseReason::remote));
    // At the sender each write is a segment of its own; memory joins them, so that a link behind it sees two.
    const std::int64_t wire_bytes = 1'600 + (plainly ? 2 : 10) * 40 + 41;
    BOOST_TEST((gone_at == start + 1s + Duration{wire_bytes * 500'000}));
  }
}

BOOST_AUTO_TEST_CASE(closing_while_dialing_is_never_heard_by_the_host) {
  SimulatedWorld world{second_long()};
  world.listen();
  Party caller;
  world.connect(caller);
  world.scheduler.run_until(instant_from_ns(500'000'000));
  caller.close();
  world.run();
  BOOST_TEST(caller.heard == "c");
  BOOST_TEST(world.host.guests.empty());
  caller.destroy();
  world.run();
  BOOST_TEST(world.network.connection_count() == 0u);
}

BOOST_AUTO_TEST_CASE(closing_before_the_answer_arrives_ends_what_the_host_has_accepted) {
  for (const bool destroyed : {false, true}) {
    SimulatedWorld world{second_long()};
    world.listen();
    Party caller;
    world.connect(caller);
    world.scheduler.run_until(instant_from_ns(1'500'000'000));
    BOOST_TEST(world.host.guest().is_open());
    destroyed ? caller.destroy() : caller.close();
    world.run();
    BOOST_TEST(caller.heard == (destroyed ? "" : "c"));
    BOOST_TEST((world.host.guest().reason == CloseReason::remote));
    BOOST_TEST((world.now() == 2'500ms));
  }
}

BOOST_AUTO_TEST_CASE(an_address_may_come_again_while_its_last_connection_still_ends) {
  SimulatedWorld world{second_long()};
  world.listen();
  Party first;
  world.connect(first);
  world.run();
  first.send("last words");
  first.destroy();
  Party second;
  world.connect(second);
  world.run();
  second.send("first words");
  world.run();
  BOOST_REQUIRE_EQUAL(world.host.guests.size(), 2u);
  BOOST_TEST(world.host.guests[0]->bytes.size() == 10u);
  BOOST_TEST((world.host.guests[0]->reason == CloseReason::remote));
  BOOST_TEST(world.host.guests[1]->bytes.size() == 11u);
  BOOST_TEST((world.host.guests[0]->connection->remote() == Address{"client-0", 49'152}));
  BOOST_TEST((world.host.guests[1]->connection->remote() == Address{"client-0", 49'153}));
}

BOOST_AUTO_TEST_CASE(a_named_port_belongs_to_one_connection_at_a_time) {
  SimulatedWorld world{second_long()};
  world.listen();
  Party first;
  Party second;
  const Address from{"client-3", 1'234};
  world.connect(first, from);
  BOOST_TEST((world.network.connect(from, world.server, second).error() == TransportError::address_in_use));
  world.run();
  BOOST_TEST((world.host.guest().connection->remote() == from));
  first.destroy();
  world.run();
  world.host.guests.clear();
  world.run();
  world.connect(second, from);
  world.run();
  BOOST_TEST(second.is_open());
}

BOOST_AUTO_TEST_CASE(whoever_has_no_link_cannot_connect) {
  SimulatedWorld world{second_long()};
  Party stranger;
  BOOST_TEST((world.network.connect({"stranger", 0}, world.server, stranger).error() ==
              TransportError::address_invalid));
}

BOOST_AUTO_TEST_CASE(a_plain_caller_at_a_decorated_listener_passes_as_it_is) {
  SimulatedWorld world{second_long()};
  world.listen();
  Party caller;
  caller.connection = *world.memory.connect({"client-0", 0}, world.server, caller);
  caller.when_open = [](Party& self) { self.send("hello"); };
  world.run();
  BOOST_TEST(world.host.guest().bytes.size() == 5u);
  BOOST_TEST((world.now() == 0s));
  BOOST_TEST(world.log.links.empty());
}

BOOST_AUTO_TEST_CASE(inner_bound_on_connections_is_unreachable) {
  SameLinks links = second_long();
  sim::VirtualScheduler scheduler;
  MemoryTransport memory{scheduler, {.connections_max = 1}};
  NetworkLog log;
  SimulatedTransport network{memory, scheduler, links, log};
  Host host;
  host.listener = *network.listen({"server", 1}, host);
  Party first;
  Party second;
  first.connection = *network.connect({"client-0", 0}, {"server", 1}, first);
  second.connection = *network.connect({"client-1", 0}, {"server", 1}, second);
  while (scheduler.run_next()) {
  }
  BOOST_TEST(first.is_open());
  BOOST_TEST((second.reason == CloseReason::unreachable));
}

BOOST_AUTO_TEST_CASE(a_server_that_outruns_a_narrow_link_overflows_only_a_plain_listeners_caller) {
  SameLinks links = second_long();
  links.down.rate_bits_per_second = 80'000;  // 10 kB/s
  links.down.queue_bytes_max = 10'000;
  for (const bool plainly : {false, true}) {
    SimulatedWorld world{links};
    plainly ? world.listen_plainly() : world.listen();
    Party caller;
    world.connect(caller);
    world.run();
    Party& guest = world.host.guest();
    bool was_refused = false;
    for (int i = 0; i < 20 && caller.is_open(); ++i) {
      was_refused |= guest.send(message(Text(1'000'000, 1))) != SendStatus::accepted;
      world.scheduler.run_until(world.scheduler.now() + 1ms);
    }
    BOOST_TEST(was_refused == !plainly);  // a decorated sender knows its own link
    BOOST_TEST(caller.reason.has_value() == plainly);
    if (plainly) BOOST_TEST((*caller.reason == CloseReason::overflow));
    world.run();
    BOOST_TEST(guest.reason.has_value() == plainly);
  }
}

// 1,000 bytes that differ from those of any other number.
Text kilobyte(std::uint8_t number) {
  Text bytes(1'000, number);
  bytes.back() = static_cast<std::uint8_t>(number + 100);
  return bytes;
}
Text kilobytes(std::uint8_t count) {
  Text all;
  for (std::uint8_t number = 0; number < count; ++number) {
    const Text one = kilobyte(number);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

// Both bursts arrive when a plain listener's queue of 4,000 bytes is full, or has room again that belongs to
// the first.
BOOST_AUTO_TEST_CASE(a_full_plain_listener_gets_every_byte_in_order_and_then_the_end) {
  SimulatedWorld world{second_long(), {.queue_bytes_max = 4'000}};
  world.listen_plainly();
  Party caller;
  world.connect(caller);
  world.run();
  std::uint8_t number = 0;
  for (; number < 15; ++number) caller.send(message(kilobyte(number)));
  world.scheduler.run_until(world.scheduler.now() + 500us);
  for (; number < 30; ++number) caller.send(message(kilobyte(number)));
  caller.close();
  world.run();
  BOOST_TEST((world.host.guest().bytes == kilobytes(30)));
  BOOST_TEST((world.host.guest().reason == CloseReason::remote));
  caller.destroy();
  world.host.guests.clear();
  world.run();
  BOOST_TEST(world.network.connection_count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_plain_listener_that_outruns_a_narrow_link_is_heard_in_order_and_then_its_end) {
  SameLinks links = second_long();
  links.down.rate_bits_per_second = 800'000;  // 100 bytes a millisecond
  links.down.queue_bytes_max = 5'000;
  SimulatedWorld world{links};
  world.listen_plainly();
  Party caller;
  world.connect(caller);
  world.run();
  Party& guest = world.host.guest();
  std::uint8_t number = 0;
  for (; number < 15; ++number) guest.send(message(kilobyte(number)));
  world.scheduler.run_until(world.scheduler.now() +
                            12'500us);  // room for one more, which belongs to the first
  for (; number < 30; ++number) guest.send(message(kilobyte(number)));
  guest.close();
  world.run();
  BOOST_TEST((caller.bytes == kilobytes(30)));
  BOOST_TEST((caller.reason == CloseReason::remote));
}

// The inner transport takes its turn after the path's here, so it offers the connection when that is over.
BOOST_AUTO_TEST_CASE(a_datagram_caller_that_is_gone_is_not_accepted_any_more) {
  SameLinks links;
  links.kind = sim::TransportKind::udp;
  SimulatedWorld world{links, {.task_owner = 1'000'000}};
  world.listen();
  Party caller;
  caller.when_open = [](Party& self) {
    self.send("hello");
    self.destroy();
  };
  world.connect(caller);
  world.run();
  BOOST_TEST(world.host.guests.empty());
  BOOST_TEST(world.network.connection_count() == 0u);
  BOOST_TEST(world.memory.connection_count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_datagram_path_goes_when_both_its_sides_have_gone) {
  for (const bool plainly : {false, true}) {
    SimulatedWorld world{second_long(sim::TransportKind::udp)};
    plainly ? world.listen_plainly() : world.listen();
    Party caller;
    world.connect(caller);
    caller.when_open = [](Party& self) {
      for (int i = 0; i < 3; ++i) self.send("hello");
      self.destroy();
    };
    world.run();
    BOOST_TEST(world.host.guest().messages.size() == 3u);
    BOOST_TEST((world.host.guest().send("nobody hears") == SendStatus::accepted));
    world.run();
    world.host.guests.clear();
    world.run();
    BOOST_TEST(world.network.connection_count() == 0u);
    BOOST_TEST(world.memory.connection_count() == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
