// A transport over sockets of this machine, its host, and the patience to wait for what must happen.
#pragma once

#include <boost/test/unit_test.hpp>
#include <string>

#include "netrig/tests/contract/parties.h"
#include "netrig/transport/asio/asio_scheduler.h"

namespace netrig::transport::testing {

constexpr Duration kPatience = 10s;  // nobody waits for it unless the test fails

template <class SocketTransport, class Options>
struct Loopback {
  explicit Loopback(Options options = {}) : transport(scheduler, options) {}

  void listen(const std::string& host_name) {
    auto made = transport.listen({host_name, 0}, host);
    BOOST_REQUIRE(made);
    host.listener = std::move(*made);
  }
  void connect(Party& party, const Address& to) {
    auto made = transport.connect({}, to, party);
    BOOST_REQUIRE(made);
    party.connection = std::move(*made);
  }
  template <class Condition>
  void until(Condition condition) {
    const Instant bound = scheduler.now() + kPatience;
    while (!condition() && scheduler.now() < bound) scheduler.run_until(scheduler.now() + 1ms);
    BOOST_REQUIRE(condition());
  }

  AsioScheduler scheduler;
  SocketTransport transport;
  Host host;
};

}  // namespace netrig::transport::testing
