#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

ServerConfig with_avatars(Avatars avatars, std::uint32_t players = 8) {
  ServerConfig config = lab_config();
  config.avatars = avatars;
  config.players_max = players;
  return config;
}

std::uint64_t entity_of(const Seat& seat) {
  return seat.client.welcome()->entity.value;
}

BOOST_AUTO_TEST_SUITE(avatars)

BOOST_AUTO_TEST_CASE(from_the_start_all_entities_are_there_and_the_lowest_free_one_is_taken) {
  Lab lab{with_avatars(Avatars::from_start)};
  lab.tick();
  BOOST_TEST(lab.server.state().size() == 8u);
  Seat& first = lab.join();
  Seat& second = lab.join();
  BOOST_TEST(entity_of(first) == 1u);
  BOOST_TEST(entity_of(second) == 2u);
  BOOST_TEST(second.client.view().size() == 8u);

  lab.lose(first);
  Seat& third = lab.join();
  BOOST_TEST(entity_of(third) == 1u);  // the one that the first gave back
  BOOST_TEST(second.log.removed.empty());
  BOOST_TEST(lab.server.state().size() == 8u);
}

BOOST_AUTO_TEST_CASE(who_takes_an_entity_over_begins_with_inputs_of_its_own) {
  Lab lab{with_avatars(Avatars::from_start)};
  Seat& first = lab.join();
  for (int i = 0; i < 5; ++i) first.client.push_input(turn(100), lab.now);
  lab.up(first);
  lab.lose(first);
  Seat& next = lab.join();
  const std::int32_t before = lab.heading(EntityId{1});
  lab.tick();
  BOOST_TEST(lab.heading(EntityId{1}) == before);  // nothing left of the first one's queue
  BOOST_TEST((next.client.push_input(turn(100), lab.now) == InputSequence{1}));
  lab.tick();
  BOOST_TEST(lab.heading(EntityId{1}) == (before + 100) % kDuelTurn);
  BOOST_TEST((next.client.input_ack() == InputSequence{1}));
}

BOOST_AUTO_TEST_CASE(on_joining_an_entity_comes_and_with_the_player_it_goes) {
  Lab lab{with_avatars(Avatars::on_join)};
  lab.tick();
  BOOST_TEST(lab.server.state().size() == 0u);
  Seat& first = lab.join();
  Seat& second = lab.join();
  BOOST_TEST(first.client.view().size() == 2u);
  const EntityId gone = first.client.welcome()->entity;

  first.client.disconnect(lab.now);
  lab.up(first);
  lab.tick();
  BOOST_REQUIRE(second.log.removed.size() == 1u);
  BOOST_TEST((second.log.removed[0].entity == gone));
  BOOST_TEST((second.log.removed[0].tick == lab.server.tick()));  // the first state without it
  BOOST_TEST(second.client.view().find(gone) == second.client.view().size());

  Seat& third = lab.join();
  BOOST_TEST(entity_of(third) == 3u);  // entities of players that left do not come back
  BOOST_TEST(third.log.removed.empty());
}

BOOST_AUTO_TEST_CASE(a_despawn_is_told_even_when_many_go_at_once) {
  Lab lab{with_avatars(Avatars::on_join)};
  Seat& witness = lab.join();
  for (int i = 0; i < 6; ++i) lab.join();
  for (std::size_t i = 1; i < lab.seats.size(); ++i) lab.lose(*lab.seats[i]);
  lab.tick();
  BOOST_TEST(witness.log.removed.size() == 6u);
  BOOST_TEST(witness.client.view().size() == 1u);
}

BOOST_AUTO_TEST_CASE(without_avatars_players_watch_and_their_inputs_are_dropped) {
  Lab lab{with_avatars(Avatars::none)};
  Seat& seat = lab.join();
  BOOST_TEST(entity_of(seat) == 0u);
  BOOST_TEST((lab.server.players().at(0).entity == EntityId{}));
  seat.client.push_input(turn(1), lab.now);
  seat.client.push_input(turn(1), lab.now);
  lab.tick();
  BOOST_TEST(lab.log.dropped[static_cast<std::size_t>(InputFate::no_avatar)] == 2u);
  BOOST_TEST((seat.client.input_ack() == InputSequence{}));
  BOOST_TEST(seat.client.view().tick().value == lab.server.tick().value);  // states without an entity
  seat.client.disconnect(lab.now);
  lab.up(seat);
  lab.tick();
  BOOST_TEST(lab.server.players().empty());
}

BOOST_AUTO_TEST_CASE(unseen_players_have_their_inputs_acked_and_the_world_does_not_hear_them) {
  Lab lab{with_avatars(Avatars::unseen)};
  Seat& seat = lab.join();
  BOOST_TEST(entity_of(seat) == 0u);
  for (int i = 0; i < 3; ++i) {
    seat.client.push_input(turn(1), lab.now);
    lab.tick();
  }
  BOOST_TEST((seat.client.input_ack() == InputSequence{3}));
  BOOST_TEST(lab.log.dropped[static_cast<std::size_t>(InputFate::no_avatar)] == 0u);
  BOOST_TEST(lab.server.state().size() == 0u);
  for (int i = 0; i < 200; ++i) seat.client.push_input(turn(1), lab.now);  // no faster than anybody else
  lab.tick();
  BOOST_TEST((seat.client.input_ack() < InputSequence{10}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
