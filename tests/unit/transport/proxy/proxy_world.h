// A proxy between players and a server, all in memory and under the virtual clock.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "netrig/sim/time/virtual_scheduler.h"
#include "netrig/tests/contract/parties.h"
#include "netrig/tests/unit/transport/network_log.h"
#include "netrig/transport/memory.h"
#include "netrig/transport/proxy/proxy.h"

namespace netrig::transport::testing {

class ProxyLog final : public ProxyObserver {
 public:
  std::size_t came = 0;
  std::size_t reached = 0;
  std::size_t turned_away = 0;
  std::size_t paused = 0;
  std::uint64_t taken = 0;
  std::uint64_t given = 0;
  std::uint64_t most_inside = 0;
  std::vector<ProxyEnd> ends;
  Duration latest{0};

  void on_client_came(std::uint32_t, const Address&, Instant) override { ++came; }
  void on_server_reached(std::uint32_t, Instant) override { ++reached; }
  void on_taken(std::uint32_t, sim::Direction, std::size_t bytes, Instant) override {
    taken += bytes;
    most_inside = std::max(most_inside, taken - given);
  }
  void on_given(std::uint32_t, sim::Direction, std::size_t bytes, Instant) override { given += bytes; }
  void on_due(std::uint32_t, Duration late) override { latest = std::max(latest, late); }
  void on_paused(std::uint32_t, sim::Direction) override { ++paused; }
  void on_client_gone(std::uint32_t, ProxyEnd why, std::string_view, Instant) override {
    ends.push_back(why);
  }
  void on_turned_away(const Address&) override { ++turned_away; }
};

inline sim::LinkConditions delayed(Duration delay) {
  sim::LinkConditions link;
  link.delay = sim::ConstantDelay{delay};
  return link;
}

struct ProxyWorld {
  explicit ProxyWorld(LinkSetup of_everybody, ProxyOptions options = {})
      : link(std::move(of_everybody)),
        memory(scheduler, {.delivery = sim::delivery(link.kind), .datagram_bytes_max = 65'507}),
        proxy(memory, memory, server, scheduler, network, log, links(), options) {
    BOOST_REQUIRE(proxy.listen(door));
    host.listener = *memory.listen(server, host);
  }
  ~ProxyWorld() {
    proxy.stop();
    run();
  }

  static LinkSetup setup(sim::TransportKind kind, const sim::LinkConditions& up,
                         const sim::LinkConditions& down, std::uint64_t seed = 1) {
    return {.client = 0, .kind = kind, .up = up, .down = down, .random = Random{seed}};
  }
  Proxy::Links links() {
    return [this](std::uint32_t place, std::uint64_t number) {
      LinkSetup made = link;
      made.client = place;
      made.random = link.random.fork("client", number);
      return made;
    };
  }
  void connect(Party& party, const std::string& name = "player") {
    auto made = memory.connect({name, 1}, door, party);
    BOOST_REQUIRE(made);
    party.connection = std::move(*made);
  }
  void run() {
    for (int events = 0; scheduler.run_next(); ++events) BOOST_REQUIRE_LT(events, 10'000'000);
  }
  void run_for(Duration time) { scheduler.run_until(scheduler.now() + time); }
  // With sessions of datagrams the sweep never ends.
  Duration now() const { return scheduler.now() - Instant{}; }

  Address server{"server", 7777};
  Address door{"proxy", 1};
  LinkSetup link;
  sim::VirtualScheduler scheduler;
  MemoryTransport memory;
  NetworkLog network;
  ProxyLog log;
  Host host;
  Proxy proxy;
};

}  // namespace netrig::transport::testing
