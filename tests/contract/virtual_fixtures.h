// The transports of the virtual clock: in memory, and behind the simulated network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "netrig/sim/time/virtual_scheduler.h"
#include "netrig/tests/contract/transport_contract.h"
#include "netrig/transport/memory.h"
#include "netrig/transport/simulated.h"

namespace netrig::transport::testing {

class VirtualFixture : public TransportFixture {
 public:
  void run_until_idle() override {
    for (int events = 0; scheduler.run_next(); ++events) BOOST_REQUIRE_LT(events, 10'000'000);
  }
  void pass(Duration time) override { scheduler.run_until(scheduler.now() + time); }

  sim::VirtualScheduler scheduler;
};

class OneLink final : public LinkDirectory {
 public:
  OneLink(sim::TransportKind kind, sim::LinkConditions both, sim::Congestion congestion)
      : kind_(kind), both_(both), congestion_(congestion) {}
  std::optional<LinkSetup> link_of(const Address& from) const override {
    const auto client = static_cast<std::uint32_t>(std::stoul(from.host.substr(from.host.find('-') + 1)));
    return LinkSetup{.client = client,
                     .kind = kind_,
                     .up = both_,
                     .down = both_,
                     .congestion = congestion_,
                     .tcp = {.send_buffer_bytes = 1024 * 1024},
                     .random = Random{7}.fork("client", client)};
  }

 private:
  sim::TransportKind kind_;
  sim::LinkConditions both_;
  sim::Congestion congestion_;
};

template <Delivery kDeliveryOf>
class MemoryFixture : public VirtualFixture, public Traits<kDeliveryOf, true, true, true> {
 public:
  Transport& listening() override { return transport; }
  Transport& connecting() override { return transport; }
  std::size_t connections_left() override { return transport.connection_count(); }

  MemoryTransport transport{scheduler, {.delivery = kDeliveryOf}};
};

template <bool kListenerIsDecorated>
class SimulatedFixture : public VirtualFixture {
 public:
  SimulatedFixture(sim::TransportKind kind, const sim::LinkConditions& both,
                   sim::Congestion congestion = sim::Congestion::ideal)
      : memory(scheduler, {.delivery = sim::delivery(kind)}), links(kind, both, congestion) {}
  Transport& listening() override {
    return kListenerIsDecorated ? static_cast<Transport&>(transport) : memory;
  }
  Transport& connecting() override { return transport; }
  std::size_t connections_left() override { return transport.connection_count() + memory.connection_count(); }

  MemoryTransport memory;
  OneLink links;
  sim::NetworkObserver observer;
  SimulatedTransport transport{memory, scheduler, links, observer};
};

inline sim::LinkConditions bumpy_link() {
  return {.delay = sim::ConstantDelay{100ms}, .jitter = 30ms, .loss_ppm = 20'000};
}
inline sim::LinkConditions narrow_link() {
  return {.delay = sim::ConstantDelay{100ms},
          .jitter = 30ms,
          .loss_ppm = 20'000,
          .rate_bits_per_second = 8'000'000,
          .queue_bytes_max = 256 * 1024};
}
inline sim::LinkConditions wild_link() {
  return {.delay = sim::NormalDelay{100ms, 20ms},
          .jitter = 30ms,
          .jitter_may_reorder = true,
          .loss_ppm = 100'000,
          .duplicate_ppm = 100'000,
          .reorder_ppm = 100'000,
          .reorder_delay = 50ms};
}

using MemoryStream = MemoryFixture<kStream>;
using MemoryDatagram = MemoryFixture<kDatagram>;

struct SimulatedStream : SimulatedFixture<true>, Traits<kStream, true, false, true> {
  SimulatedStream() : SimulatedFixture(sim::TransportKind::tcp, bumpy_link()) {}
};
struct SimulatedNarrowStream : SimulatedFixture<true>, Traits<kStream, true, true, true> {
  SimulatedNarrowStream() : SimulatedFixture(sim::TransportKind::wss, narrow_link()) {}
};
struct SimulatedStreamWithoutDelay : SimulatedFixture<true>, Traits<kStream, true, false, true> {
  SimulatedStreamWithoutDelay() : SimulatedFixture(sim::TransportKind::memory, {}) {}
};
struct SimulatedStreamToPlainListener : SimulatedFixture<false>, Traits<kStream, true, false, false, true> {
  SimulatedStreamToPlainListener() : SimulatedFixture(sim::TransportKind::tcp, bumpy_link()) {}
};
struct SimulatedNarrowStreamToPlainListener : SimulatedFixture<false>,
                                              Traits<kStream, true, true, false, true> {
  SimulatedNarrowStreamToPlainListener() : SimulatedFixture(sim::TransportKind::wss, narrow_link()) {}
};
struct SimulatedTcp : SimulatedFixture<true>, Traits<kStream, true, true, true> {
  SimulatedTcp() : SimulatedFixture(sim::TransportKind::tcp, bumpy_link(), sim::Congestion::cubic) {}
};
struct SimulatedNarrowTcpToPlainListener : SimulatedFixture<false>, Traits<kStream, true, true, false, true> {
  SimulatedNarrowTcpToPlainListener()
      : SimulatedFixture(sim::TransportKind::wss, narrow_link(), sim::Congestion::cubic) {}
};
struct SimulatedDatagram : SimulatedFixture<true>, Traits<kDatagram, true, false, true> {
  SimulatedDatagram() : SimulatedFixture(sim::TransportKind::udp, {.delay = sim::ConstantDelay{100ms}}) {}
};
struct SimulatedWildDatagram : SimulatedFixture<true>, Traits<kDatagram, false, false, true> {
  SimulatedWildDatagram() : SimulatedFixture(sim::TransportKind::udp, wild_link()) {}
};
struct SimulatedDatagramToPlainListener : SimulatedFixture<false>,
                                          Traits<kDatagram, true, false, true, true> {
  SimulatedDatagramToPlainListener()
      : SimulatedFixture(sim::TransportKind::udp, {.delay = sim::ConstantDelay{100ms}}) {}
};

using StreamTransports =
    std::tuple<MemoryStream, SimulatedStream, SimulatedNarrowStream, SimulatedStreamWithoutDelay,
               SimulatedStreamToPlainListener, SimulatedNarrowStreamToPlainListener, SimulatedTcp,
               SimulatedNarrowTcpToPlainListener>;
using ControlledStreams = std::tuple<MemoryStream>;
using DatagramTransports =
    std::tuple<MemoryDatagram, SimulatedDatagram, SimulatedWildDatagram, SimulatedDatagramToPlainListener>;
using AllTransports =
    decltype(std::tuple_cat(std::declval<StreamTransports>(), std::declval<DatagramTransports>()));

}  // namespace netrig::transport::testing
