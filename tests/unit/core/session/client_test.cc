// A client against a server made by hand, which says what no honest server would.
#include <boost/test/unit_test.hpp>

#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/replication/full_state.h"
#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

struct Alone {
  Alone() { client.connect(now); }

  // One packet of everything that `write` writes.
  template <class Write>
  void hear(Write&& write) {
    Buffer frames;
    PacketBreakdown breakdown;
    FrameWriter writer{frames, breakdown};
    write(writer);
    writer.finish();
    client.receive(frames, now);
  }
  void welcome() {
    hear([&](FrameWriter& writer) { writer.write(good_welcome()); });
    BOOST_REQUIRE(client.connected());
  }
  Welcome good_welcome() const {
    return {kProtocolVersionMax, 0, 9, ClientId{1}, EntityId{1}, 20, Tick{1}, 0};
  }

  // A state of this tick with `entities` fighters, as its header and the frames of its updates.
  void write_header(FrameWriter& writer, std::uint32_t tick, std::uint32_t ack, std::uint16_t entities) {
    writer.write(StateHeader{Tick{tick}, InputSequence{ack}, entities});
  }
  Buffer updates(std::uint32_t tick, std::uint16_t entities) {
    Snapshot state{schema.columns()};
    state.reset(Tick{tick});
    for (std::uint64_t id = 1; id <= entities; ++id) state.add(EntityId{id})[duel_column::heading] = 7;
    Buffer frames;
    PacketBreakdown breakdown;
    FullStateWriter{schema}.write(state, 0, frames, breakdown);
    return frames;
  }
  void hear_state(std::uint32_t tick, std::uint32_t ack, std::uint16_t entities = 1) {
    hear([&](FrameWriter& writer) { write_header(writer, tick, ack, entities); });
    client.receive(updates(tick, entities), now);
  }
  std::string flush() {
    client.flush(out);
    std::string words;
    for (const CollectingSink::Write& write : out.writes)
      words += said(bytes_of_write(write.message), Sender::client);
    out.writes.clear();
    return words;
  }

  Instant now;
  Schema schema = duel_schema();
  ClientLog log;
  Client client{{}, schema, log};
  CollectingSink out;
};

BOOST_AUTO_TEST_SUITE(client)

BOOST_AUTO_TEST_CASE(it_says_hello_and_nothing_else_before_the_answer) {
  Alone alone;
  BOOST_TEST((alone.client.push_input(turn(1), alone.now) == InputSequence{}));
  BOOST_TEST((alone.client.send({1, {}}) == SendStatus::closed));
  BOOST_TEST((alone.client.send_latest(1, {}) == SendStatus::closed));
  BOOST_TEST(alone.flush() == "hello");
  alone.now += 5s;
  alone.client.advance(alone.now);
  BOOST_TEST(alone.flush() == "");  // not even a ping
}

BOOST_AUTO_TEST_CASE(anything_before_the_answer_is_a_bad_packet) {
  Alone alone;
  alone.hear([](FrameWriter& writer) { writer.write(Ping{1}); });
  alone.hear([](FrameWriter& writer) { writer.write(Disconnect{DisconnectReason::kicked, ""}); });
  alone.hear([&](FrameWriter& writer) { alone.write_header(writer, 1, 0, 0); });
  alone.hear([](FrameWriter& writer) { writer.acknowledge(0); });
  BOOST_TEST((alone.log.faults == std::vector<std::string>(4, "unexpected")));
  alone.welcome();
  BOOST_TEST(alone.client.view().size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_welcome_may_share_its_packet_with_the_first_state) {
  Alone alone;
  alone.hear([&](FrameWriter& writer) {
    writer.write(alone.good_welcome());
    writer.write(Ping{1});
    alone.write_header(writer, 3, 0, 0);
  });
  BOOST_TEST(alone.log.faults.empty());
  BOOST_REQUIRE(alone.client.connected());
  BOOST_TEST(alone.client.view().tick().value == 3u);
}

BOOST_AUTO_TEST_CASE(a_welcome_to_what_was_not_offered_is_not_taken) {
  Alone alone;
  Welcome welcome = alone.good_welcome();
  welcome.version = kProtocolVersionMax + 1;
  alone.hear([&](FrameWriter& writer) { writer.write(welcome); });
  welcome = alone.good_welcome();
  welcome.features = 1;
  alone.hear([&](FrameWriter& writer) { writer.write(welcome); });
  BOOST_TEST((alone.client.state() == ClientState::connecting));
  BOOST_TEST((alone.log.faults == std::vector<std::string>(2, "unexpected")));
}

BOOST_AUTO_TEST_CASE(a_second_answer_is_a_bad_packet) {
  Alone alone;
  alone.welcome();
  alone.hear([&](FrameWriter& writer) { writer.write(alone.good_welcome()); });
  alone.hear([](FrameWriter& writer) { writer.write(Refuse{RefuseReason::version, 1, 1}); });
  BOOST_TEST(alone.client.connected());
  BOOST_TEST((alone.log.faults == std::vector<std::string>(2, "unexpected")));
}

BOOST_AUTO_TEST_CASE(an_unanswered_hello_times_out_after_four_round_trips_and_not_before) {
  Alone alone;  // rtt_max 10 s: longer than the 20 s of silence that end a session
  alone.flush();
  BOOST_TEST((alone.client.next_deadline() == std::optional{Instant{} + 42s}));
  alone.client.advance(Instant{} + 42s - 1ns);
  BOOST_TEST((alone.client.state() == ClientState::connecting));
  alone.client.advance(Instant{} + 42s);
  BOOST_TEST(alone.log.life == std::vector<std::string>{"closed: timeout"}, boost::test_tools::per_element());
  BOOST_TEST(alone.flush() == "");
  BOOST_TEST(alone.out.closed.size() == 1u);
  BOOST_TEST(!alone.client.next_deadline().has_value());
}

BOOST_AUTO_TEST_CASE(sixteen_bad_packets_end_the_session) {
  Alone alone;
  alone.welcome();
  for (int i = 0; i < 15; ++i) alone.client.receive(framed(bytes_of("\xFFjunk")), alone.now);
  BOOST_TEST(alone.client.connected());
  alone.hear_state(1, 0);
  BOOST_TEST(alone.client.view().size() == 1u);  // unharmed
  alone.client.receive(framed(bytes_of("\xFFjunk")), alone.now);
  BOOST_TEST((alone.client.state() == ClientState::idle));
  BOOST_TEST(alone.log.life.back() == "closed: protocol_error");
  BOOST_TEST(alone.log.faults.back() == "too_many_bad_packets");
}

BOOST_AUTO_TEST_CASE(a_frame_too_long_and_a_false_ack_end_the_session_at_once) {
  Alone long_frame;
  long_frame.welcome();
  long_frame.client.receive(Buffer{1, 0, 1, 0}, long_frame.now);  // 65,537
  BOOST_TEST(long_frame.log.faults == std::vector<std::string>{"out_of_step"},
             boost::test_tools::per_element());
  BOOST_TEST((long_frame.client.state() == ClientState::idle));

  Alone false_ack;
  false_ack.welcome();
  false_ack.hear([](FrameWriter& writer) { writer.acknowledge(1); });
  BOOST_TEST(false_ack.log.faults == std::vector<std::string>{"false_ack"}, boost::test_tools::per_element());
  BOOST_TEST((false_ack.client.state() == ClientState::idle));

  Alone false_pong;
  false_pong.welcome();
  false_pong.hear([](FrameWriter& writer) { writer.write(Pong{77, 0, 0}); });
  BOOST_TEST(false_pong.log.faults == std::vector<std::string>{"false_ack"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_state_that_acks_inputs_never_sent_or_takes_an_ack_back_is_void) {
  Alone alone;
  alone.welcome();
  alone.client.push_input(turn(1), alone.now);
  alone.client.push_input(turn(1), alone.now);
  alone.hear_state(1, 3);
  BOOST_TEST(alone.client.view().tick().value == 0u);
  alone.hear_state(2, 2);
  BOOST_TEST(alone.client.view().tick().value == 2u);
  alone.hear_state(3, 1);
  BOOST_TEST(alone.client.view().tick().value == 2u);
  BOOST_TEST((alone.client.input_ack() == InputSequence{2}));
  BOOST_TEST(alone.log.faults.size() == 4u);  // each header, and the updates that then had none
}

BOOST_AUTO_TEST_CASE(a_state_counts_when_all_of_it_has_come) {
  Alone alone;
  alone.welcome();
  alone.hear_state(1, 0);
  const std::uint64_t first = *alone.client.view_digest(Tick{1});
  alone.hear([&](FrameWriter& writer) { alone.write_header(writer, 2, 0, 3); });
  alone.client.receive(alone.updates(2, 2), alone.now);
  BOOST_TEST(alone.client.view().tick().value == 1u);  // two of three
  BOOST_TEST(!alone.client.view_digest(Tick{2}).has_value());
  alone.hear_state(3, 0, 2);  // the one begun is given up
  BOOST_TEST(alone.client.view().tick().value == 3u);
  BOOST_TEST(alone.log.states.size() == 2u);
  BOOST_TEST(*alone.client.view_digest(Tick{1}) == first);
  BOOST_TEST(!alone.client.view_digest(Tick{2}).has_value());
  BOOST_TEST(!alone.client.view_digest(Tick{}).has_value());
  BOOST_TEST(alone.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(a_state_that_contradicts_itself_is_void_and_the_one_before_stays) {
  Alone alone;
  alone.welcome();
  alone.hear_state(5, 0);
  const Snapshot before = alone.client.view();
  alone.client.receive(alone.updates(6, 1), alone.now);  // without a header
  alone.hear_state(5, 0);                                // not newer: header and updates
  alone.hear([&](FrameWriter& writer) { alone.write_header(writer, 7, 0, 1); });
  alone.client.receive(alone.updates(8, 1), alone.now);  // of another tick
  alone.hear([&](FrameWriter& writer) { alone.write_header(writer, 9, 0, 1); });
  alone.client.receive(alone.updates(9, 2), alone.now);  // too many
  BOOST_TEST((alone.client.view() == before));
  BOOST_TEST(alone.log.faults.size() == 5u);
  alone.hear_state(10, 0);
  BOOST_TEST(alone.client.view().tick().value == 10u);
}

BOOST_AUTO_TEST_CASE(a_held_pong_that_took_nothing_else_is_believed_within_the_drift_of_clocks) {
  Alone alone;
  alone.welcome();
  alone.flush();  // ping 1
  alone.now += 50ms;
  alone.hear([](FrameWriter& writer) { writer.write(Pong{1, 50'002, 0}); });  // 40 ppm fast over there
  BOOST_TEST(alone.log.faults.empty());
  BOOST_TEST((alone.client.rtt().latest() == 0ns));
}

BOOST_AUTO_TEST_CASE(goodbye_goes_out_behind_what_a_full_queue_kept) {
  Alone alone;
  alone.flush();
  alone.welcome();
  alone.out.answers[PeerId{}] = SendStatus::queue_full;
  alone.client.push_input(turn(1), alone.now);
  BOOST_TEST(alone.flush() == "");
  alone.client.disconnect(alone.now);
  BOOST_TEST(alone.flush() == "");
  BOOST_TEST((alone.client.state() == ClientState::leaving));
  alone.out.answers.clear();
  BOOST_TEST(alone.flush() == "ping input | leave");
  BOOST_TEST((alone.client.state() == ClientState::idle));
  BOOST_TEST(alone.log.life.back() == "closed: left");
  BOOST_TEST(alone.out.closed.size() == 1u);
}

BOOST_AUTO_TEST_CASE(disconnecting_when_idle_does_nothing) {
  const Schema schema = duel_schema();
  ClientLog log;
  Client idle{{}, schema, log};
  CollectingSink out;
  idle.disconnect(Instant{});
  idle.disconnect(Instant{});
  idle.on_connection_lost(Instant{});
  idle.receive(frame_of(Ping{1}), Instant{});
  idle.advance(Instant{} + 100s);
  idle.flush(out);
  BOOST_TEST(log.life.empty());
  BOOST_TEST(out.writes.empty());
  BOOST_TEST(out.closed.empty());
  BOOST_TEST(!idle.next_deadline().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
