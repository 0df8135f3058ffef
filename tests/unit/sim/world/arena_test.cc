#include "netrig/sim/world/arena.h"

#include <boost/test/unit_test.hpp>
#include <set>

#include "netrig/sim/world/aim.h"
#include "netrig/tests/unit/sim/world/game.h"

namespace netrig::sim {
namespace {

BOOST_AUTO_TEST_SUITE(arena)

BOOST_AUTO_TEST_CASE(ids_start_at_one_rise_and_are_not_reused) {
  Game game{open_map()};
  BOOST_TEST(game.spawn().value == 1u);
  BOOST_TEST(game.spawn().value == 2u);
  game.arena.despawn(EntityId{2});
  game.arena.despawn(EntityId{2});
  game.arena.despawn(EntityId{77});
  BOOST_TEST(game.spawn().value == 3u);
  const Snapshot now = game.capture();
  BOOST_REQUIRE_EQUAL(now.size(), 2u);
  BOOST_TEST(now.id(0).value == 1u);
  BOOST_TEST(now.id(1).value == 3u);
}

BOOST_AUTO_TEST_CASE(a_spawned_body_is_healthy_still_and_apart_from_others) {
  Game game{{}};
  for (int i = 0; i < 500; ++i) game.spawn();
  const Snapshot now = game.capture();
  std::set<std::pair<std::int32_t, std::int32_t>> places;
  for (std::size_t i = 0; i < now.size(); ++i) {
    const auto row = now.row(i);
    places.emplace(row[column::x], row[column::y]);
    BOOST_TEST((row[column::vx] == 0 && row[column::vy] == 0));
    BOOST_TEST((row[column::health] == 100'000 && row[column::health_max] == 100'000));
  }
  BOOST_TEST(places.size() == 500u);
}

BOOST_AUTO_TEST_CASE(a_crowd_beyond_the_map_s_spots_still_spawns) {
  ArenaConfig config = open_map();
  config.width_mm = config.height_mm = 2'000;
  Game game{config};
  for (int i = 0; i < 300; ++i) game.spawn();
  BOOST_TEST(game.capture().size() == 300u);
}

BOOST_AUTO_TEST_CASE(no_input_means_friction_only) {
  Game game{open_map()};
  const EntityId body = game.spawn();
  const Vector start = game.place(body);
  const std::int32_t way = start.x > 50'000 ? -1 : 1;
  for (int i = 0; i < 3; ++i) game.step({input_for(body, {.move_x = static_cast<std::int8_t>(127 * way)})});
  BOOST_TEST(game.row(body)[column::vx] == 6'000 * way);
  game.idle(6);
  BOOST_TEST(game.row(body)[column::vx] == 0);
  BOOST_TEST((game.place(body) == Vector{start.x + (600 + 750) * way, start.y}));
}

BOOST_AUTO_TEST_CASE(malformed_inputs_and_inputs_for_nobody_change_nothing) {
  Game with{open_map()}, without{open_map()};
  const EntityId body = with.spawn();
  without.spawn();
  const std::vector<std::uint8_t> nonsense(48, 0xFF);
  with.step({{ClientId{1}, EntityId{0}, ArenaInput{.move_x = 9}.encode(), {}},
             {ClientId{1}, body, Input{nonsense}, {}},
             {ClientId{1}, body, Input{}, {}},
             {ClientId{1}, EntityId{99}, ArenaInput{.move_x = 9}.encode(), {}}});
  without.step();
  BOOST_TEST(with.arena.digest() == without.arena.digest());
}

BOOST_AUTO_TEST_CASE(npcs_wander_and_take_no_orders) {
  ArenaConfig config;
  config.npcs = 8;
  Game game{config}, ordered{config};
  std::vector<std::set<std::pair<std::int32_t, std::int32_t>>> headings(8);
  std::vector<Vector> starts;
  for (std::uint64_t id = 1; id <= 8; ++id) starts.push_back(game.place(EntityId{id}));
  for (int i = 0; i < 400; ++i) {
    game.step();
    std::vector<PlayerInput> orders;
    for (std::uint64_t id = 1; id <= 8; ++id)
      orders.push_back(input_for(EntityId{id}, {.move_x = 127, .fire = true}));
    ordered.step(orders);
    for (std::uint64_t id = 1; id <= 8; ++id) {
      const auto row = game.row(EntityId{id});
      headings[id - 1].emplace(row[column::vx], row[column::vy]);
    }
  }
  for (std::uint64_t id = 1; id <= 8; ++id) {
    BOOST_TEST(headings[id - 1].size() > 10u);
    BOOST_TEST((game.place(EntityId{id}) != starts[id - 1]));
  }
  BOOST_TEST(game.arena.digest() == ordered.arena.digest());
}

// One player, one pickup; the player is wounded by a second one as the view allows, and walks there.
struct Errand : Game {
  explicit Errand(ArenaConfig config = one_pickup()) : Game(config), walker(spawn()), shooter(spawn()) {}

  static ArenaConfig one_pickup() {
    ArenaConfig config = open_map();
    config.pickups = 1;
    config.width_mm = config.height_mm = 20'000;
    return config;
  }
  void wound() {
    const Vector from = place(shooter);
    show_only(walker, {from.x, from.y});
    step_seeing({input_for(shooter, fire_at(0))});
    idle(10);
  }
  void walk_to_pickup() {
    for (int i = 0; i < 200; ++i) {
      const Vector to = place(pickup), from = place(walker);
      step({input_for(walker, move_along(aim_at(to.x - from.x, to.y - from.y)))});
      if (log.count(ArenaEvent::pickup) > 0) return;
    }
  }

  EntityId pickup{1};
  EntityId walker;
  EntityId shooter;
};

BOOST_AUTO_TEST_CASE(a_pickup_heals_the_wounded_is_gone_and_comes_back) {
  Errand errand;
  errand.wound();
  errand.wound();
  errand.wound();
  BOOST_TEST(errand.health(errand.walker) == 25'000);
  errand.walk_to_pickup();
  BOOST_TEST((errand.log.events.back() == Event{ArenaEvent::pickup, errand.walker, errand.pickup}));
  BOOST_TEST(errand.health(errand.walker) == 75'000);
  BOOST_TEST(errand.health(errand.pickup) == 0);
  errand.idle(199);
  BOOST_TEST(errand.health(errand.pickup) == 0);
  errand.log.events.clear();
  errand.step();
  BOOST_TEST((errand.log.events.front() == Event{ArenaEvent::respawn, errand.pickup, {}}));
}

BOOST_AUTO_TEST_CASE(a_pickup_never_heals_beyond_full_health) {
  Errand errand;
  errand.wound();
  BOOST_TEST(errand.health(errand.walker) == 75'000);
  errand.walk_to_pickup();
  BOOST_TEST(errand.health(errand.walker) == 100'000);
}

BOOST_AUTO_TEST_CASE(the_healthy_leave_pickups_alone) {
  Errand errand;
  errand.walk_to_pickup();
  BOOST_TEST(errand.log.events.empty());
  BOOST_TEST(errand.health(errand.pickup) == 50'000);
}

BOOST_AUTO_TEST_CASE(a_pickup_is_no_target) {
  Errand errand;
  const Vector to = errand.place(errand.pickup), from = errand.place(errand.shooter);
  errand.arena.despawn(errand.walker);
  errand.step({input_for(errand.shooter, fire_at(aim_at(to.x - from.x, to.y - from.y)))});
  BOOST_TEST(errand.log.events.empty());
  BOOST_TEST(errand.health(errand.pickup) == 50'000);
}

ArenaConfig busy() {
  ArenaConfig config;
  config.npcs = 4;
  config.pickups = 4;
  return config;
}

// Eight players who run about and shoot at whoever is nearest.
std::uint64_t digest_after(std::uint32_t ticks, std::uint64_t seed) {
  Game game{busy(), seed};
  std::vector<EntityId> players;
  for (int i = 0; i < 8; ++i) players.push_back(game.spawn());
  for (std::uint32_t i = 0; i < ticks; ++i) {
    const Snapshot seen = game.capture();
    std::vector<PlayerInput> inputs;
    for (const EntityId player : players) {
      ArenaInput input = move_along(static_cast<Angle>(player.value * 9'000 + i * 300));
      input.aim = aim_at_nearest(seen, player).value_or(0);
      input.fire = true;
      inputs.push_back(input_for(player, input));
    }
    game.step(inputs);
  }
  BOOST_TEST(game.log.count(ArenaEvent::hit) > 0);
  return game.arena.digest();
}

BOOST_AUTO_TEST_CASE(one_seed_gives_one_game) {
  BOOST_TEST(digest_after(500, 3) == digest_after(500, 3));
  BOOST_TEST(digest_after(500, 3) != digest_after(500, 4));
}

// The same on every machine and compiler. A change of the rules changes it, and then it is to be written
// anew.
BOOST_AUTO_TEST_CASE(the_game_of_seed_three_is_known) {
  BOOST_TEST(digest_after(500, 3) == 0x589BDDB695F4A492u);
}

BOOST_AUTO_TEST_CASE(the_seed_is_part_of_the_state_of_an_empty_arena) {
  BOOST_TEST(Game(open_map(), 1).arena.digest() != Game(open_map(), 2).arena.digest());
  BOOST_TEST(Game(open_map(), 1).arena.digest() == Game(open_map(), 1).arena.digest());
}

BOOST_AUTO_TEST_CASE(clients_captures_and_despawns_of_nobody_leave_no_trace) {
  Game game{busy()}, other{busy()};
  game.arena.spawn(ClientId{7});
  other.arena.spawn(ClientId{9});
  other.capture();
  other.arena.despawn(EntityId{1000});
  game.step();
  other.step();
  BOOST_TEST(game.arena.digest() == other.arena.digest());
}

BOOST_AUTO_TEST_CASE(every_change_of_state_changes_the_digest) {
  Game game{busy()};
  std::set<std::uint64_t> digests{game.arena.digest()};
  const auto check_changed = [&](const char* what) {
    BOOST_TEST(digests.insert(game.arena.digest()).second, what);
  };
  const EntityId one = game.spawn();
  check_changed("spawn");
  const EntityId two = game.spawn();
  game.step();
  check_changed("time");
  game.arena.despawn(two);
  check_changed("despawn");
  const auto digest_with = [&](const ArenaInput& input) {
    Game twin{busy()};
    twin.spawn();
    twin.step({input_for(one, input)});
    return twin.arena.digest();
  };
  const std::uint64_t idle = digest_with({});
  BOOST_TEST(digest_with({.move_x = 1}) != idle);
  BOOST_TEST(digest_with({.fire = true}) != idle);  // a shot that hits nobody: only the cooldown knows
  BOOST_TEST(digest_with({.aim = 77}) == idle);     // where one looks without firing is no state
}

// Leaving takes the id along: a world in which somebody was and left is another one.
BOOST_AUTO_TEST_CASE(who_has_left_still_counts_in_the_digest) {
  Game visited{open_map()}, untouched{open_map()};
  visited.arena.despawn(visited.spawn());
  BOOST_TEST(visited.arena.digest() != untouched.arena.digest());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::sim
