// The transports over real sockets, on the loopback interface and the machine's own clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <unistd.h>
#include <utility>

#include "netrig/tests/contract/transport_contract.h"
#include "netrig/tests/support/certificates.h"
#include "netrig/transport/asio/asio_scheduler.h"
#include "netrig/transport/asio/tcp.h"
#include "netrig/transport/asio/tls.h"
#include "netrig/transport/asio/udp.h"
#include "netrig/transport/asio/websocket.h"

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

// Certificates of one run, for the address that this process listens on.
inline TlsOptions test_identity() {
  static netrig::testing::Certificates authority;
  static const netrig::testing::CertificateFiles files = authority.sign(free_address_v4().host);
  return {
      .certificate_file = files.certificate, .key_file = files.key, .ca_file = authority.authority_file()};
}

using Layers = std::shared_ptr<const StreamLayers>;
inline Layers no_layers() {
  return nullptr;
}
inline Layers tls() {
  auto made = tls_layers(test_identity());
  BOOST_REQUIRE(made);
  return *made;
}

template <bool kIsV6, Layers (*kLayers)()>
struct StreamFixture : RealTimeFixture, Traits<kStream, true, true, false> {
  StreamFixture() { server = kIsV6 ? free_address_v6(transport) : free_address_v4(); }
  Transport& listening() override { return transport; }
  Transport& connecting() override { return transport; }
  std::size_t connections_left() override { return transport.connection_count(); }

  AsioTcpTransport transport{scheduler, {}, kLayers()};
};

using TcpV4 = StreamFixture<false, no_layers>;
using TcpV6 = StreamFixture<true, no_layers>;
using ControlledStreams = std::tuple<TcpV4, TcpV6>;
using TlsV4 = StreamFixture<false, tls>;
using TlsV6 = StreamFixture<true, tls>;

#ifdef NETRIG_WEBSOCKET
inline Layers ws() {
  return websocket_layers({.path = "/netrig"});
}
inline Layers wss() {
  return stacked(ws(), tls());
}
using WsV4 = StreamFixture<false, ws>;
using WssV6 = StreamFixture<true, wss>;
using StreamTransports = std::tuple<TcpV4, TcpV6, TlsV4, TlsV6, WsV4, WssV6>;
#else
using StreamTransports = std::tuple<TcpV4, TcpV6, TlsV4, TlsV6>;
#endif

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

using DatagramTransports = std::tuple<UdpV4, UdpV6>;
using AllTransports =
    decltype(std::tuple_cat(std::declval<StreamTransports>(), std::declval<DatagramTransports>()));

}  // namespace netrig::transport::testing
