#include "netrig/transport/asio/factory.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "netrig/tests/support/certificates.h"
#include "netrig/tests/unit/transport/asio/loopback.h"

namespace netrig::transport {
namespace {

using testing::Host;
using testing::Party;

BOOST_AUTO_TEST_SUITE(factory)

// One host and one caller for each scheme, from nothing but URLs.
BOOST_AUTO_TEST_CASE(every_scheme_carries_words_both_ways) {
  netrig::testing::Certificates authority;
  const auto files = authority.sign();
  const SocketOptions options{.tcp = {},
                              .udp = {},
                              .tls = {.certificate_file = files.certificate,
                                      .key_file = files.key,
                                      .ca_file = authority.authority_file()}};
  std::vector<std::string> urls{"tcp://127.0.0.1:0", "tls://127.0.0.1:0", "udp://[::1]:0"};
#ifdef NETRIG_WEBSOCKET
  urls.insert(urls.end(), {"ws://127.0.0.1:0/game", "wss://localhost:0/game"});
#endif
  for (const std::string& given : urls) {
    AsioScheduler scheduler;
    EndpointUrl url = *parse_endpoint_url(given);
    auto listening = make_socket_transport(scheduler, url, SocketRole::listens, options);
    auto calling = make_socket_transport(scheduler, url, SocketRole::connects, options);
    BOOST_REQUIRE(listening && calling);
    Host host;
    auto listener = (*listening)->listen(url.address, host);
    BOOST_REQUIRE(listener);
    url.address.port = (*listener)->local().port;
    host.prepare = [](Party& guest) { guest.when_received = [](Party& self) { self.send("welcome"); }; };
    Party caller;
    caller.when_open = [](Party& self) { self.send("hello"); };
    auto connection = (*calling)->connect({}, url.address, caller);
    BOOST_REQUIRE(connection);
    caller.connection = std::move(*connection);
    const Instant bound = scheduler.now() + testing::kPatience;
    while (caller.bytes.size() < 7 && scheduler.now() < bound) scheduler.run_until(scheduler.now() + 1ms);
    BOOST_TEST(caller.bytes.size() == 7u, given);
    caller.destroy();
    host.guests.clear();
  }
}

#ifndef NETRIG_WEBSOCKET
BOOST_AUTO_TEST_CASE(a_build_without_websocket_says_so) {
  AsioScheduler scheduler;
  for (const char* const url : {"ws://127.0.0.1:1", "wss://127.0.0.1:1"}) {
    const auto made =
        make_socket_transport(scheduler, *parse_endpoint_url(url), SocketRole::connects, SocketOptions{});
    BOOST_REQUIRE(!made);
    BOOST_TEST(made.error() == "this build has no WebSocket (NETRIG_WEBSOCKET is off)");
  }
}
#endif

BOOST_AUTO_TEST_CASE(an_own_certificate_is_trusted_by_whom_it_was_given_to) {
  const SocketOptions ours{.tcp = {}, .udp = {}, .tls = {.own = loopback_certificate()}};
  const SocketOptions theirs{.tcp = {}, .udp = {}, .tls = {.own = loopback_certificate()}};
  for (const bool knows : {true, false}) {
    AsioScheduler scheduler;
    EndpointUrl url = *parse_endpoint_url("tls://127.0.0.1:0");
    auto listening = make_socket_transport(scheduler, url, SocketRole::listens, ours);
    auto calling = make_socket_transport(scheduler, url, SocketRole::connects, knows ? ours : theirs);
    BOOST_REQUIRE(listening && calling);
    Host host;
    auto listener = (*listening)->listen(url.address, host);
    BOOST_REQUIRE(listener);
    url.address.port = (*listener)->local().port;
    Party caller;
    auto connection = (*calling)->connect({}, url.address, caller);
    BOOST_REQUIRE(connection);
    caller.connection = std::move(*connection);
    const Instant bound = scheduler.now() + testing::kPatience;
    while (caller.heard.empty() && scheduler.now() < bound) scheduler.run_until(scheduler.now() + 1ms);
    BOOST_TEST(caller.heard == (knows ? "o" : "c"));
    BOOST_TEST((caller.reason == CloseReason::layer_failed) == !knows);
    caller.destroy();
    host.guests.clear();
  }
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_said) {
  AsioScheduler scheduler;
  const EndpointUrl url = *parse_endpoint_url("tls://127.0.0.1:0");
  BOOST_TEST(make_socket_transport(scheduler, url, SocketRole::listens).error() ==
             "tls needs a certificate and its key to listen with");
  SocketOptions options;
  options.tls.ca_file = "/no/such/file";
  BOOST_TEST(make_socket_transport(scheduler, url, SocketRole::connects, options)
                 .error()
                 .starts_with("/no/such/file: "));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport
