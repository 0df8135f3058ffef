// What a transport shows of itself to be held to the contract of transport/README.md. A new one joins with
// one fixture in a list of virtual_fixtures.h or socket_fixtures.h; every rule then runs over it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "netrig/core/base/time.h"
#include "netrig/tests/contract/parties.h"
#include "netrig/transport/transport.h"

namespace netrig::transport::testing {

// Makes both ends and lets time pass. Listening and connecting may happen at different objects.
class TransportFixture {
 public:
  virtual ~TransportFixture() = default;
  virtual Transport& listening() = 0;
  virtual Transport& connecting() = 0;
  virtual void run_until_idle() = 0;     // until no side can hear anything more without a new call
  virtual void pass(Duration time) = 0;  // lets about this much of the transport's time pass
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
  // Datagram sockets: that nobody is there shows on the first message, and a listener that takes nobody is
  // silent.
  static constexpr bool kRefusesAtOnce = true;
};

constexpr auto kStream = Delivery::reliable_ordered;
constexpr auto kDatagram = Delivery::datagram;

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
