// A game that core has never heard of, from end to end: its world, its components, its inputs, over a link
// with delay.
#include <boost/test/unit_test.hpp>
#include <deque>

#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

constexpr Duration kOneWay = 120ms;
constexpr Duration kStep = 10ms;

// Both ways of one player's link: first in, first out, kOneWay later.
struct DelayedLink {
  struct Flight {
    Instant due;
    Buffer bytes;
  };
  std::deque<Flight> up;
  std::deque<Flight> down;
};

class Duel {
 public:
  static constexpr int kPlayers = 4;

  Duel() {
    for (int i = 0; i < kPlayers; ++i) lab.connect(lab.add_seat());
  }

  void step() {
    lab.now += kStep;
    for (std::size_t i = 0; i < kPlayers; ++i) {
      Seat& seat = *lab.seats[i];
      DelayedLink& link = links_[i];
      for (; !link.up.empty() && link.up.front().due <= lab.now; link.up.pop_front()) {
        lab.hear(seat, link.up.front().bytes);
      }
      for (; !link.down.empty() && link.down.front().due <= lab.now; link.down.pop_front()) {
        seat.client.receive(link.down.front().bytes, lab.now);
        compare(seat);
      }
      act(seat, i);
      seat.client.advance(lab.now);
      seat.client.flush(seat.out);
      for (const auto& write : std::exchange(seat.out.writes, {})) {
        link.up.push_back({lab.now + kOneWay, bytes_of_write(write.message)});
      }
    }
    lab.server.advance(lab.now);
    lab.server.flush(lab.out);
    for (const auto& write : std::exchange(lab.out.writes, {})) {
      for (std::size_t i = 0; i < kPlayers; ++i) {
        if (lab.seats[i]->peer == write.peer)
          links_[i].down.push_back({lab.now + kOneWay, bytes_of_write(write.message)});
      }
    }
  }

  Lab lab;
  std::size_t compared = 0;
  std::array<std::uint32_t, kPlayers> pushed{};

 private:
  void compare(const Seat& seat) {
    const Tick tick = seat.client.view().tick();
    if (tick == Tick{}) return;
    ++compared;
    BOOST_TEST((seat.client.view_digest(tick) == lab.server.view_digest(seat.peer, tick)));
  }
  // The first turns, the second and the third seek each other's lane and strike, the fourth guards.
  void act(Seat& seat, std::size_t index) {
    if (!seat.client.connected() || ns_since_start(lab.now) % ns_since_start(Instant{} + 50ms) != 0) return;
    DuelInput input;
    if (index == 0) input.turn = 111;
    if (index == 1 || index == 2) input.strike = true;
    if (index == 1 || index == 2) input.sidestep = 1;  // both end up in the last lane
    if (index == 3) input.guard = true;
    seat.client.push_input(input.encode(), lab.now);
    ++pushed[index];
  }

  std::array<DelayedLink, kPlayers> links_;
};

BOOST_AUTO_TEST_SUITE(duel_session)

BOOST_AUTO_TEST_CASE(a_second_game_runs_through_server_and_client_with_no_edit_in_core) {
  Duel duel;
  duel.step();
  std::array<std::int32_t, Duel::kPlayers> headings{};
  for (int step = 0; step < 1000; ++step) {
    duel.step();
    if (duel.lab.server.tick().value == 1 && headings[0] == 0) {
      for (std::uint64_t i = 0; i < Duel::kPlayers; ++i) headings[i] = duel.lab.heading(EntityId{i + 1});
    }
  }
  BOOST_TEST(duel.compared > 4u * 180);  // 20 a second and player

  const Snapshot& state = duel.lab.server.state();
  BOOST_REQUIRE(state.size() == 4u);
  const std::uint32_t acked = duel.lab.seats[0]->client.input_ack().value;
  BOOST_TEST(acked + 10 > duel.pushed[0]);  // a round trip and a tick of them are under way
  BOOST_TEST(acked > 180u);
  // Every input acked to the player is in the state it came with, and turned it by 111.
  const Client& turner = duel.lab.seats[0]->client;
  const std::int32_t turned = static_cast<std::int32_t>((headings[0] + 111ll * acked) % kDuelTurn);
  BOOST_TEST(turner.view().row(0)[duel_column::heading] == turned);
  BOOST_TEST(state.row(1)[duel_column::lane] == kDuelLaneMax);
  BOOST_TEST(state.row(1)[duel_column::wins] + state.row(2)[duel_column::wins] > 0);
  BOOST_TEST(state.row(3)[duel_column::guarding] == 1);
  BOOST_TEST(duel.lab.log.strikes > 0u);
  for (const auto& seat : duel.lab.seats) {
    BOOST_TEST(seat->log.faults.empty());
    BOOST_TEST((seat->client.rtt().smoothed() == 2 * kOneWay));
  }
  BOOST_TEST(duel.lab.log.faults.empty());
}

BOOST_AUTO_TEST_CASE(the_same_duel_ends_the_same) {
  Duel first;
  Duel second;
  for (int step = 0; step < 300; ++step) {
    first.step();
    second.step();
  }
  BOOST_TEST(first.lab.world.digest() == second.lab.world.digest());
  BOOST_TEST(first.lab.log.ticks.size() == 60u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
