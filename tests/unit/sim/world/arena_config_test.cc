#include "netrig/sim/world/arena_config.h"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

namespace netrig::sim {
namespace {

std::string problem_after(const std::function<void(ArenaConfig&)>& change) {
  ArenaConfig config;
  change(config);
  return std::string{find_problem(config).value_or("")};
}

BOOST_AUTO_TEST_SUITE(arena_config)

BOOST_AUTO_TEST_CASE(the_default_is_sound_at_any_map_size) {
  BOOST_TEST(!find_problem({}).has_value());
  for (const std::int32_t side_mm : {5'000, 20'000, 64'000, 1'000'000, kArenaSideMmMax}) {
    ArenaConfig config;
    config.width_mm = side_mm;
    config.height_mm = side_mm / 2;
    BOOST_TEST(!find_problem(config).has_value());
  }
}

BOOST_AUTO_TEST_CASE(every_wrong_value_is_named) {
  const auto says = [](std::string_view word, const std::function<void(ArenaConfig&)>& change) {
    const std::string problem = problem_after(change);
    BOOST_TEST(problem.find(word) != std::string::npos, "expected " << word << ", not: " << problem);
  };
  says("tick rate", [](ArenaConfig& c) { c.tick_rate_hz = 0; });
  says("tick rate", [](ArenaConfig& c) { c.tick_rate_hz = 241; });
  says("width", [](ArenaConfig& c) { c.width_mm = 999; });
  says("height", [](ArenaConfig& c) { c.height_mm = kArenaSideMmMax + 1; });
  says("radius", [](ArenaConfig& c) { c.radius_mm = 0; });
  says("speed", [](ArenaConfig& c) { c.speed_max_mm_per_s = -1; });
  says("acceleration", [](ArenaConfig& c) { c.acceleration_mm_per_s2 = 39; });
  says("friction", [](ArenaConfig& c) { c.friction_mm_per_s2 = 39; });
  says("health", [](ArenaConfig& c) { c.health_max = 0; });
  says("damage", [](ArenaConfig& c) { c.shot_damage = -1; });
  says("range", [](ArenaConfig& c) { c.shot_range_mm = kArenaRangeMmMax + 1; });
  says("pickup", [](ArenaConfig& c) { c.pickup_health = 0; });
  says("delay", [](ArenaConfig& c) { c.cooldown_ticks = 0; });
  says("delay", [](ArenaConfig& c) { c.respawn_ticks = 0; });
  says("delay", [](ArenaConfig& c) { c.npc_turn_ticks = 0; });
  says("delay", [](ArenaConfig& c) { c.pickup_respawn_ticks = kArenaTicksMax + 1; });
  says("NPC", [](ArenaConfig& c) { c.npcs = kArenaInhabitantsMax + 1; });
  says("pickups", [](ArenaConfig& c) { c.pickups = kArenaInhabitantsMax + 1; });
  says("wall", [](ArenaConfig& c) { c.walls = std::vector{Wall{{10, 10}, {10, 20}}}; });
  says("wall", [](ArenaConfig& c) { c.walls = std::vector{Wall{{-1, 0}, {10, 20}}}; });
  says("wall", [](ArenaConfig& c) { c.walls = std::vector{Wall{{0, 0}, {10, c.height_mm + 1}}}; });
  says("at most 1,024", [](ArenaConfig& c) { c.walls.emplace(1025, Wall{{0, 0}, {1, 1}}); });
  says("no room", [](ArenaConfig& c) { c.walls = std::vector{Wall{{0, 0}, {c.width_mm, c.height_mm}}}; });
}

BOOST_AUTO_TEST_CASE(spots_are_on_the_map_and_touch_no_wall) {
  const ArenaConfig config;
  const std::vector<Vector> spots = free_spots(config);
  BOOST_TEST(spots.size() > 3'500u);
  BOOST_TEST(spots.size() < 64u * 64u);
  for (const Vector& spot : spots) {
    BOOST_REQUIRE(config.radius_mm <= spot.x);
    BOOST_REQUIRE(spot.x <= config.width_mm - config.radius_mm);
    BOOST_REQUIRE(config.radius_mm <= spot.y);
    BOOST_REQUIRE(spot.y <= config.height_mm - config.radius_mm);
    for (const Wall& wall : walls_of(config)) {
      const bool beside_x =
          spot.x <= wall.min.x - config.radius_mm || spot.x >= wall.max.x + config.radius_mm;
      const bool beside_y =
          spot.y <= wall.min.y - config.radius_mm || spot.y >= wall.max.y + config.radius_mm;
      BOOST_REQUIRE((beside_x || beside_y));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::sim
