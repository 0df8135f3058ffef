// The original dialect: server and client together, and each alone with bytes made by hand. The defects of
// the original that belong to a connection are regression tests here; those of its codec are in
// tests/unit/core/venture.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/core/session/venture_testing.h"

namespace netrig::testing {
namespace {

using Kind = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(venture_session)

BOOST_AUTO_TEST_CASE(who_connects_gets_every_entity_every_tick_in_one_write) {
  VentureLab lab;
  const PeerId near = *lab.connect();
  const PeerId far = *lab.connect("other");
  VentureLog log;
  VentureClient client{{.horizon = lab_config().horizon}, log};
  client.connect(lab.now);

  lab.tick();
  BOOST_TEST(lab.out.writes.size() == 2u);                                       // one for each client
  BOOST_TEST(lab.out.writes[0].message.body == lab.out.writes[1].message.body);  // encoded once
  client.receive(lab.take(near), lab.now);
  lab.tick();
  client.receive(lab.take(far), lab.now);

  BOOST_TEST(client.connected());
  BOOST_TEST(log.life == Kind{"connected"});
  BOOST_REQUIRE(log.headers.size() == 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    BOOST_TEST(log.headers[i].sequence == i + 1);  // one sequence, nothing left out
    BOOST_TEST(log.headers[i].entity.value == i % 2 + 1);
    BOOST_TEST(log.headers[i].timestamp == (i / 2 + 1) * 50'000'000);
  }
  BOOST_TEST(log.components == 4 * duel_schema().components().size());
  BOOST_TEST(log.received.protocol_bytes == 4 * kFrameHeaderBytes);
  BOOST_TEST(log.received.payload_bytes() == 4 * duel_schema().v1_state_update_bytes());
  BOOST_TEST(lab.log.sent.at(near).total_bytes() == log.received.total_bytes());
}

BOOST_AUTO_TEST_CASE(commands_steer_the_entity_of_their_connection_whoever_they_claim_to_be) {
  // The original trusted the player id in a command, so any client could act as any other. Its tests never
  // had two clients.
  VentureLab lab;
  const PeerId first = *lab.connect();
  lab.connect("other");
  lab.tick();
  const std::int32_t before = lab.heading(EntityId{1});
  const std::int32_t other = lab.heading(EntityId{2});

  lab.hear(first, command(0, turn(100), ClientId{2}));
  lab.tick();
  BOOST_TEST(lab.heading(EntityId{1}) == (before + 100) % kDuelTurn);
  BOOST_TEST(lab.heading(EntityId{2}) == other);
}

BOOST_AUTO_TEST_CASE(a_client_speaks_before_it_is_spoken_to) {
  VentureLab lab;
  VentureLog log;
  VentureClient client{{.horizon = lab_config().horizon}, log};
  CollectingSink up;
  const Input input = turn(5);
  BOOST_TEST((client.push_command("input", input.bytes(), lab.now) == SendStatus::closed));
  client.connect(lab.now);
  for (int i = 0; i < 2; ++i)
    BOOST_TEST((client.push_command("input", input.bytes(), lab.now) == SendStatus::accepted));
  client.flush(up);
  BOOST_REQUIRE(up.writes.size() == 1u);  // both in one write

  const PeerId peer = *lab.connect();
  lab.tick();
  const std::int32_t before = lab.heading(EntityId{1});
  const Buffer said = bytes_of_write(up.writes[0].message);
  lab.hear(peer, Bytes{said}.first(said.size() / 2));
  lab.tick();
  lab.hear(peer, Bytes{said}.subspan(said.size() / 2));
  lab.tick();
  BOOST_TEST(lab.heading(EntityId{1}) == (before + 10) % kDuelTurn);
  BOOST_TEST(log.sent.total_bytes() == said.size());
}

BOOST_AUTO_TEST_CASE(a_command_split_over_segments_counts_once_it_is_whole) {
  // A command split over two TCP segments was delivered with zeros, and the stream lost its step.
  VentureLab lab;
  const PeerId peer = *lab.connect();
  lab.tick();
  const std::int32_t before = lab.heading(EntityId{1});
  for (const std::uint8_t byte : command(0, turn(7))) lab.hear(peer, {&byte, 1});
  lab.tick();
  BOOST_TEST(lab.heading(EntityId{1}) == (before + 7) % kDuelTurn);
  BOOST_TEST(lab.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(a_client_that_leaves_costs_nothing_more) {
  // A departed client left an endless loop of errors behind: 0.8 million a second.
  VentureLab lab;
  const PeerId peer = *lab.connect();
  lab.tick();
  lab.server.remove_peer(peer, DisconnectReason::connection_lost, lab.now);
  lab.out.writes.clear();
  lab.run(1s);
  BOOST_TEST(lab.out.writes.empty());
  BOOST_TEST(lab.log.faults.empty());
  BOOST_TEST(lab.server.connected() == 0u);
  BOOST_TEST((lab.log.life == Kind{"1 joined", "1 left: connection_lost"}));
}

BOOST_AUTO_TEST_CASE(stopping_closes_every_connection_and_lets_nobody_in) {
  // Stop() hung when nobody read the error channel.
  VentureLab lab;
  const PeerId peer = *lab.connect();
  lab.server.stop(lab.now);
  BOOST_TEST(!lab.connect("late").has_value());
  lab.tick();
  BOOST_TEST((lab.out.closed == std::vector{peer}));
  BOOST_TEST(lab.out.writes.empty());
}

BOOST_AUTO_TEST_CASE(who_only_watches_stays) {
  // Clients that sent nothing were dropped after 10 s, because there is no keep-alive.
  VentureLab lab;
  const PeerId peer = *lab.connect();
  lab.run(600s);
  BOOST_TEST(lab.out.closed.empty());
  BOOST_TEST(lab.server.connected() == 1u);
  BOOST_TEST(lab.log.states_sent.at(peer) == 600u * kLabTickRateHz);
}

BOOST_AUTO_TEST_CASE(what_a_slow_client_does_not_take_is_counted_and_seen_by_it) {
  // A full queue dropped the newest updates without a word: 2,000 sent, 256 delivered.
  VentureLab lab;
  const PeerId slow = *lab.connect();
  const PeerId other = *lab.connect("other");
  lab.tick();
  Buffer seen = lab.take(slow);
  lab.out.backlogs[slow] = 1'000'000;
  for (int i = 0; i < 3; ++i) lab.tick();
  lab.out.backlogs.clear();
  lab.out.writes.clear();
  lab.tick();
  const Buffer after = lab.take(slow);
  seen.insert(seen.end(), after.begin(), after.end());

  BOOST_TEST(lab.log.states_skipped.at(slow) == 3u);
  BOOST_TEST(lab.log.states_skipped.count(other) == 0u);
  VentureLog log;
  VentureClient client{{.horizon = lab_config().horizon}, log};
  client.connect(lab.now);
  client.receive(seen, lab.now);
  BOOST_REQUIRE(log.headers.size() == 4u);
  BOOST_TEST(log.headers[2].sequence - log.headers[1].sequence == 1 + 3 * 2u);  // the gap of three states
}

BOOST_AUTO_TEST_CASE(a_connection_that_takes_nothing_is_given_up) {
  VentureLab lab;
  const PeerId stuck = *lab.connect();
  lab.out.backlogs[stuck] = 1'000'000;
  lab.run(derive_windows(lab_config().horizon).idle_timeout + 1s);
  BOOST_TEST((lab.out.closed == std::vector{stuck}));
  BOOST_TEST((lab.log.life == Kind{"1 joined", "1 left: timeout"}));
}

BOOST_AUTO_TEST_CASE(numbers_of_commands_may_begin_anywhere_and_wrap_but_not_go_back) {
  VentureLab lab;
  const PeerId peer = *lab.connect();
  lab.hear(peer, command(0xFFFFFFFE, turn(1)));
  lab.hear(peer, command(0xFFFFFFFF, turn(1)));
  lab.hear(peer, command(0, turn(1)));
  lab.hear(peer, command(0xFFFFFFFF, turn(1)));  // again
  lab.hear(peer, command(1, turn(1)));
  BOOST_TEST(lab.log.dropped[static_cast<std::size_t>(InputFate::repeated)] == 1u);
  lab.hear(peer, command(100'000, turn(1)));
  BOOST_TEST(lab.log.dropped[static_cast<std::size_t>(InputFate::jumped)] == 1u);
  BOOST_TEST(lab.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(a_client_that_hears_nothing_gives_up) {
  // The original client still said that it was connected.
  VentureLog log;
  const VentureClientConfig config{.horizon = lab_config().horizon};
  VentureClient client{config, log};
  client.connect(Instant{});
  const Windows windows = derive_windows(config.horizon);
  BOOST_TEST((*client.next_deadline() == Instant{} + windows.handshake_timeout));
  VentureLab lab;
  const PeerId peer = *lab.connect();
  lab.tick();
  client.receive(lab.take(peer), lab.now);
  const Instant heard = lab.now;
  client.advance(heard + windows.idle_timeout - 1ns);
  BOOST_TEST(client.connected());
  client.advance(heard + windows.idle_timeout);
  BOOST_TEST((log.life == Kind{"connected", "closed: timeout"}));

  client.connect(heard + 60s);  // a second connection is a new session
  BOOST_TEST((client.state() == ClientState::connecting));
  client.disconnect(heard + 60s);
  client.disconnect(heard + 60s);  // a second goodbye is none
  BOOST_TEST((client.state() == ClientState::idle));
}

BOOST_AUTO_TEST_CASE(an_update_of_more_than_4096_bytes_arrives) {
  // It killed the original client's receive loop without a word.
  Buffer data(5'000, 7);
  const venture::Component components[] = {{"terrain", data}};
  Buffer bytes;
  BOOST_REQUIRE(
      venture::append_framed({.header = {.sequence = 1}, .components = components}, bytes).has_value());
  VentureLog log;
  VentureClient client{{.horizon = lab_config().horizon}, log};
  client.connect(Instant{});
  client.receive(bytes, Instant{});
  BOOST_TEST(log.headers.size() == 1u);
  BOOST_TEST(client.connected());
}

BOOST_AUTO_TEST_CASE(a_client_whose_connection_takes_nothing_loses_its_oldest_commands_and_says_so) {
  const VentureClientConfig config{.horizon = lab_config().horizon};
  const std::uint32_t room = derive_windows(config.horizon).inputs_queued_max;
  VentureLog log;
  VentureClient client{config, log};
  CollectingSink up;
  up.answers[PeerId{}] = SendStatus::queue_full;
  client.connect(Instant{});
  for (std::uint32_t i = 0; i < room + 3; ++i) client.push_command("move", Buffer{1, 2}, Instant{});
  client.flush(up);
  BOOST_TEST(log.overflowed == 3u);
  BOOST_TEST(log.sends_refused == 1u);
  up.answers.clear();
  client.flush(up);
  const Buffer sent = bytes_of_write(up.writes.at(0).message);
  BOOST_TEST(sent.size() == room * 36);  // 36 framed, as the format says
  BOOST_TEST(venture::decode_input_command(Bytes{sent}.subspan(4, 32))->sequence == 3u);
  BOOST_TEST(log.sent.total_bytes() == sent.size());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hostile_venture_peers)

BOOST_AUTO_TEST_CASE(a_frame_that_claims_too_much_is_closed_before_anything_is_kept) {
  for (const std::uint32_t length : {0xFFFFFFFFu, 0x20000000u, std::uint32_t{kVentureCommandBytesMax + 1}}) {
    VentureLab lab;
    const PeerId peer = *lab.connect();
    const PeerId honest = *lab.connect("honest");
    Buffer bytes(4);
    store_little_endian(bytes.data(), length);
    lab.hear(peer, bytes);
    lab.tick();
    BOOST_TEST((lab.log.faults == Kind{"1 out_of_step"}));
    BOOST_TEST((lab.out.closed == std::vector{peer}));
    BOOST_TEST(lab.log.states_sent.at(honest) == 1u);
  }
}

BOOST_AUTO_TEST_CASE(who_speaks_something_else_is_sent_away_at_its_first_word) {
  VentureLab lab;
  const PeerId peer = *lab.connect();
  lab.hear(peer, Buffer{2, 0, 0, 0, 1, 2});  // a frame, and no command
  lab.tick();
  BOOST_TEST((lab.log.faults == Kind{"1 undecodable"}));
  BOOST_TEST((lab.out.closed == std::vector{peer}));
}

BOOST_AUTO_TEST_CASE(a_player_is_forgiven_some_commands_that_do_not_decode) {
  VentureLab lab;
  const PeerId peer = *lab.connect();
  lab.hear(peer, command(0, turn(1)));
  for (std::uint32_t i = 1; i < kBadPacketsMax; ++i) lab.hear(peer, Buffer{1, 0, 0, 0, 9});
  lab.tick();
  BOOST_TEST(lab.out.closed.empty());
  lab.hear(peer, Buffer{1, 0, 0, 0, 9});
  lab.tick();
  BOOST_TEST((lab.out.closed == std::vector{peer}));
  BOOST_TEST(lab.log.faults.back() == "1 too_many_bad_packets");
}

BOOST_AUTO_TEST_CASE(half_a_frame_is_not_kept_for_ever) {
  VentureLab lab;
  const PeerId slow = *lab.connect();
  const PeerId whole = *lab.connect("whole");
  const Buffer bytes = command(0, turn(1));
  lab.hear(slow, Bytes{bytes}.first(10));
  lab.hear(whole, bytes);
  const Duration limit = kVentureFrameTimeout + lab_config().horizon.rtt_max;
  for (Duration waited{}; waited < limit - 1s; waited += 1s) {
    lab.run(1s);
    const std::uint8_t byte = bytes[10];
    if (waited == 2s) lab.hear(slow, {&byte, 1});  // a byte now and then changes nothing
  }
  BOOST_TEST(lab.out.closed.empty());
  lab.run(2s);
  BOOST_TEST((lab.out.closed == std::vector{slow}));
  BOOST_TEST((lab.log.faults == Kind{"1 out_of_step"}));
  BOOST_TEST(lab.server.connected() == 1u);
}

BOOST_AUTO_TEST_CASE(a_thousand_who_say_nothing_keep_nobody_out) {
  AdmissionPolicy policy;
  policy.lifts_limits_for = [](const Address&) { return true; };
  VentureLab lab{lab_config(), policy};
  const PeerId player = *lab.connect("honest");
  lab.hear(player, command(0, turn(1)));
  for (int i = 0; i < 1'000; ++i) {
    lab.connect("flood");
    if (i % 20 == 0) lab.tick();
  }
  lab.tick();
  const std::optional<PeerId> late = lab.connect("late");
  BOOST_REQUIRE(late.has_value());
  lab.hear(*late, command(0, turn(1)));
  lab.out.closed.clear();
  lab.connect("flood");
  lab.tick();
  BOOST_TEST(std::count(lab.out.closed.begin(), lab.out.closed.end(), *late) == 0);
  BOOST_TEST(lab.server.connected() == lab_config().players_max);
  BOOST_TEST(lab.server.state().size() == lab_config().players_max);  // the world grows no further
  lab.hear(player, command(1, turn(1)));
  BOOST_TEST(lab.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(a_dead_connection_holds_its_seat_no_longer_than_somebody_needs_it) {
  ServerConfig config = lab_config();
  config.players_max = 2;
  AdmissionPolicy policy;
  policy.lifts_limits_for = [](const Address&) { return true; };
  VentureLab lab{config, policy};
  const PeerId dead = *lab.connect();
  lab.hear(dead, command(0, turn(1)));
  const PeerId alive = *lab.connect();
  lab.hear(alive, command(0, turn(1)));
  BOOST_TEST(!lab.connect("early").has_value());  // both spoke a moment ago
  lab.run(derive_windows(config.horizon).idle_timeout);
  lab.hear(alive, command(1, turn(1)));
  BOOST_TEST(lab.connect("late").has_value());
  lab.tick();
  BOOST_TEST((lab.out.closed == std::vector{dead}));
}

BOOST_AUTO_TEST_CASE(one_address_gets_its_share_of_the_seats) {
  ServerConfig config = lab_config();
  config.players_max = 32;
  VentureLab lab{config};
  for (int i = 0; i < 3; ++i) BOOST_TEST(lab.connect("greedy").has_value());
  BOOST_TEST(!lab.connect("greedy").has_value());  // three silent ones wait already
  BOOST_TEST(lab.connect("other").has_value());
  BOOST_TEST(lab.log.life.back() == "4 joined");
}

BOOST_AUTO_TEST_CASE(a_flood_of_commands_moves_nobody_faster) {
  VentureLab lab;
  const PeerId peer = *lab.connect();
  lab.tick();
  const std::int32_t before = lab.heading(EntityId{1});
  for (std::uint32_t i = 0; i < 10'000; ++i) lab.hear(peer, command(i, turn(1)));
  for (int i = 0; i < 20; ++i) lab.tick();
  BOOST_TEST((lab.heading(EntityId{1}) - before + kDuelTurn) % kDuelTurn <= 21);
  BOOST_TEST(lab.log.dropped[static_cast<std::size_t>(InputFate::over_rate)] > 9'000u);
}

BOOST_AUTO_TEST_CASE(any_bytes_are_safe_on_both_sides) {
  Random random{11};
  for (int round = 0; round < 500; ++round) {
    VentureLab lab;
    const PeerId peer = *lab.connect();
    VentureLog log;
    VentureClient client{{.horizon = lab_config().horizon}, log};
    client.connect(lab.now);
    for (int i = 0; i < 8; ++i) {
      Buffer bytes(random.below(64));
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
      if (bytes.size() > 4 && random.below(2) == 0)
        store_little_endian(bytes.data(), static_cast<std::uint32_t>(bytes.size() - 4));
      lab.hear(peer, bytes);
      client.receive(bytes, lab.now);
    }
    lab.tick();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
