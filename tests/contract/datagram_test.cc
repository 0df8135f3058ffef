// Rules 4 and 7: a datagram arrives whole or not at all, and carries no close.
#include <boost/test/unit_test.hpp>
#include <map>

#include "netrig/tests/contract/fixtures.h"

namespace netrig::transport::testing {
namespace {

// `number` in the first two bytes, in a length of its own.
Text numbered(std::size_t number) {
  Text bytes(2 + number % 1'190, static_cast<std::uint8_t>(number));
  bytes[0] = static_cast<std::uint8_t>(number & 0xFF);
  bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return bytes;
}

OutgoingMessage in_two_parts(const Text& bytes) {
  const auto cut = bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 3);
  return {.head = payload({bytes.begin(), cut}), .body = payload({cut, bytes.end()})};
}

BOOST_AUTO_TEST_SUITE(datagram)

BOOST_AUTO_TEST_CASE_TEMPLATE(each_message_arrives_whole_or_not_at_all, Fixture, DatagramTransports) {
  constexpr std::size_t kMessages = 3'000;
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  for (auto [from, to] : {std::pair{&meeting.caller, &guest}, std::pair{&guest, &meeting.caller}}) {
    to->messages.clear();
    for (std::size_t i = 0; i < kMessages; ++i) {
      BOOST_REQUIRE(from->send(in_two_parts(numbered(i))) == SendStatus::accepted);
      if (i % 100 == 0) meeting.pass(1ms);
    }
    meeting.run_until_idle();
    std::map<std::size_t, int> copies;
    for (const Text& received : to->messages) {
      BOOST_REQUIRE_GE(received.size(), 2u);
      const std::size_t number = received[0] | static_cast<std::size_t>(received[1]) << 8;
      BOOST_REQUIRE(received == numbered(number));
      ++copies[number];
    }
    BOOST_TEST(copies.size() > kMessages / 2);
    if (Fixture::kLossless) {
      BOOST_TEST(copies.size() == kMessages);
      BOOST_TEST(to->messages.size() == kMessages);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_empty_message_is_a_message, Fixture, DatagramTransports) {
  Meeting<Fixture> meeting;
  for (int i = 0; i < 100; ++i) BOOST_TEST((meeting.caller.send(OutgoingMessage{}) == SendStatus::accepted));
  meeting.run_until_idle();
  const Party& guest = meeting.host.guest();
  BOOST_TEST(guest.messages.size() > 50u);
  BOOST_TEST(guest.bytes.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(close_delivers_what_was_accepted_and_tells_nobody, Fixture,
                              DatagramTransports) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  for (int i = 0; i < 100; ++i) meeting.caller.send("last words");
  meeting.caller.close();
  meeting.caller.when_closed = [](Party& self) { self.destroy(); };
  meeting.run_until_idle();
  BOOST_TEST((meeting.caller.reason == CloseReason::local));
  BOOST_TEST(guest.messages.size() > 50u);
  if (Fixture::kLossless) BOOST_TEST(guest.messages.size() == 100u);
  BOOST_TEST(guest.is_open());
  BOOST_TEST((guest.send("into the void") == SendStatus::accepted));
  meeting.run_until_idle();
  BOOST_TEST(guest.is_open());
  guest.close();
  guest.destroy();
  meeting.run_until_idle();
  BOOST_TEST(meeting.connections_left() == 0u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(strangers_are_answered_without_a_connection_until_one_is_accepted, Fixture,
                              DatagramTransports) {
  struct Gate : Fixture {
    Host host;
    Party caller;
  } gate;
  gate.host.listener = gate.listen(gate.host);
  gate.host.stranger = [](const Text& said) {
    const bool knows = said == Text{'p', 'l', 'e', 'a', 's', 'e'};
    return StrangerAnswer{.accept = knows, .deliver = false, .reply = message(knows ? "come in" : "who?")};
  };
  gate.connect(gate.caller);
  gate.run_until_idle();
  for (int i = 0; i < 100; ++i) gate.caller.send("hello");
  gate.run_until_idle();
  BOOST_TEST(gate.host.guests.empty());
  BOOST_TEST(gate.host.strangers > 50u);
  BOOST_TEST(gate.caller.messages.size() > 25u);
  BOOST_TEST((gate.caller.messages.front() == Text{'w', 'h', 'o', '?'}));
  BOOST_TEST(gate.caller.is_open());

  for (int i = 0; i < 100 && gate.host.guests.empty(); ++i) {
    gate.caller.send("please");
    gate.run_until_idle();
  }
  Party& guest = gate.host.guest();
  BOOST_TEST(guest.heard == "o");  // the message that was answered is not delivered
  for (int i = 0; i < 100; ++i) gate.caller.send("hello");
  gate.run_until_idle();
  BOOST_TEST(guest.messages.size() > 50u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
