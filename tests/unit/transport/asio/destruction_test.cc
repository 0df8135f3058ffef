// Handlers that destroy everything, the transport too, while it is in the middle of something.
#include <boost/test/unit_test.hpp>
#include <memory>

#include "netrig/tests/unit/transport/asio/loopback.h"
#include "netrig/transport/asio/tcp.h"
#include "netrig/transport/asio/udp.h"

namespace netrig::transport::testing {
namespace {

// Two transports on one scheduler: one of them goes.
template <class SocketTransport>
struct Doomed {
  Doomed() : near(std::make_unique<SocketTransport>(scheduler)), far(scheduler) {}

  template <class Condition>
  void until(Condition condition) {
    const Instant bound = scheduler.now() + kPatience;
    while (!condition() && scheduler.now() < bound) scheduler.run_until(scheduler.now() + 1ms);
    BOOST_REQUIRE(condition());
  }
  void idle() {
    for (int i = 0; i < 20; ++i) scheduler.run_until(scheduler.now() + 1ms);
  }

  AsioScheduler scheduler;
  std::unique_ptr<SocketTransport> near;
  SocketTransport far;
  Host host;
};

BOOST_AUTO_TEST_SUITE(destruction)

// A read went on to ask its transport's buffer how large it was after the handler had destroyed both; no test
// let a handler go that far.
BOOST_AUTO_TEST_CASE(a_handler_of_a_stream_may_destroy_the_transport_as_it_receives) {
  Doomed<AsioTcpTransport> doomed;
  doomed.host.listener = *doomed.near->listen({"127.0.0.1", 0}, doomed.host);
  bool is_gone = false;
  doomed.host.prepare = [&](Party& guest) {
    guest.when_received = [&](Party& self) {
      self.connection.reset();
      doomed.host.listener.reset();
      doomed.near.reset();
      is_gone = true;
    };
  };
  Party caller;
  caller.connection = *doomed.far.connect({}, doomed.host.listener->local(), caller);
  doomed.until([&] { return caller.is_open(); });
  caller.send("the last straw");
  doomed.until([&] { return is_gone && caller.reason.has_value(); });
}

BOOST_AUTO_TEST_CASE(a_handler_of_a_stream_may_destroy_the_transport_as_its_writing_breaks) {
  Doomed<AsioTcpTransport> doomed;
  doomed.host.listener = *doomed.far.listen({"127.0.0.1", 0}, doomed.host);
  Party caller;
  caller.connection = *doomed.near->connect({}, doomed.host.listener->local(), caller);
  doomed.until([&] { return caller.is_open() && !doomed.host.guests.empty(); });
  caller.when_closed = [&](Party& self) {
    self.connection.reset();
    doomed.near.reset();
  };
  caller.pause_receiving(true);  // so that only a write notices
  doomed.host.guest().reset();
  for (int i = 0; i < 1'000 && !caller.reason; ++i) {
    caller.send("is anybody there?");
    doomed.scheduler.run_until(doomed.scheduler.now() + 1ms);
  }
  BOOST_TEST(!doomed.near);
}

// The loop over ports that have something to do counted them once, and took the next one out of a ring that
// was empty by then; no test destroyed a transport with two of them waiting.
BOOST_AUTO_TEST_CASE(a_handler_of_datagrams_may_destroy_the_transport_as_it_closes) {
  Doomed<AsioUdpTransport> doomed;
  doomed.host.listener = *doomed.far.listen({"127.0.0.1", 0}, doomed.host);
  Party closes;
  Party sends;
  closes.connection = *doomed.near->connect({}, doomed.host.listener->local(), closes);
  sends.connection = *doomed.near->connect({}, doomed.host.listener->local(), sends);
  doomed.until([&] { return closes.is_open() && sends.is_open(); });
  closes.when_closed = [&](Party& self) {
    self.connection.reset();
    sends.connection.reset();
    doomed.near.reset();
  };
  closes.close();
  sends.send("behind it");
  doomed.until([&] { return !doomed.near; });
  doomed.idle();
}

BOOST_AUTO_TEST_CASE(a_handler_of_datagrams_may_destroy_the_transport_as_it_receives) {
  Doomed<AsioUdpTransport> doomed;
  doomed.host.listener = *doomed.near->listen({"127.0.0.1", 0}, doomed.host);
  doomed.host.prepare = [&](Party& guest) {
    guest.when_received = [&](Party& self) {
      self.connection.reset();
      doomed.host.listener.reset();
      doomed.near.reset();
    };
  };
  Party caller;
  caller.connection = *doomed.far.connect({}, doomed.host.listener->local(), caller);
  doomed.until([&] { return caller.is_open(); });
  for (int i = 0; i < 10; ++i) caller.send("one of a batch");
  doomed.until([&] { return !doomed.near; });
  doomed.idle();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
