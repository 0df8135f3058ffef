#include <boost/test/unit_test.hpp>

#include "netrig/loadgen/game/game.h"
#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {
namespace {

GameKind named(std::string name, std::vector<BehaviourKind> behaviours = {}) {
  GameKind game = *testing::games().all().front();
  game.name = std::move(name);
  game.behaviours = std::move(behaviours);
  return game;
}

BehaviourKind behaviour(std::string name) {
  BehaviourKind kind = testing::games().all().front()->behaviours.front();
  kind.name = std::move(name);
  return kind;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(game_registry)

BOOST_AUTO_TEST_CASE(the_first_game_is_the_default_and_others_are_found_by_name) {
  GameRegistry games;
  games.add(named("chess"));
  games.add(named("go"));
  BOOST_TEST(games.all().front()->name == "chess");
  BOOST_TEST(games.find("go") == games.all()[1].get());
  BOOST_TEST(games.find("Go") == nullptr);
  BOOST_TEST(games.find("") == nullptr);
}

BOOST_AUTO_TEST_CASE(every_game_has_idle_and_its_own_first_behaviour_as_default) {
  GameRegistry games;
  games.add(named("chess", {behaviour("open"), behaviour("defend")}));
  games.add(named("watching"));
  BOOST_TEST(default_behaviour(*games.find("chess")).name == "open");
  BOOST_TEST(find_behaviour(*games.find("chess"), "idle") != nullptr);
  BOOST_TEST(find_behaviour(*games.find("chess"), "wander") == nullptr);
  BOOST_TEST(default_behaviour(*games.find("watching")).name == "idle");
}

// A program with several games: each scenario gets its own keys and behaviours.
BOOST_AUTO_TEST_CASE(a_scenario_has_the_behaviours_of_the_game_it_names) {
  GameRegistry games;
  games.add(named("chess", {behaviour("open")}));
  games.add(named("go", {behaviour("surround")}));
  const auto errors = [&](const std::string& text) {
    return parse_scenario(text, "s.yaml", {}, testing::variables({}), games).diagnostics.size();
  };
  const std::string go = testing::kSmall + "    behaviour: surround\nworld: {game: go}\n";
  const LoadedScenario loaded = parse_scenario(go, "s.yaml", {}, testing::variables({}), games);
  BOOST_REQUIRE(loaded.scenario.has_value());
  BOOST_TEST(loaded.scenario->game_kind->name == "go");
  BOOST_TEST(loaded.scenario->cohorts[0].behaviours[0].kind->name == "surround");
  BOOST_TEST(errors(testing::kSmall + "    behaviour: surround\n") == 1u);  // chess
  BOOST_TEST(errors(testing::kSmall + "world: {game: checkers}\n") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
