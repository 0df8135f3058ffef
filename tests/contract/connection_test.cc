// Rules 1, 2, 5, 6, 8, 9 and 10: what holds for every connection.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/contract/fixtures.h"

namespace netrig::transport::testing {
namespace {

BOOST_AUTO_TEST_SUITE(connection)

BOOST_AUTO_TEST_CASE_TEMPLATE(nobody_hears_anything_before_a_turn, Fixture, AllTransports) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  Party second;
  meeting.connect(second, 1);
  BOOST_TEST((meeting.caller.send("a") == SendStatus::accepted));
  BOOST_TEST((guest.send("b") == SendStatus::accepted));
  meeting.caller.close();
  guest.close();
  BOOST_TEST(guest.heard == "o");
  BOOST_TEST(meeting.caller.heard == "o");
  BOOST_TEST(second.heard == "");
  BOOST_TEST(meeting.host.guests.size() == 1u);
  meeting.run_until_idle();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(each_side_opens_once_and_first, Fixture, AllTransports) {
  Meeting<Fixture> meeting;  // Party checks the order of every call
  Party& guest = meeting.host.guest();
  meeting.caller.send("to the guest");
  guest.send("to the caller");
  meeting.run_until_idle();
  BOOST_TEST(meeting.caller.heard.starts_with('o'));
  BOOST_TEST(guest.heard.starts_with('o'));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sending_before_it_is_open_answers_closed, Fixture, AllTransports) {
  Fixture fixture;
  Host host;
  host.listener = fixture.listen(host);
  host.prepare = [](Party& guest) { BOOST_TEST((guest.send("early") == SendStatus::closed)); };
  Party caller;
  fixture.connect(caller);
  BOOST_TEST((caller.send("early") == SendStatus::closed));
  fixture.run_until_idle();
  caller.send("now");
  fixture.run_until_idle();
  BOOST_TEST(caller.bytes.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sending_after_close_answers_closed, Fixture, AllTransports) {
  Meeting<Fixture> meeting;
  meeting.caller.close();
  BOOST_TEST((meeting.caller.send("late") == SendStatus::closed));
  meeting.run_until_idle();
  BOOST_TEST((meeting.caller.send("late") == SendStatus::closed));
  BOOST_TEST((meeting.caller.reason == CloseReason::local));
  meeting.caller.close();  // again: nothing more is heard
  meeting.run_until_idle();
  BOOST_TEST(meeting.caller.heard == "oc");
  BOOST_TEST(meeting.host.guest().bytes.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_message_at_the_limit_passes_and_one_beyond_is_too_large, Fixture,
                              AllTransports) {
  Meeting<Fixture> meeting;
  const std::size_t limit = meeting.caller.connection->message_bytes_max();
  BOOST_TEST((meeting.caller.send(message(Text(limit + 1, 1))) == SendStatus::too_large));
  const OutgoingMessage in_two_parts{payload(Text(limit, 1)), payload(Text(1, 2))};
  BOOST_TEST((meeting.caller.send(in_two_parts) == SendStatus::too_large));
  BOOST_TEST((meeting.caller.send(message(Text(limit, 3))) == SendStatus::accepted));
  meeting.run_until_idle();
  if (Fixture::kLossless) BOOST_TEST((meeting.host.guest().bytes == Text(limit, 3)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_full_queue_is_an_answer_and_takes_nothing, Fixture, AllTransports) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  for (auto [from, to] : {std::pair{&meeting.caller, &guest}, std::pair{&guest, &meeting.caller}}) {
    to->bytes.clear();
    const OutgoingMessage kilobyte = message(Text(1'000, 7));
    std::size_t accepted = 0;
    SendStatus status = SendStatus::accepted;
    for (int i = 0; i < 4'000 && status == SendStatus::accepted; ++i)
      if ((status = from->send(kilobyte)) == SendStatus::accepted) accepted += 1'000;
    const bool plain = from == &guest && Fixture::kPlainListener;
    BOOST_TEST((status == SendStatus::queue_full) == (Fixture::kFillsUp || plain));
    meeting.run_until_idle();
    // A plain listener's own queue is short for 4 MB at once: a stream waits, a datagram is lost.
    if (Fixture::kLossless && (Fixture::kDelivery == kStream || !Fixture::kPlainListener))
      BOOST_TEST(to->bytes.size() == accepted);
    BOOST_TEST(from->connection->backlog_bytes() == 0u);
    BOOST_TEST((from->send(kilobyte) == SendStatus::accepted));  // there is room again
    meeting.run_until_idle();
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nobody_listens_and_the_caller_is_refused, Fixture, AllTransports) {
  Fixture fixture;
  Party caller;
  fixture.connect(caller);
  fixture.run_until_idle();
  if (!Fixture::kRefusesAtOnce) caller.send("hello");
  fixture.run_until_idle();
  BOOST_TEST(caller.heard == (Fixture::kRefusesAtOnce ? "c" : "oc"));
  BOOST_TEST((caller.reason == CloseReason::refused));
  BOOST_TEST((caller.send("anybody?") == SendStatus::closed));
  caller.destroy();
  fixture.run_until_idle();
  BOOST_TEST(fixture.connections_left() == 0u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_listener_that_is_gone_refuses, Fixture, AllTransports) {
  Meeting<Fixture> meeting;
  meeting.host.listener.reset();
  Party second;
  meeting.connect(second, 1);
  meeting.run_until_idle();
  if (Fixture::kRefusesAtOnce) BOOST_TEST((second.reason == CloseReason::refused));
  meeting.caller.send("still connected");  // accepted connections outlive the listener
  meeting.caller.send("still connected");
  meeting.run_until_idle();
  if (Fixture::kLossless) BOOST_TEST(meeting.host.guest().bytes.size() == 30u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_host_that_takes_nobody_refuses, Fixture, AllTransports) {
  Fixture fixture;
  Host host;
  host.listener = fixture.listen(host);
  host.refuses = true;
  Party caller;
  fixture.connect(caller);
  fixture.run_until_idle();
  for (int i = 0; i < 100 && caller.is_open(); ++i) {  // datagrams: refused on what arrives first
    caller.send("let me in");
    fixture.run_until_idle();
    if (!Fixture::kRefusesAtOnce) break;
  }
  if (Fixture::kRefusesAtOnce) BOOST_TEST((caller.reason == CloseReason::refused));
  caller.destroy();
  fixture.run_until_idle();
  BOOST_TEST(fixture.connections_left() == 0u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(one_address_has_one_listener, Fixture, AllTransports) {
  Fixture fixture;
  Host host;
  host.listener = fixture.listen(host);
  BOOST_TEST((host.listener->local() == fixture.server));
  Host second;
  BOOST_TEST((fixture.listening().listen(fixture.server, second).error() == TransportError::address_in_use));
  BOOST_TEST((fixture.listening().listen({}, second).error() == TransportError::address_invalid));
  host.listener.reset();
  second.listener = fixture.listen(second);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(closing_before_it_is_open_is_heard_alone, Fixture, AllTransports) {
  Fixture fixture;
  Host host;
  host.listener = fixture.listen(host);
  Party caller;
  fixture.connect(caller);
  caller.close();
  fixture.run_until_idle();
  BOOST_TEST(caller.heard == "c");
  BOOST_TEST((caller.reason == CloseReason::local));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(destroying_before_it_is_open_leaves_nothing, Fixture, AllTransports) {
  Fixture fixture;
  Host host;
  host.listener = fixture.listen(host);
  Party caller;
  fixture.connect(caller);
  caller.destroy();
  fixture.run_until_idle();
  BOOST_TEST(caller.heard == "");
  host.guests.clear();
  fixture.run_until_idle();
  BOOST_TEST(fixture.connections_left() == 0u);
}

// Rule 9, at every place where a side may be destroyed from within: nothing more is heard there.
BOOST_AUTO_TEST_CASE_TEMPLATE(the_caller_may_be_destroyed_inside_any_callback, Fixture, AllTransports) {
  for (const char last : {'o', 'r', 'c'}) {
    Meeting<Fixture> meeting;
    Party caller;
    const auto destroy = [](Party& self) { self.destroy(); };
    if (last == 'o') caller.when_open = destroy;
    if (last == 'r') caller.when_received = destroy;
    if (last == 'c') caller.when_closed = destroy;
    meeting.host.prepare = [](Party& guest) {
      guest.when_open = guest.when_received = [](Party& self) {
        for (int i = 0; i < 200; ++i) self.send("greetings");
      };
    };
    meeting.connect(caller, 1);
    meeting.run_until_idle();
    for (int i = 0; i < 100 && caller.is_open() && caller.connection; ++i) {
      caller.send("hello");
      meeting.run_until_idle();
      if (last == 'c' && caller.is_open()) caller.close();
    }
    meeting.run_until_idle();
    BOOST_TEST(caller.heard.back() == last);
    BOOST_TEST(!caller.connection);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_guest_may_be_destroyed_inside_any_callback, Fixture, AllTransports) {
  for (const char last : {'a', 'o', 'r', 'c'}) {
    Meeting<Fixture> meeting;
    Party caller;
    const auto destroy = [](Party& self) { self.destroy(); };
    meeting.host.prepare = [&](Party& guest) {
      if (last == 'a') destroy(guest);
      if (last == 'o') guest.when_open = destroy;
      if (last == 'r') guest.when_received = destroy;
      if (last == 'c') guest.when_closed = destroy;
      if (last == 'c') guest.when_open = [](Party& self) { self.close(); };
    };
    meeting.connect(caller, 1);
    meeting.run_until_idle();
    for (int i = 0; i < 300 && caller.is_open(); ++i) caller.send("hello");
    meeting.run_until_idle();
    BOOST_REQUIRE_GE(meeting.host.guests.size(), 2u);
    const Party& guest = *meeting.host.guests[1];
    BOOST_TEST(!guest.connection);
    if (last != 'a') BOOST_TEST(guest.heard.back() == last);
    if (Fixture::kDelivery == kStream)
      BOOST_TEST((caller.reason == (last == 'a' ? CloseReason::refused : CloseReason::remote)));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_listener_may_be_destroyed_inside_on_accept, Fixture, AllTransports) {
  Fixture fixture;
  Host host;
  host.listener = fixture.listen(host);
  host.prepare = [&](Party&) { host.listener.reset(); };
  Party caller;
  fixture.connect(caller);
  fixture.run_until_idle();
  for (int i = 0; i < 100; ++i) caller.send("hello");
  fixture.run_until_idle();
  BOOST_TEST(!host.listener);
  BOOST_TEST(host.guest().is_open());
  BOOST_TEST(!host.guest().bytes.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_thousand_connections_come_talk_and_go, Fixture, AllTransports) {
  constexpr std::uint32_t kCallers = 1'000;
  Fixture fixture;
  Host host;
  host.listener = fixture.listen(host);
  host.prepare = [](Party& guest) {
    guest.when_received = [](Party& self) { self.send(message(self.messages.back())); };  // an echo
  };
  std::vector<std::unique_ptr<Party>> callers;
  for (std::uint32_t i = 0; i < kCallers; ++i) {
    Party& caller = *callers.emplace_back(std::make_unique<Party>());
    caller.when_open = [i](Party& self) {
      for (int copies = 0; copies < 8; ++copies) self.send("caller " + std::to_string(10'000 + i) + ".");
    };
    fixture.connect(caller, i);
  }
  fixture.run_until_idle();
  BOOST_TEST(host.guests.size() == kCallers);
  for (std::uint32_t i = 0; i < kCallers; ++i) {
    const Text& echo = callers[i]->bytes;
    const std::string own = "caller " + std::to_string(10'000 + i) + ".";
    BOOST_REQUIRE_GE(echo.size(), own.size());
    BOOST_REQUIRE(std::equal(own.begin(), own.end(), echo.begin()));
    if (Fixture::kLossless) BOOST_REQUIRE_EQUAL(echo.size(), 8 * own.size());
  }
  callers.clear();
  host.guests.clear();
  fixture.run_until_idle();
  BOOST_TEST(fixture.connections_left() == 0u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_answer_from_inside_a_handler_starts_a_rally, Fixture, AllTransports) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  guest.when_received = [](Party& self) { BOOST_TEST((self.send("ball") == SendStatus::accepted)); };
  meeting.caller.when_received = [](Party& self) {
    if (self.messages.size() < 50) BOOST_TEST((self.send("ball") == SendStatus::accepted));
  };
  for (int serves = 0; serves < 500 && meeting.caller.messages.size() < 50; ++serves) {
    meeting.caller.send("ball");
    meeting.run_until_idle();
  }
  BOOST_TEST(meeting.caller.messages.size() >= 50u);
  if (Fixture::kLossless) BOOST_TEST(meeting.caller.messages.size() == 50u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_body_goes_to_32_connections_without_a_copy, Fixture, AllTransports) {
  if (!Fixture::kShares) return;
  constexpr std::uint32_t kCallers = 32;
  Fixture fixture;
  Host host;
  host.listener = fixture.listen(host);
  std::vector<std::unique_ptr<Party>> callers;
  for (std::uint32_t i = 0; i < kCallers; ++i) {
    callers.emplace_back(std::make_unique<Party>())->keep_chunks = true;
    fixture.connect(*callers.back(), i);
  }
  fixture.run_until_idle();
  for (auto& caller : callers)
    for (int i = 0; i < 20; ++i) caller->send("hello");
  fixture.run_until_idle();
  BOOST_REQUIRE_EQUAL(host.guests.size(), kCallers);

  const OutgoingMessage shared{.head = nullptr, .body = payload(Text(1'000, 9))};
  for (auto& guest : host.guests) BOOST_TEST((guest->send(shared) == SendStatus::accepted));
  if (Fixture::kLossless) BOOST_TEST(shared.body.use_count() == 1 + kCallers);
  fixture.run_until_idle();
  const std::uint8_t* const begin = shared.body->bytes.data();
  std::size_t seen = 0;
  for (auto& caller : callers)
    for (const Chunk& chunk : caller->chunks) {
      BOOST_TEST((chunk.bytes.data() >= begin && chunk.bytes.data() + chunk.bytes.size() <= begin + 1'000));
      BOOST_TEST((chunk.owner == shared.body));
      seen += chunk.bytes.size();
    }
  if (Fixture::kLossless) BOOST_TEST(seen == kCallers * 1'000u);
  BOOST_TEST(seen > 0u);
  for (auto& caller : callers) caller->chunks.clear();
  BOOST_TEST(shared.body.use_count() == 1);  // nothing holds what has been delivered
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
