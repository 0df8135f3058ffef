#include "netrig/sim/world/arena_config.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::sim {
namespace {

constexpr std::int32_t kSpotsPerSide = 64;
constexpr std::int32_t kStepsPerUnit = 1000;

template <class T>
bool is_within(T value, T min, T max) {
  return min <= value && value <= max;
}

bool is_on_map(const Wall& wall, const ArenaConfig& config) {
  return 0 <= wall.min.x && wall.min.x < wall.max.x && wall.max.x <= config.width_mm && 0 <= wall.min.y &&
         wall.min.y < wall.max.y && wall.max.y <= config.height_mm;
}

std::optional<std::string_view> find_map_problem(const ArenaConfig& config) {
  if (!is_within(config.radius_mm, 1, kArenaRadiusMmMax)) return "radius must be 1 mm to 10 m";
  const std::int32_t side_min = 2 * config.radius_mm;
  if (!is_within(config.width_mm, side_min, kArenaSideMmMax) ||
      !is_within(config.height_mm, side_min, kArenaSideMmMax))
    return "width and height must hold a body and be at most 10 km";
  const std::vector<Wall> walls = walls_of(config);
  if (walls.size() > kArenaWallsMax) return "there may be at most 1,024 walls";
  if (!std::all_of(walls.begin(), walls.end(), [&](const Wall& wall) { return is_on_map(wall, config); }))
    return "every wall must lie on the map, its min below its max";
  if (free_spots(config).empty()) return "the walls leave no room for a body";
  return std::nullopt;
}

// A change of speed in one tick below 2 mm/s would be lost to rounding.
bool is_rate(std::int32_t mm_per_s2, std::uint32_t tick_rate_hz) {
  return is_within(mm_per_s2, 2 * static_cast<std::int32_t>(tick_rate_hz), kArenaSpeedMmMax * 240);
}

std::optional<std::string_view> find_motion_problem(const ArenaConfig& config) {
  if (!is_within(config.tick_rate_hz, 1u, kArenaTickRateHzMax)) return "tick rate must be 1 to 240 Hz";
  if (!is_within(config.speed_max_mm_per_s, 0, kArenaSpeedMmMax)) return "speed must be 0 to 1 km/s";
  if (!is_rate(config.acceleration_mm_per_s2, config.tick_rate_hz) ||
      !is_rate(config.friction_mm_per_s2, config.tick_rate_hz))
    return "acceleration and friction must change the speed by 2 mm/s in a tick at least";
  return std::nullopt;
}

std::optional<std::string_view> find_rule_problem(const ArenaConfig& config) {
  if (!is_within(config.health_max, 1, kArenaHealthMax)) return "health must be above 0, at most 1,000";
  if (!is_within(config.shot_damage, 0, kArenaHealthMax)) return "shot damage must be 0 to 1,000";
  if (!is_within(config.shot_range_mm, 0, kArenaRangeMmMax)) return "shot range must be 0 to 100 m";
  if (!is_within(config.pickup_health, 1, kArenaHealthMax))
    return "a pickup must heal above 0, at most 1,000";
  for (const std::uint32_t ticks :
       {config.cooldown_ticks, config.respawn_ticks, config.npc_turn_ticks, config.pickup_respawn_ticks})
    if (!is_within(ticks, 1u, kArenaTicksMax)) return "every delay must be 1 to 1,000,000 ticks";
  if (config.npcs > kArenaInhabitantsMax || config.pickups > kArenaInhabitantsMax)
    return "there may be at most 10,000 NPCs and 10,000 pickups";
  return std::nullopt;
}

ComponentSpec component(std::string_view name, std::pair<FieldSpec, FieldSpec> fields) {
  return {.name = std::string{name}, .fields = {std::move(fields.first), std::move(fields.second)}};
}

FieldSpec field(std::string_view name, std::int32_t min, std::int32_t max,
                Extrapolation extrapolation = Extrapolation::hold) {
  FieldSpec spec;
  spec.name = name;
  spec.min = min;
  spec.max = max;
  spec.steps_per_unit = kStepsPerUnit;
  spec.extrapolation = extrapolation;
  return spec;
}

}  // namespace

std::optional<std::string_view> find_problem(const ArenaConfig& config) {
  if (const auto problem = find_map_problem(config)) return problem;
  if (const auto problem = find_motion_problem(config)) return problem;
  return find_rule_problem(config);
}

std::vector<Wall> default_walls(std::int32_t width_mm, std::int32_t height_mm) {
  // In hundredths of the map's sides: min x, min y, max x, max y.
  constexpr std::int32_t kLayout[][4] = {{30, 30, 40, 34}, {60, 30, 70, 34}, {30, 66, 40, 70},
                                         {60, 66, 70, 70}, {46, 12, 54, 15}, {46, 85, 54, 88},
                                         {12, 46, 15, 54}, {85, 46, 88, 54}};
  const auto part = [](std::int32_t side_mm, std::int32_t hundredths) {
    return static_cast<std::int32_t>(std::int64_t{side_mm} * hundredths / 100);
  };
  std::vector<Wall> walls;
  for (const auto& [min_x, min_y, max_x, max_y] : kLayout)
    walls.push_back({.min = {part(width_mm, min_x), part(height_mm, min_y)},
                     .max = {part(width_mm, max_x), part(height_mm, max_y)}});
  return walls;
}

std::vector<Wall> walls_of(const ArenaConfig& config) {
  return config.walls ? *config.walls : default_walls(config.width_mm, config.height_mm);
}

std::vector<Vector> free_spots(const ArenaConfig& config) {
  const std::vector<Wall> walls = walls_of(config);
  const std::int32_t radius = config.radius_mm;
  const auto is_free = [&](Vector spot) {
    return std::none_of(walls.begin(), walls.end(), [&](const Wall& wall) {
      return wall.min.x - radius < spot.x && spot.x < wall.max.x + radius && wall.min.y - radius < spot.y &&
             spot.y < wall.max.y + radius;
    });
  };
  const auto place = [&](std::int32_t side_mm, std::int32_t step) {
    const std::int64_t room_mm = side_mm - 2 * radius;
    return radius + static_cast<std::int32_t>(room_mm * (2 * step + 1) / (2 * kSpotsPerSide));
  };
  std::vector<Vector> spots;
  for (std::int32_t row = 0; row < kSpotsPerSide; ++row) {
    for (std::int32_t step = 0; step < kSpotsPerSide; ++step) {
      const Vector spot{place(config.width_mm, step), place(config.height_mm, row)};
      if (is_free(spot)) spots.push_back(spot);
    }
  }
  return spots;
}

Schema arena_schema(const ArenaConfig& config) {
  const std::int32_t speed_max = config.speed_max_mm_per_s;
  const std::int32_t health_max = std::max(config.health_max, config.pickup_health);
  auto schema = Schema::make({
      component("position", {field("x", 0, config.width_mm, Extrapolation::linear),
                             field("y", 0, config.height_mm, Extrapolation::linear)}),
      component("velocity", {field("vx", -speed_max, speed_max), field("vy", -speed_max, speed_max)}),
      component("health", {field("current", 0, health_max), field("max", 0, health_max)}),
  });
  NETRIG_ASSERT(schema.has_value());
  return *schema;
}

}  // namespace netrig::sim
