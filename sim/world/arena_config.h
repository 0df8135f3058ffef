// What an arena is made from, and what one row of its snapshots means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "netrig/core/world/schema.h"
#include "netrig/sim/world/fixed_point.h"

namespace netrig::sim {

// Bounds that keep every product of the physics and the shots within 63 bits; see shot.cc and movement.cc.
constexpr std::int32_t kArenaSideMmMax = 10'000'000;  // 10 km
constexpr std::int32_t kArenaSpeedMmMax = 1'000'000;  // 1 km/s
constexpr std::int32_t kArenaRangeMmMax = 100'000;    // 100 m
constexpr std::int32_t kArenaRadiusMmMax = 10'000;    // 10 m
constexpr std::int32_t kArenaHealthMax = 1'000'000;   // 1,000 points
constexpr std::uint32_t kArenaTickRateHzMax = 240;    // as the protocol's
constexpr std::uint32_t kArenaTicksMax = 1'000'000;   // of cooldowns and delays: an hour at the highest rate
constexpr std::size_t kArenaWallsMax = 1024;
constexpr std::uint32_t kArenaInhabitantsMax = 10'000;  // NPCs, and pickups

// Edges in millimetres; min below max.
struct Wall {
  Vector min;
  Vector max;
};

// Lengths in millimetres, health in thousandths of a point, time in ticks of tick_rate_hz.
struct ArenaConfig {
  std::uint32_t tick_rate_hz = 20;
  std::int32_t width_mm = 100'000;
  std::int32_t height_mm = 100'000;
  std::optional<std::vector<Wall>> walls{};  // absent: default_walls(width_mm, height_mm)

  std::int32_t radius_mm = 500;  // of a body, for walls and shots alike
  std::int32_t speed_max_mm_per_s = 6'000;
  std::int32_t acceleration_mm_per_s2 = 40'000;  // towards the speed that is asked for
  std::int32_t friction_mm_per_s2 = 20'000;      // when none is asked for

  std::int32_t health_max = 100'000;
  std::int32_t shot_damage = 25'000;
  std::int32_t shot_range_mm = 50'000;
  std::uint32_t cooldown_ticks = 10;  // from one shot to the next
  std::uint32_t respawn_ticks = 60;   // from death

  std::uint32_t npcs = 0;
  std::uint32_t npc_turn_ticks = 20;  // from one heading to the next
  std::uint32_t pickups = 0;
  std::int32_t pickup_health = 50'000;
  std::uint32_t pickup_respawn_ticks = 200;
};

// Nothing when an arena can be made from it, else what is wrong, in words for the person who wrote it.
std::optional<std::string_view> find_problem(const ArenaConfig& config);

// Four blocks around the middle and a bar before each side, in proportion to the map; its middle is free.
std::vector<Wall> default_walls(std::int32_t width_mm, std::int32_t height_mm);
std::vector<Wall> walls_of(const ArenaConfig& config);

// Spots on a regular grid where a body touches no wall: where entities are spawned.
std::vector<Vector> free_spots(const ArenaConfig& config);

// Position x, y; velocity vx, vy; health current, max: six f64 in thousandths, as v1 has them.
Schema arena_schema(const ArenaConfig& config);

namespace column {
inline constexpr std::size_t x = 0;
inline constexpr std::size_t y = 1;
inline constexpr std::size_t vx = 2;
inline constexpr std::size_t vy = 3;
inline constexpr std::size_t health = 4;      // of a pickup: what it heals, 0 while it is taken
inline constexpr std::size_t health_max = 5;  // of a pickup: 0
inline constexpr std::size_t count = 6;
}  // namespace column

inline bool is_pickup(std::span<const std::int32_t> row) {
  return row[column::health_max] == 0;
}
// Alive and no pickup: moves and can be shot.
inline bool is_target(std::span<const std::int32_t> row) {
  return row[column::health] > 0 && !is_pickup(row);
}

}  // namespace netrig::sim
