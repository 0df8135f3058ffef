// In steady state nothing on the way of a message allocates.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/unit/transport/network_log.h"

namespace netrig::transport::testing {
namespace {

using netrig::testing::allocations;

// Takes part without writing anything down.
struct Quiet final : ConnectionHandler, ListenerHandler {
  std::vector<std::unique_ptr<Connection>> accepted;
  std::size_t bytes = 0;

  void on_open(Connection&) override {}
  void on_receive(Connection&, std::span<const Chunk> chunks) override {
    for (const Chunk& chunk : chunks) bytes += chunk.bytes.size();
  }
  void on_close(Connection&, CloseReason) override {}
  ConnectionHandler* on_accept(std::unique_ptr<Connection> connection) override {
    accepted.push_back(std::move(connection));
    return this;
  }
};

// 32 callers, 20 ticks a second: one input up and one state of 3,700 bytes down for each.
std::uint64_t allocations_in_steady_state(Transport& listening, Transport& connecting,
                                          sim::VirtualScheduler& scheduler, Delivery delivery) {
  Quiet quiet;
  const auto listener = *listening.listen({"server", 1}, quiet);
  std::vector<std::unique_ptr<Connection>> callers;
  for (int i = 0; i < 32; ++i)
    callers.push_back(*connecting.connect({"client-" + std::to_string(i), 0}, {"server", 1}, quiet));
  const OutgoingMessage input = message(Text(36, 1));
  const OutgoingMessage state{payload(Text(20, 1)),
                              payload(Text(delivery == Delivery::reliable_ordered ? 3'700 : 1'000, 2))};
  const auto run_for = [&](int ticks) {
    for (int i = 0; i < ticks; ++i) {
      for (auto& caller : callers) caller->send(input);
      for (auto& guest : quiet.accepted) guest->send(state);
      scheduler.run_until(scheduler.now() + 50ms);
    }
  };
  run_for(400);
  BOOST_TEST(quiet.accepted.size() == 32u);
  const std::size_t bytes_before = quiet.bytes;
  const std::uint64_t before = allocations();
  run_for(200);
  const std::uint64_t made = allocations() - before;
  BOOST_TEST(quiet.bytes - bytes_before > 32u * 190 * 1'000);  // the states arrived
  callers.clear();
  quiet.accepted.clear();
  scheduler.run_until(scheduler.now() + 10s);
  return made;
}

BOOST_AUTO_TEST_SUITE(allocation)

BOOST_AUTO_TEST_CASE(memory_allocates_nothing_in_steady_state) {
  for (const auto delivery : {Delivery::reliable_ordered, Delivery::datagram}) {
    sim::VirtualScheduler scheduler;
    MemoryTransport memory{scheduler, {.delivery = delivery}};
    BOOST_TEST(allocations_in_steady_state(memory, memory, scheduler, delivery) == 0u);
  }
}

BOOST_AUTO_TEST_CASE(the_simulated_network_allocates_nothing_in_steady_state) {
  for (const bool plainly : {false, true})
    for (const auto kind : {sim::TransportKind::tcp, sim::TransportKind::udp}) {
      SameLinks links;
      links.kind = kind;
      links.up.delay = links.down.delay = sim::ConstantDelay{500ms};
      links.up.jitter = links.down.jitter = 50ms;
      sim::VirtualScheduler scheduler;
      MemoryTransport memory{scheduler, {.delivery = sim::delivery(kind)}};
      NetworkLog log;
      log.keeps_digests = false;
      SimulatedTransport network{memory, scheduler, links, log};
      Transport& listening = plainly ? static_cast<Transport&>(memory) : network;
      BOOST_TEST(allocations_in_steady_state(listening, network, scheduler, sim::delivery(kind)) == 0u);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
