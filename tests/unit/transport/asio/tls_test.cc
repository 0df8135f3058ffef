// Who is trusted and who is not, and what each side hears of it.
#include "netrig/transport/asio/tls.h"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <vector>

#include "netrig/tests/support/certificates.h"
#include "netrig/tests/unit/transport/asio/layer_pair.h"
#include "netrig/tests/unit/transport/asio/loopback.h"
#include "netrig/transport/asio/tcp.h"

namespace netrig::transport {
namespace {

using netrig::testing::CertificateFiles;
using netrig::testing::Certificates;
using testing::Host;
using testing::LayerPair;
using testing::Party;
using Layers = std::shared_ptr<const StreamLayers>;

constexpr long kDaySeconds = 86'400;

Layers listening_with(const CertificateFiles& files) {
  auto made = tls_layers({.certificate_file = files.certificate, .key_file = files.key});
  BOOST_REQUIRE(made);
  return *made;
}
Layers trusting(const Certificates& authority) {
  auto made = tls_layers({.ca_file = authority.authority_file()});
  BOOST_REQUIRE(made);
  return *made;
}

struct Authority {
  Certificates ours;
  Layers caller = trusting(ours);
  Layers listener = listening_with(ours.sign());
};

// A listener and a caller that may not speak the same.
struct Meeting {
  Meeting(Layers of_caller, Layers of_listener, TcpOptions options = {})
      : listening(scheduler, options, std::move(of_listener)),
        calling(scheduler, options, std::move(of_caller)) {
    auto made = listening.listen({"127.0.0.1", 0}, host);
    BOOST_REQUIRE(made);
    host.listener = std::move(*made);
  }
  void connect(Party& party) {
    auto made = calling.connect({}, {"127.0.0.1", host.listener->local().port}, party);
    BOOST_REQUIRE(made);
    party.connection = std::move(*made);
  }
  template <class Condition>
  void until(Condition condition) {
    const Instant bound = scheduler.now() + testing::kPatience;
    while (!condition() && scheduler.now() < bound) scheduler.run_until(scheduler.now() + 1ms);
    BOOST_REQUIRE(condition());
  }

  AsioScheduler scheduler;
  AsioTcpTransport listening;
  AsioTcpTransport calling;
  Host host;
};

BOOST_FIXTURE_TEST_SUITE(tls, Authority)

BOOST_AUTO_TEST_CASE(bytes_pass_both_ways_in_pieces_of_any_size) {
  for (const std::size_t piece : {1u, 5u, 1'000'000u}) {
    LayerPair pair{*caller, *listener, {"localhost", 443}, piece};
    BOOST_REQUIRE((pair.caller.state == LayerState::open && pair.listener.state == LayerState::open));
    const std::string text(40'000, 'x');
    pair.say(pair.caller, text);
    pair.say(pair.listener, text);
    BOOST_TEST((testing::text_of(pair.listener.plain) == text));
    BOOST_TEST((testing::text_of(pair.caller.plain) == text));
    pair.caller.layer->end(pair.caller.wire);
    pair.run();
    BOOST_TEST((pair.listener.state == LayerState::ended));
  }
}

BOOST_AUTO_TEST_CASE(one_write_costs_one_record_of_22_bytes_more) {
  LayerPair pair{*caller, *listener, {"localhost", 443}};
  pair.caller.layer->send(testing::bytes_of("0123456789"), pair.caller.wire);
  BOOST_TEST(pair.caller.wire.size() == 32u);  // as the model of the simulated network has it
}

BOOST_AUTO_TEST_CASE(who_is_not_trusted_is_named_with_the_reason) {
  Certificates other{"somebody else"};
  struct Case {
    Layers listener;
    Address to;
    std::string fault;
  };
  const std::vector<Case> cases{
      {listener, {"127.0.0.2", 1}, "TLS: the certificate of 127.0.0.2 is not trusted: IP address mismatch"},
      {listener, {"example.org", 1}, "TLS: the certificate of example.org is not trusted: hostname mismatch"},
      {listening_with(ours.sign("127.0.0.1", -2 * kDaySeconds)),
       {"127.0.0.1", 1},
       "TLS: the certificate of 127.0.0.1 is not trusted: certificate has expired"},
      {listening_with(ours.sign("127.0.0.1", kDaySeconds)),
       {"127.0.0.1", 1},
       "TLS: the certificate of 127.0.0.1 is not trusted: certificate is not yet valid"},
      {listening_with(other.sign()),
       {"127.0.0.1", 1},
       "TLS: the certificate of 127.0.0.1 is not trusted: unable to get local issuer certificate"},
  };
  for (const Case& wrong : cases) {
    const LayerPair pair{*caller, *wrong.listener, wrong.to};
    BOOST_TEST((pair.caller.state == LayerState::failed));
    BOOST_TEST(pair.caller.layer->fault() == wrong.fault);
    BOOST_TEST((pair.listener.state == LayerState::failed));
  }
}

// Whether OpenSSL took what it was to verify was not looked at. No test had a name that it does not take.
BOOST_AUTO_TEST_CASE(a_name_that_no_certificate_can_have_is_not_connected_to) {
  auto made = tls_layers({.ca_file = ours.authority_file(), .server_name = std::string(300, 'a')});
  BOOST_REQUIRE(made);
  Meeting meeting{*made, listener};
  Party party;
  meeting.connect(party);
  meeting.until([&] { return party.reason.has_value(); });
  BOOST_TEST(party.heard == "c");
  BOOST_TEST((*party.reason == CloseReason::layer_failed));
  BOOST_TEST(party.connection->close_detail().starts_with("TLS: no certificate can name aaa"));
}

BOOST_AUTO_TEST_CASE(verification_is_switched_off_only_by_name) {
  Certificates other{"somebody else"};
  auto careless = tls_layers({.verify = false});
  BOOST_REQUIRE(careless);
  const LayerPair pair{**careless, *listening_with(other.sign()), {"example.org", 1}};
  BOOST_TEST((pair.caller.state == LayerState::open));
}

BOOST_AUTO_TEST_CASE(wrong_files_are_named) {
  const CertificateFiles one = ours.sign();
  const CertificateFiles another = ours.sign();
  const auto fault = [](const TlsOptions& options) { return tls_layers(options).error(); };
  BOOST_TEST(fault({.ca_file = "/no/such/file"}).starts_with("/no/such/file: No such file"));
  BOOST_TEST(fault({.certificate_file = "/no/such/file", .key_file = one.key})
                 .starts_with("/no/such/file: No such file"));
  BOOST_TEST(fault({.certificate_file = one.certificate, .key_file = another.key})
                 .starts_with(another.key + ": not the key of " + one.certificate));
  BOOST_TEST(fault({.certificate_file = one.certificate}) ==
             one.certificate + ": a certificate needs its key");
  BOOST_TEST(fault({.key_file = one.key}) == one.key + ": a key needs its certificate");
}

BOOST_AUTO_TEST_CASE(an_untrusted_server_is_closed_with_the_reason) {
  Meeting meeting{caller, listening_with(Certificates{"somebody else"}.sign())};
  Party party;
  meeting.connect(party);
  meeting.until([&] { return party.reason.has_value(); });
  BOOST_TEST(party.heard == "c");
  BOOST_TEST((*party.reason == CloseReason::layer_failed));
  BOOST_TEST(party.connection->close_detail().find("is not trusted") != std::string_view::npos);
  meeting.until([&] { return meeting.listening.stats().handshakes_failed == 1; });
  BOOST_TEST(meeting.host.guests.empty());
}

BOOST_AUTO_TEST_CASE(tls_to_a_plain_port_and_the_reverse_end_with_a_reason) {
  Meeting to_plain{caller, nullptr};
  to_plain.host.prepare = [](Party& guest) { guest.when_received = [](Party& self) { self.close(); }; };
  Party party;
  to_plain.connect(party);
  to_plain.until([&] { return party.reason.has_value(); });
  BOOST_TEST((*party.reason == CloseReason::layer_failed));
  BOOST_TEST(party.connection->close_detail() ==
             "TLS: the other side closed during the handshake; does it speak this?");

  Meeting to_tls{nullptr, listener};
  Party plain;
  plain.when_open = [](Party& self) { self.send("GET / HTTP/1.1\r\n\r\n"); };
  to_tls.connect(plain);
  to_tls.until([&] { return plain.reason.has_value(); });
  BOOST_TEST(to_tls.listening.stats().handshakes_failed == 1u);
  BOOST_TEST(to_tls.host.guests.empty());
}

// A flood of callers that connect and say nothing: they are bounded, cost no TLS state, and leave in time.
BOOST_AUTO_TEST_CASE(silent_callers_are_bounded_and_time_out_while_others_are_served) {
  Meeting meeting{caller, listener, {.handshakes_max = 20, .connect_within = 400ms}};
  AsioTcpTransport silent{meeting.scheduler};
  std::vector<std::unique_ptr<Party>> callers;
  for (int i = 0; i < 40; ++i) {
    Party& party = *callers.emplace_back(std::make_unique<Party>());
    auto made = silent.connect({}, {"127.0.0.1", meeting.host.listener->local().port}, party);
    BOOST_REQUIRE(made);
    party.connection = std::move(*made);
  }
  meeting.until([&] { return meeting.listening.stats().shed_handshakes == 20; });
  meeting.until([&] { return meeting.listening.stats().handshake_timeouts == 20; });
  Party honest;
  meeting.connect(honest);
  meeting.until([&] { return honest.is_open() && meeting.host.guests.size() == 1; });
  BOOST_TEST(meeting.listening.stats().handshakes_failed == 0u);
}

BOOST_AUTO_TEST_CASE(the_listener_may_be_gone_before_the_handshake_ends) {
  Meeting meeting{caller, listener};
  Party party;
  meeting.connect(party);
  meeting.until([&] { return meeting.listening.stats().accepted == 1; });
  meeting.host.listener.reset();
  meeting.until([&] { return party.reason.has_value(); });
  BOOST_TEST((*party.reason == CloseReason::refused));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport
