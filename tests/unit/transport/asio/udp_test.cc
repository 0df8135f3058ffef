// What UDP sockets do beyond the contract: limits, lies, one socket for many.
#include "netrig/transport/asio/udp.h"

#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "netrig/tests/unit/transport/asio/loopback.h"

namespace netrig::transport {
namespace {

using testing::Host;
using testing::message;
using testing::Party;
using testing::Text;
using Loopback = testing::Loopback<AsioUdpTransport, UdpOptions>;

// Sends what no Connection would.
class RawSender {
 public:
  explicit RawSender(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE_EQUAL(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~RawSender() { ::close(descriptor_); }
  RawSender(const RawSender&) = delete;
  RawSender& operator=(const RawSender&) = delete;
  void send(std::size_t bytes) const {
    const Text text(bytes, 7);
    BOOST_REQUIRE_EQUAL(::send(descriptor_, text.data(), bytes, 0), static_cast<ssize_t>(bytes));
  }

 private:
  int descriptor_;
};

BOOST_AUTO_TEST_SUITE(udp)

BOOST_AUTO_TEST_CASE(a_datagram_longer_than_any_message_is_dropped_and_counted) {
  Loopback net;
  net.listen("127.0.0.1");
  const RawSender sender{net.host.listener->local().port};
  sender.send(1'201);
  sender.send(60'000);
  sender.send(1'200);
  net.until([&] { return net.transport.stats().received == 3; });
  BOOST_TEST(net.transport.stats().too_long == 2u);
  BOOST_TEST(net.host.strangers == 1u);
  BOOST_TEST(net.host.guest().bytes.size() == 1'200u);
}

BOOST_AUTO_TEST_CASE(a_listener_on_every_interface_hears_both_families) {
  Loopback net;
  net.listen("::");
  const std::uint16_t port = net.host.listener->local().port;
  Party four;
  Party six;
  net.connect(four, {"127.0.0.1", port});
  net.connect(six, {"[::1]", port});
  four.when_open = six.when_open = [](Party& self) { self.send("hello"); };
  net.host.prepare = [](Party& guest) {
    guest.when_received = [](Party& self) { self.send(self.connection->remote().host); };
  };
  net.until([&] { return !four.bytes.empty() && !six.bytes.empty(); });
  BOOST_TEST((four.bytes == Text{'1', '2', '7', '.', '0', '.', '0', '.', '1'}));
  BOOST_TEST((six.bytes == Text{':', ':', '1'}));
}

BOOST_AUTO_TEST_CASE(a_name_is_looked_up_and_an_unknown_one_says_so) {
  Loopback net;
  net.listen("127.0.0.1");
  Party nobody;
  net.connect(nobody, {"no-such-host.invalid", 7777});
  net.until([&] { return nobody.reason.has_value(); });
  BOOST_TEST((*nobody.reason == CloseReason::unreachable));
  BOOST_TEST(nobody.connection->close_detail().starts_with("no-such-host.invalid: "));
  for (const char* const name : {"127.1", "localhost"}) {  // known to the resolver alone; known to everybody
    Party caller;
    net.connect(caller, {name, net.host.listener->local().port});
    net.until([&] { return caller.is_open(); });
  }
}

// A restart of the server must not end its clients: their protocol decides when to give up. And an off-path
// attacker can forge that answer.
// A name's second address was never tried over UDP. Servers in tests listened on the first.
BOOST_AUTO_TEST_CASE(a_name_is_tried_at_its_next_address_when_nobody_listens_at_the_first) {
  Loopback net;
  net.listen("::1");
  Party caller;
  net.connect(caller, {"localhost", net.host.listener->local().port});  // 127.0.0.1, then ::1
  caller.when_open = [](Party& self) { self.send("lost"); };
  net.until([&] {
    if (caller.is_open()) caller.send("hello");
    return net.host.strangers == 1 && !net.host.guest().bytes.empty();
  });
  BOOST_TEST(!caller.reason.has_value());
  net.host.guest().send("welcome");
  net.until([&] { return !caller.bytes.empty(); });
  BOOST_TEST((caller.bytes == Text{'w', 'e', 'l', 'c', 'o', 'm', 'e'}));
}

BOOST_AUTO_TEST_CASE(a_refusal_from_an_address_that_has_talked_to_us_is_ignored) {
  Loopback net;
  net.listen("127.0.0.1");
  const Address there = net.host.listener->local();
  net.host.prepare = [](Party& guest) { guest.when_received = [](Party& self) { self.send("hello"); }; };
  Party caller;
  caller.when_open = [](Party& self) { self.send("hello"); };
  net.connect(caller, there);
  net.until([&] { return !caller.bytes.empty(); });
  net.host.guests.clear();
  net.host.listener.reset();
  net.until([&] {
    caller.send("anybody?");
    return net.transport.stats().refusals_ignored > 0;
  });
  BOOST_TEST(caller.is_open());

  auto again = net.transport.listen(there, net.host);  // the server is back
  BOOST_REQUIRE(again);
  caller.bytes.clear();
  net.until([&] {
    caller.send("hello");
    return !caller.bytes.empty();
  });
  net.host.guests.clear();
}

BOOST_AUTO_TEST_CASE(strangers_beyond_the_limit_are_dropped_and_counted) {
  Loopback net{{.connections_max = 2}};
  net.listen("127.0.0.1");
  std::vector<std::unique_ptr<RawSender>> senders;
  for (int i = 0; i < 5; ++i) {
    senders.push_back(std::make_unique<RawSender>(net.host.listener->local().port));
    senders.back()->send(10);
  }
  net.until([&] { return net.transport.stats().received == 5; });
  BOOST_TEST(net.host.guests.size() == 2u);
  BOOST_TEST(net.transport.stats().strangers_dropped == 3u);
  BOOST_TEST(net.host.strangers == 2u);  // nobody is asked about those, who could give one a seat
  Party outgoing;
  BOOST_TEST(
      (net.transport.connect({}, {"127.0.0.1", 9}, outgoing).error() == TransportError::out_of_connections));
  net.host.guests.front()->destroy();
  net.until([&] { return net.transport.connection_count() == 1; });
  senders.back()->send(10);
  net.until([&] { return net.host.guests.size() == 3; });
}

BOOST_AUTO_TEST_CASE(replies_to_strangers_have_a_bound_and_never_cost_a_connection) {
  Loopback net{{.stranger_replies_max = 8}};
  net.listen("127.0.0.1");
  net.host.stranger = [](const Text&) {
    return StrangerAnswer{.accept = false, .deliver = false, .reply = message("who?")};
  };
  std::vector<std::unique_ptr<RawSender>> senders;
  for (int i = 0; i < 32; ++i) {
    senders.push_back(std::make_unique<RawSender>(net.host.listener->local().port));
    senders.back()->send(10);
  }
  net.until([&] { return net.host.strangers == 32; });
  net.until([&] { return net.transport.stats().sent + net.transport.stats().replies_dropped == 32; });
  BOOST_TEST(net.transport.stats().replies_dropped > 0u);
  BOOST_TEST(net.transport.stats().sent >= 8u);
  BOOST_TEST(net.transport.connection_count() == 0u);
}

BOOST_AUTO_TEST_CASE(connections_outlive_their_listener_on_its_socket) {
  Loopback net;
  net.listen("127.0.0.1");
  const Address there = net.host.listener->local();
  Party caller;
  caller.when_open = [](Party& self) { self.send("hello"); };
  net.connect(caller, there);
  net.until([&] { return net.host.guests.size() == 1; });
  net.host.listener.reset();
  net.host.guest().send("still here");
  net.until([&] { return caller.bytes.size() == 10; });
  const RawSender stranger{there.port};
  stranger.send(10);
  net.until([&] { return net.transport.stats().strangers_dropped == 1; });
  BOOST_TEST((net.transport.listen(there, net.host).error() == TransportError::address_in_use));
  net.host.guest().destroy();
  net.until([&] { return net.transport.connection_count() == 1; });
  BOOST_TEST(net.transport.listen(there, net.host).has_value());
}

BOOST_AUTO_TEST_CASE(the_transport_may_end_while_messages_wait) {
  AsioScheduler scheduler;
  Host host;
  Party caller;
  {
    AsioUdpTransport transport{scheduler};
    auto listener = transport.listen({"127.0.0.1", 0}, host);
    BOOST_REQUIRE(listener);
    auto made = transport.connect({}, (*listener)->local(), caller);
    BOOST_REQUIRE(made);
    caller.connection = std::move(*made);
    scheduler.poll();
    caller.send("never sent");
    caller.destroy();
  }
  scheduler.run_until(scheduler.now() + 5ms);  // their handlers find nothing
  BOOST_TEST(caller.heard == "o");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport
