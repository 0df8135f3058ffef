// The transports that must keep the contract of transport/README.md. A new one joins with one fixture in a
// list at the end of this file; every rule then runs over it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "netrig/sim/time/virtual_scheduler.h"
#include "netrig/tests/contract/parties.h"
#include "netrig/transport/memory.h"
#include "netrig/transport/simulated.h"

namespace netrig::transport::testing {

// Makes both ends and lets time pass. Listening and connecting may happen at different objects.
class TransportFixture {
 public:
  virtual ~TransportFixture() = default;
  virtual Transport& listening() = 0;
  virtual Transport& connecting() = 0;
  virtual void run_until_idle() = 0;  // until no side can hear anything more without a new call
  virtual std::size_t connections_left() = 0;

  Address server{"server", 7777};  // where a listener can listen

  std::unique_ptr<Listener> listen(Host& host) {
    const InsideCall guard;
    auto made = listening().listen(server, host);
    BOOST_REQUIRE(made);
    return std::move(*made);
  }
  void connect(Party& party, std::uint32_t client = 0) {
    const InsideCall guard;
    auto made = connecting().connect({"client-" + std::to_string(client), 0}, server, party);
    BOOST_REQUIRE(made);
    party.connection = std::move(*made);
  }
};

// What a fixture says of itself.
template <Delivery kDeliveryOf, bool kLosslessLink, bool kQueueFills, bool kSharesBodies,
          bool kListenerIsPlain = false>
struct Traits {
  static constexpr Delivery kDelivery = kDeliveryOf;
  static constexpr bool kLossless = kLosslessLink;          // datagrams: each arrives exactly once
  static constexpr bool kFillsUp = kQueueFills;             // 4 MiB sent within one instant meet queue_full
  static constexpr bool kShares = kSharesBodies;            // the receiver sees the sender's own bytes
  static constexpr bool kPlainListener = kListenerIsPlain;  // another transport than the caller's
};

class VirtualFixture : public TransportFixture {
 public:
  void run_until_idle() override {
    for (int events = 0; scheduler.run_next(); ++events) BOOST_REQUIRE_LT(events, 10'000'000);
  }

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

constexpr auto kStream = Delivery::reliable_ordered;
constexpr auto kDatagram = Delivery::datagram;

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
using DatagramTransports =
    std::tuple<MemoryDatagram, SimulatedDatagram, SimulatedWildDatagram, SimulatedDatagramToPlainListener>;
using AllTransports =
    decltype(std::tuple_cat(std::declval<StreamTransports>(), std::declval<DatagramTransports>()));

// A host, one caller and their connection, open on both sides. A datagram host hears of a caller with its
// first message, so the caller says hello until it is known; the greeting is forgotten then.
template <class Fixture>
struct Meeting : Fixture {
  Meeting() {
    host.listener = this->listen(host);
    this->connect(caller);
    this->run_until_idle();
    for (int tries = 0; Fixture::kDelivery == kDatagram && host.guests.empty() && tries < 100; ++tries) {
      BOOST_REQUIRE(caller.send("hello") == SendStatus::accepted);
      this->run_until_idle();
    }
    Party& guest = host.guest();
    BOOST_REQUIRE(caller.is_open() && guest.is_open());
    guest.bytes.clear();
    guest.messages.clear();
    guest.heard = "o";
  }

  // Destroyed before the fixture: the transport outlives its connections.
  Host host;
  Party caller;
};

}  // namespace netrig::transport::testing
