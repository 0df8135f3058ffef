// Rules 3 and 7: a stream is a byte pipe, and close comes after everything.
#include <boost/test/unit_test.hpp>

#include "netrig/core/base/random.h"
#include "netrig/tests/contract/fixtures.h"

namespace netrig::transport::testing {
namespace {

Text random_bytes(Random& random, std::size_t count) {
  Text bytes(count);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
  return bytes;
}

// Sends a write of random size whose cut between head and body is random too, and adds it to `written`.
void write_some(Party& party, Random& random, Text& written) {
  const Text head = random_bytes(random, random.below(20));
  const Text body = random_bytes(random, random.below(8) == 0 ? random.below(9'000) : random.below(200));
  BOOST_REQUIRE(party.send({.head = payload(head), .body = payload(body)}) == SendStatus::accepted);
  written.insert(written.end(), head.begin(), head.end());
  written.insert(written.end(), body.begin(), body.end());
}

BOOST_AUTO_TEST_SUITE(stream)

BOOST_AUTO_TEST_CASE_TEMPLATE(every_byte_arrives_once_and_in_order_both_ways, Fixture, StreamTransports) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Meeting<Fixture> meeting;
    Party& guest = meeting.host.guest();
    Random random{seed};
    Text up;
    Text down;
    for (int round = 0; round < 50; ++round) {
      for (std::uint64_t writes = random.below(5); writes > 0; --writes)
        write_some(meeting.caller, random, up);
      for (std::uint64_t writes = random.below(5); writes > 0; --writes) write_some(guest, random, down);
      if (random.chance(200'000)) meeting.run_until_idle();
      meeting.pass(Duration{random.between(0, 40'000'000)});
    }
    meeting.run_until_idle();
    BOOST_TEST((guest.bytes == up));
    BOOST_TEST((meeting.caller.bytes == down));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_empty_write_is_nothing, Fixture, StreamTransports) {
  Meeting<Fixture> meeting;
  BOOST_TEST((meeting.caller.send(OutgoingMessage{}) == SendStatus::accepted));
  BOOST_TEST((meeting.caller.send("") == SendStatus::accepted));
  meeting.run_until_idle();
  BOOST_TEST(meeting.host.guest().heard == "o");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(close_delivers_what_was_accepted_then_tells, Fixture, StreamTransports) {
  for (const bool caller_closes : {true, false}) {
    Meeting<Fixture> meeting;
    Party& guest = meeting.host.guest();
    Party& closer = caller_closes ? meeting.caller : guest;
    Party& other = caller_closes ? guest : meeting.caller;
    Random random{1};
    Text written;
    for (int i = 0; i < 100; ++i) write_some(closer, random, written);
    closer.close();
    meeting.run_until_idle();
    BOOST_TEST((other.bytes == written));
    BOOST_TEST(other.heard.back() == 'c');
    BOOST_TEST((other.reason == CloseReason::remote));
    BOOST_TEST((closer.reason == CloseReason::local));
    BOOST_TEST((other.send("too late") == SendStatus::closed));
  }
}

// The send buffer may be full when close() comes: the end waits behind it.
BOOST_AUTO_TEST_CASE_TEMPLATE(close_works_behind_a_full_queue, Fixture, StreamTransports) {
  Meeting<Fixture> meeting;
  std::size_t accepted = 0;
  for (const std::size_t size : {10'000u, 1u})
    for (int i = 0; i < 200'000 && accepted < 2'000'000; ++i) {
      if (meeting.caller.send(message(Text(size, 1))) != SendStatus::accepted) break;
      accepted += size;
    }
  meeting.caller.close();
  meeting.caller.destroy();
  meeting.run_until_idle();
  BOOST_TEST(meeting.host.guest().bytes.size() == accepted);
  BOOST_TEST((meeting.host.guest().reason == CloseReason::remote));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(after_close_nothing_is_received, Fixture, StreamTransports) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  guest.send("on its way");
  meeting.caller.close();
  guest.send("on its way too");
  meeting.run_until_idle();
  BOOST_TEST(meeting.caller.heard == "oc");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(both_may_close_at_once, Fixture, StreamTransports) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  meeting.caller.close();
  guest.close();
  meeting.run_until_idle();
  BOOST_TEST((meeting.caller.reason == CloseReason::local));
  BOOST_TEST((guest.reason == CloseReason::local));
  meeting.caller.destroy();
  guest.destroy();
  meeting.run_until_idle();
  BOOST_TEST(meeting.connections_left() == 0u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(closing_inside_on_open_and_on_receive_says_goodbye_first, Fixture,
                              StreamTransports) {
  for (const bool inside_open : {true, false}) {
    Fixture fixture;
    Host host;
    host.listener = fixture.listen(host);
    const auto leave = [](Party& self) {
      self.send("goodbye");
      self.close();
      BOOST_TEST((self.send("no more") == SendStatus::closed));
    };
    host.prepare = [&](Party& guest) { (inside_open ? guest.when_open : guest.when_received) = leave; };
    Party caller;
    caller.when_open = [](Party& self) { self.send("hello"); };
    fixture.connect(caller);
    fixture.run_until_idle();
    BOOST_TEST((caller.bytes == Text{'g', 'o', 'o', 'd', 'b', 'y', 'e'}));
    BOOST_TEST((caller.reason == CloseReason::remote));
    BOOST_TEST((host.guest().reason == CloseReason::local));
    BOOST_TEST(host.guest().heard == (inside_open ? "oc" : "orc"));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_destroyed_side_is_missed_by_the_other, Fixture, StreamTransports) {
  for (const bool caller_goes : {true, false}) {
    Meeting<Fixture> meeting;
    Party& guest = meeting.host.guest();
    Party& goes = caller_goes ? meeting.caller : guest;
    Party& stays = caller_goes ? guest : meeting.caller;
    stays.send("unread");
    goes.destroy();
    meeting.run_until_idle();
    BOOST_TEST(goes.heard == "o");
    BOOST_TEST(stays.heard == "oc");
    BOOST_TEST((stays.reason == CloseReason::remote));
    stays.destroy();
    meeting.run_until_idle();
    BOOST_TEST(meeting.connections_left() == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
