// Streams that can be paused, ended by halves and reset: what a proxy needs of both its sides.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/contract/fixtures.h"

namespace netrig::transport::testing {
namespace {

bool keep(Party&) {
  return true;
}

BOOST_AUTO_TEST_SUITE(stream_control)

BOOST_AUTO_TEST_CASE_TEMPLATE(every_plain_stream_has_it, Fixture, ControlledStreams) {
  Meeting<Fixture> meeting;
  BOOST_TEST(meeting.caller.connection->stream_control() != nullptr);
  BOOST_TEST(meeting.host.guest().connection->stream_control() != nullptr);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_paused_side_hears_nothing_and_loses_nothing, Fixture, ControlledStreams) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  guest.pause_receiving(true);
  meeting.caller.send("before");
  meeting.run_until_idle();
  BOOST_TEST(guest.heard == "o");

  // Whoever is not read meets a full queue: nothing grows without bound.
  std::size_t sent = 6;
  const Text block(60'000, 7);
  for (int i = 0; i < 2'000; ++i) {
    if (meeting.caller.send(message(block)) != SendStatus::accepted) break;
    sent += block.size();
    meeting.pass(100us);
  }
  BOOST_TEST((meeting.caller.send(message(block)) == SendStatus::queue_full));
  BOOST_TEST(guest.heard == "o");
  guest.pause_receiving(false);
  for (int i = 0; i < 1'000 && guest.bytes.size() < sent; ++i) meeting.run_until_idle();
  BOOST_TEST(guest.bytes.size() == sent);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_pause_may_begin_and_end_inside_the_callback, Fixture, ControlledStreams) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  guest.when_received = [](Party& self) { self.pause_receiving(true); };
  meeting.caller.send("one");
  meeting.run_until_idle();
  meeting.caller.send("two");
  meeting.run_until_idle();
  BOOST_TEST(guest.heard == "or");
  guest.when_received = nullptr;
  guest.pause_receiving(true);
  guest.pause_receiving(false);
  meeting.run_until_idle();
  BOOST_TEST((guest.bytes == Text{'o', 'n', 'e', 't', 'w', 'o'}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(one_half_ends_and_the_other_goes_on, Fixture, ControlledStreams) {
  for (const bool caller_ends : {true, false}) {
    Meeting<Fixture> meeting;
    Party& guest = meeting.host.guest();
    Party& ends = caller_ends ? meeting.caller : guest;
    Party& stays = caller_ends ? guest : meeting.caller;
    ends.when_ended = stays.when_ended = keep;
    ends.send("question");
    ends.end_sending();
    BOOST_TEST((ends.send("no more") == SendStatus::closed));
    meeting.run_until_idle();
    BOOST_TEST(stays.heard == "ore");
    BOOST_TEST(ends.heard == "o");

    stays.send("answer");
    meeting.run_until_idle();
    BOOST_TEST((ends.bytes == Text{'a', 'n', 's', 'w', 'e', 'r'}));
    stays.end_sending();
    meeting.run_until_idle();
    BOOST_TEST(ends.heard == "orec");
    BOOST_TEST(stays.heard == "orec");
    BOOST_TEST((ends.reason == CloseReason::remote));
    BOOST_TEST((stays.reason == CloseReason::remote));
    ends.destroy();
    stays.destroy();
    meeting.run_until_idle();
    BOOST_TEST(meeting.connections_left() == 0u);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_half_ends_behind_what_was_accepted_and_not_read, Fixture, ControlledStreams) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  guest.when_ended = keep;
  guest.pause_receiving(true);
  const Text block(50'000, 3);
  std::size_t sent = 0;
  while (sent < 8'000'000 && meeting.caller.send(message(block)) == SendStatus::accepted) sent += 50'000;
  meeting.caller.end_sending();
  meeting.run_until_idle();
  BOOST_TEST(guest.heard == "o");
  guest.pause_receiving(false);
  for (int i = 0; i < 1'000 && !guest.heard.ends_with('e'); ++i) meeting.run_until_idle();
  BOOST_TEST(guest.bytes.size() == sent);
  BOOST_TEST(guest.heard.ends_with('e'));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(who_does_not_keep_its_half_is_closed, Fixture, ControlledStreams) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  meeting.caller.when_ended = keep;
  meeting.caller.send("bye");
  meeting.caller.end_sending();
  meeting.run_until_idle();
  BOOST_TEST(guest.heard == "orc");
  BOOST_TEST((guest.reason == CloseReason::remote));
  BOOST_TEST((meeting.caller.reason == CloseReason::remote));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_half_that_has_ended_can_be_closed, Fixture, ControlledStreams) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  guest.when_ended = keep;
  meeting.caller.end_sending();
  meeting.run_until_idle();
  guest.close();
  meeting.run_until_idle();
  BOOST_TEST(guest.heard == "oec");
  BOOST_TEST((guest.reason == CloseReason::local));
  BOOST_TEST((meeting.caller.reason == CloseReason::remote));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_reset_is_heard_by_the_other_side, Fixture, ControlledStreams) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  guest.reset();
  BOOST_TEST((guest.send("too late") == SendStatus::closed));
  meeting.run_until_idle();
  BOOST_TEST(guest.heard == "oc");
  BOOST_TEST((guest.reason == CloseReason::local));
  BOOST_TEST(meeting.caller.heard == "oc");
  BOOST_TEST((meeting.caller.reason != CloseReason::local));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_side_may_be_destroyed_as_the_other_ends, Fixture, ControlledStreams) {
  Meeting<Fixture> meeting;
  Party& guest = meeting.host.guest();
  guest.when_ended = [](Party& self) {
    self.connection.reset();
    return true;
  };
  meeting.caller.end_sending();
  meeting.run_until_idle();
  BOOST_TEST((meeting.caller.reason == CloseReason::remote));
  BOOST_TEST(guest.heard == "oe");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
