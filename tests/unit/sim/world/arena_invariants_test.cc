// What holds whatever players send, over thousands of ticks and many seeds.
#include <boost/test/unit_test.hpp>

#include "netrig/core/world/v1_columns.h"
#include "netrig/sim/world/aim.h"
#include "netrig/tests/unit/sim/world/game.h"

namespace netrig::sim {
namespace {

Input hostile(Random& random) {
  std::vector<std::uint8_t> bytes(random.chance(200'000) ? random.below(kInputBytesMax + 1)
                                                         : kArenaInputBytes);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.bits());
  if (bytes.size() == kArenaInputBytes && random.chance(900'000)) bytes[4] &= 1;
  return Input{bytes};
}

Input likely(Random& random, const Snapshot& seen, EntityId self) {
  ArenaInput input = move_along(static_cast<Angle>(random.bits()));
  input.aim = aim_at_nearest(seen, self).value_or(0);
  input.fire = random.chance(500'000);
  return input.encode();
}

bool is_inside(const Wall& wall, Vector place, std::int32_t radius) {
  return wall.min.x - radius < place.x && place.x < wall.max.x + radius && wall.min.y - radius < place.y &&
         place.y < wall.max.y + radius;
}

class Checker {
 public:
  explicit Checker(const ArenaConfig& config)
      : radius_(config.radius_mm), walls_(walls_of(config)), columns_(arena_schema(config)) {}

  // Within the schema (write_all asserts it), readable, and in no wall.
  void check(const Snapshot& now) {
    std::vector<std::uint8_t> payload(columns_.state_update_bytes());
    std::vector<std::int32_t> back(columns_.columns());
    for (std::size_t i = 0; i < now.size(); ++i) {
      const auto row = now.row(i);
      columns_.write_all(row, payload);
      BOOST_REQUIRE(columns_.read_all(payload, back));
      BOOST_REQUIRE(std::equal(back.begin(), back.end(), row.begin()));
      BOOST_REQUIRE((is_pickup(row) || row[column::health] <= row[column::health_max]));
      for (const Wall& wall : walls_)
        BOOST_REQUIRE(!is_inside(wall, {row[column::x], row[column::y]}, radius_));
    }
  }

 private:
  std::int32_t radius_;
  std::vector<Wall> walls_;
  V1Columns columns_;
};

void play(const ArenaConfig& config, std::uint64_t seed, std::uint32_t ticks, long& kills) {
  BOOST_TEST_CONTEXT("seed " << seed) {
    Game game{config, seed};
    Checker checker{config};
    Random random = Random{seed}.fork("players", 0);
    std::vector<EntityId> players;
    for (std::uint32_t i = 0; i < ticks; ++i) {
      if (players.size() < 12 && random.chance(100'000)) players.push_back(game.spawn());
      if (!players.empty() && random.chance(5'000)) {
        game.arena.despawn(players.front());
        players.erase(players.begin());
      }
      const Snapshot seen = game.capture();
      std::vector<PlayerInput> inputs;
      for (const EntityId player : players)
        for (std::uint64_t n = random.below(4); n > 0; --n)
          inputs.push_back({ClientId{1}, player,
                            random.chance(300'000) ? hostile(random) : likely(random, seen, player),
                            instant_from_ns(static_cast<std::int64_t>(random.bits() >> 1))});
      game.step(inputs);
      checker.check(game.capture());
    }
    kills += game.log.count(ArenaEvent::kill);
  }
}

BOOST_AUTO_TEST_SUITE(arena_invariants)

BOOST_AUTO_TEST_CASE(nothing_leaves_its_declared_range_or_enters_a_wall) {
  ArenaConfig config;
  config.width_mm = 40'000;
  config.height_mm = 30'000;
  config.npcs = 4;
  config.pickups = 3;
  long kills = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) play(config, seed, 1'000, kills);
  BOOST_TEST(kills > 20);
}

BOOST_AUTO_TEST_CASE(the_same_holds_at_the_limits_of_the_configuration) {
  ArenaConfig config;
  config.tick_rate_hz = 1;
  config.speed_max_mm_per_s = kArenaSpeedMmMax;
  config.acceleration_mm_per_s2 = kArenaSpeedMmMax * 240;
  config.friction_mm_per_s2 = 2;
  config.shot_range_mm = kArenaRangeMmMax;
  config.shot_damage = kArenaHealthMax;
  config.health_max = kArenaHealthMax;
  config.pickup_health = kArenaHealthMax;
  config.npcs = 2;
  config.pickups = 2;
  config.npc_turn_ticks = config.cooldown_ticks = config.respawn_ticks = config.pickup_respawn_ticks = 1;
  long kills = 0;
  for (const std::int32_t side_mm : {8'000, 150'000, kArenaSideMmMax}) {
    config.width_mm = config.height_mm = side_mm;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) play(config, seed, 500, kills);
  }
  BOOST_TEST(kills > 20);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::sim
