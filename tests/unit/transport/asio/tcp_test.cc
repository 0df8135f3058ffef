// What TCP sockets do beyond the contract: names, families, limits, time-outs.
#include "netrig/transport/asio/tcp.h"

#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <fcntl.h>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/resource.h>
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

using Loopback = testing::Loopback<AsioTcpTransport, TcpOptions>;

// A socket that knows no rules.
class RawSocket {
 public:
  RawSocket() : descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~RawSocket() { ::close(descriptor); }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  bool connect(std::uint16_t port) {
    const sockaddr_in to = loopback(port);
    return ::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  // A listener whose queue holds one connection and that never accepts.
  std::uint16_t listen_and_never_accept() {
    sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    BOOST_REQUIRE_EQUAL(::bind(descriptor, reinterpret_cast<sockaddr*>(&at), size), 0);
    BOOST_REQUIRE_EQUAL(::listen(descriptor, 0), 0);
    BOOST_REQUIRE_EQUAL(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&at), &size), 0);
    return ntohs(at.sin_port);
  }
  const int descriptor;

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
};

BOOST_AUTO_TEST_SUITE(tcp)

BOOST_AUTO_TEST_CASE(the_addresses_of_a_name_are_tried_in_turn) {
  Loopback net;
  net.listen("::1");  // "localhost" means 127.0.0.1 first, where nobody listens
  Party caller;
  net.connect(caller, {"localhost", net.host.listener->local().port});
  net.until([&] { return caller.is_open(); });
  BOOST_TEST(caller.connection->remote().host == "localhost");
}

BOOST_AUTO_TEST_CASE(a_name_is_looked_up) {
  Loopback net;
  net.listen("127.0.0.1");
  Party caller;
  net.connect(caller, {"127.1", net.host.listener->local().port});  // known to the resolver alone
  net.until([&] { return caller.is_open(); });
  BOOST_TEST(caller.connection->remote().host == "127.1");
}

BOOST_AUTO_TEST_CASE(a_name_that_nobody_knows_is_unreachable_and_says_so) {
  Loopback net;
  Party caller;
  net.connect(caller, {"no-such-host.invalid", 7777});
  net.until([&] { return caller.reason.has_value(); });
  BOOST_TEST((*caller.reason == CloseReason::unreachable));
  BOOST_TEST(caller.connection->close_detail().starts_with("no-such-host.invalid: "));
  BOOST_TEST((net.transport.listen({"no-such-host.invalid", 0}, net.host).error() ==
              TransportError::address_invalid));
  BOOST_TEST((net.transport.listen({"192.0.2.1", 0}, net.host).error() == TransportError::address_invalid));
  BOOST_TEST(
      (net.transport.connect({}, {"127.0.0.1", 0}, caller).error() == TransportError::address_invalid));
}

BOOST_AUTO_TEST_CASE(a_listener_on_every_interface_hears_both_families) {
  Loopback net;
  net.listen("::");
  Party four;
  Party six;
  net.connect(four, {"127.0.0.1", net.host.listener->local().port});
  net.until([&] { return net.host.guests.size() == 1 && four.is_open(); });
  net.connect(six, {"[::1]", net.host.listener->local().port});
  net.until([&] { return net.host.guests.size() == 2 && six.is_open(); });
  BOOST_TEST(net.host.guests[0]->connection->remote().host == "127.0.0.1");
  BOOST_TEST(net.host.guests[1]->connection->remote().host == "::1");
}

BOOST_AUTO_TEST_CASE(who_is_refused_hears_why) {
  Loopback net;
  net.listen("127.0.0.1");
  const Address there = net.host.listener->local();
  net.host.listener.reset();
  Party caller;
  net.connect(caller, there);
  net.until([&] { return caller.reason.has_value(); });
  BOOST_TEST((*caller.reason == CloseReason::refused));
  BOOST_TEST(caller.connection->close_detail() == "Connection refused");
}

// The queue of the listening socket is full, so the kernel answers nobody.
BOOST_AUTO_TEST_CASE(a_connection_that_is_never_answered_times_out) {
  Loopback net{{.connect_within = 300ms}};
  RawSocket listener;
  const std::uint16_t port = listener.listen_and_never_accept();
  std::vector<std::unique_ptr<Party>> callers;
  for (int i = 0; i < 4; ++i)
    net.connect(*callers.emplace_back(std::make_unique<Party>()), {"127.0.0.1", port});
  net.until([&] { return net.transport.stats().connect_timeouts > 0; });
  Party& last = *callers.back();
  BOOST_TEST(last.heard == "c");
  BOOST_TEST((*last.reason == CloseReason::unreachable));
  BOOST_TEST(last.connection->close_detail() == "Connection timed out");
}

// It keeps its half of the connection open for ever, and reads nothing.
BOOST_AUTO_TEST_CASE(a_peer_that_never_closes_is_reset_in_time) {
  Loopback net{{.close_within = 200ms}};
  net.listen("127.0.0.1");
  RawSocket peer;
  BOOST_REQUIRE(peer.connect(net.host.listener->local().port));
  net.until([&] { return net.host.guests.size() == 1; });
  Party& guest = net.host.guest();
  while (guest.send(message(Text(100'000, 1))) == SendStatus::accepted) net.scheduler.poll();
  guest.close();
  net.until([&] { return guest.reason.has_value(); });
  BOOST_TEST((*guest.reason == CloseReason::local));
  BOOST_TEST(net.transport.stats().close_timeouts == 1u);
  BOOST_TEST(net.transport.connection_count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_costs_one_queue_and_no_more) {
  Loopback net{{.queue_bytes_max = 50'000}};
  net.listen("127.0.0.1");
  RawSocket peer;
  BOOST_REQUIRE(peer.connect(net.host.listener->local().port));
  net.until([&] { return net.host.guests.size() == 1; });
  Party& guest = net.host.guest();
  SendStatus status = SendStatus::accepted;
  for (int i = 0; i < 10'000 && status == SendStatus::accepted; ++i) {
    for (int polls = 0; polls < 3; ++polls) net.scheduler.poll();
    status = guest.send(message(Text(1'000, 1)));
  }
  BOOST_TEST((status == SendStatus::queue_full));
  BOOST_TEST(guest.connection->backlog_bytes() <= 50'000u);
  BOOST_TEST(guest.connection->backlog_bytes() > 49'000u);
}

BOOST_AUTO_TEST_CASE(callers_beyond_the_limit_are_reset_and_counted) {
  Loopback net;
  AsioTcpTransport narrow{net.scheduler, {.connections_max = 2}};
  auto made = narrow.listen({"127.0.0.1", 0}, net.host);
  BOOST_REQUIRE(made);
  const Address there = (*made)->local();
  std::vector<std::unique_ptr<Party>> callers;
  for (int i = 0; i < 3; ++i) net.connect(*callers.emplace_back(std::make_unique<Party>()), there);
  net.until([&] { return callers.back()->reason.has_value(); });
  BOOST_TEST((*callers.back()->reason == CloseReason::refused));
  BOOST_TEST(net.host.guests.size() == 2u);
  BOOST_TEST(narrow.stats().accepted == 2u);
  BOOST_TEST(narrow.stats().shed_connections == 1u);
  Party outgoing;
  BOOST_TEST((narrow.connect({}, there, outgoing).error() == TransportError::out_of_connections));
  callers.clear();
  net.host.guests.clear();
}

// Every descriptor of the process is taken while callers wait.
BOOST_AUTO_TEST_CASE(accepting_survives_running_out_of_descriptors) {
  Loopback net;
  net.listen("127.0.0.1");
  const std::uint16_t port = net.host.listener->local().port;
  Party before;
  net.connect(before, {"127.0.0.1", port});
  net.until([&] { return before.is_open() && net.host.guests.size() == 1; });
  net.host.guest().when_received = [](Party& self) { self.send("still here"); };

  rlimit old{};
  BOOST_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &old), 0);
  std::vector<std::unique_ptr<RawSocket>> waiting;
  for (int i = 0; i < 5; ++i) waiting.push_back(std::make_unique<RawSocket>());
  rlimit none = old;
  none.rlim_cur = static_cast<rlim_t>(waiting.back()->descriptor + 1);  // all below are in use
  std::vector<int> fillers;
  BOOST_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &none), 0);
  for (int filler = 0; (filler = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) fillers.push_back(filler);
  for (auto& socket : waiting) BOOST_REQUIRE(socket->connect(port));
  net.until([&] { return net.transport.stats().shed_descriptors == 5; });
  before.send("hello?");
  net.until([&] { return before.bytes.size() == 10; });
  Party outgoing;
  BOOST_TEST((net.transport.connect({}, {"127.0.0.1", port}, outgoing).error() ==
              TransportError::out_of_connections));
  for (const int filler : fillers) ::close(filler);
  BOOST_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &old), 0);

  Party after;
  net.connect(after, {"127.0.0.1", port});
  net.until([&] { return after.is_open() && net.host.guests.size() == 2; });
  BOOST_TEST(before.is_open());
}

// 30 messages of one turn and 31 of another: few system calls, so few segments reach the peer.
BOOST_AUTO_TEST_CASE(what_one_turn_sends_arrives_in_one_piece) {
  Loopback net;
  net.listen("127.0.0.1");
  Party caller;
  net.connect(caller, net.host.listener->local());
  net.until([&] { return caller.is_open() && net.host.guests.size() == 1; });
  Party& guest = net.host.guest();
  for (int i = 0; i < 30; ++i) caller.send("0123456789");
  BOOST_TEST(caller.connection->backlog_bytes() == 300u);
  net.until([&] { return guest.bytes.size() == 300; });
  BOOST_TEST(guest.messages.size() == 1u);
  BOOST_TEST(caller.connection->backlog_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(the_transport_may_end_while_connections_are_under_way) {
  AsioScheduler scheduler;
  Host host;
  Party caller;
  {
    AsioTcpTransport transport{scheduler};
    auto listener = transport.listen({"127.0.0.1", 0}, host);
    BOOST_REQUIRE(listener);
    auto made = transport.connect({}, (*listener)->local(), caller);
    BOOST_REQUIRE(made);
    caller.connection = std::move(*made);
    scheduler.poll();
    caller.destroy();
    for (auto& guest : host.guests) guest->destroy();
  }
  scheduler.run_until(scheduler.now() + 5ms);  // their handlers find nothing
  BOOST_TEST(caller.heard.find('c') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport
