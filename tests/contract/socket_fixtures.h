// The transports over real sockets, on the loopback interface and the machine's own clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <tuple>
#include <unistd.h>
#include <utility>

#include "netrig/tests/contract/transport_contract.h"
#include "netrig/transport/asio/asio_scheduler.h"
#include "netrig/transport/asio/tcp.h"
#include "netrig/transport/asio/udp.h"

namespace netrig::transport::testing {

// A port that nobody else listens on: each process has a loopback address of its own where there are many.
inline Address free_address_v4() {
  const auto process = static_cast<unsigned>(::getpid());
  return {"127.1." + std::to_string(process >> 8 & 0xFF) + "." + std::to_string(process % 254 + 1), 7777};
}
inline Address free_address_v6(Transport& transport) {
  Host host;
  auto probe = transport.listen({"::1", 0}, host);
  BOOST_REQUIRE(probe);
  return (*probe)->local();
}

class RealTimeFixture : public TransportFixture {
 public:
  RealTimeFixture() { BOOST_REQUIRE_GE(raise_descriptor_limit(), 4'000u); }

  // Idle is when nothing has happened for a while: on loopback what was written has arrived.
  void run_until_idle() override {
    int quiet = 0;
    for (int rounds = 0; quiet < 8; ++rounds) {
      BOOST_REQUIRE_LT(rounds, 1'000'000);
      quiet = scheduler.poll() > 0 ? 0 : quiet + 1;
      if (quiet > 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  }
  // A tenth of it: real time is dear.
  void pass(Duration time) override { scheduler.run_until(scheduler.now() + time / 10); }

  AsioScheduler scheduler;
};

template <bool kIsV6>
struct TcpFixture : RealTimeFixture, Traits<kStream, true, true, false> {
  TcpFixture() { server = kIsV6 ? free_address_v6(transport) : free_address_v4(); }
  Transport& listening() override { return transport; }
  Transport& connecting() override { return transport; }
  std::size_t connections_left() override { return transport.connection_count(); }

  AsioTcpTransport transport{scheduler};
};

using TcpV4 = TcpFixture<false>;
using TcpV6 = TcpFixture<true>;

// Loopback loses what the receiver's buffer cannot hold.
template <bool kIsV6>
struct UdpFixture : RealTimeFixture, Traits<kDatagram, false, true, false> {
  static constexpr bool kRefusesAtOnce = false;

  UdpFixture() { server = kIsV6 ? free_address_v6(transport) : free_address_v4(); }
  Transport& listening() override { return transport; }
  Transport& connecting() override { return transport; }
  std::size_t connections_left() override { return transport.connection_count(); }

  AsioUdpTransport transport{scheduler};
};

using UdpV4 = UdpFixture<false>;
using UdpV6 = UdpFixture<true>;

using StreamTransports = std::tuple<TcpV4, TcpV6>;
using DatagramTransports = std::tuple<UdpV4, UdpV6>;
using AllTransports =
    decltype(std::tuple_cat(std::declval<StreamTransports>(), std::declval<DatagramTransports>()));

}  // namespace netrig::transport::testing
