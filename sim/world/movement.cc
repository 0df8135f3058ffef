#include "netrig/sim/world/movement.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig::sim {
namespace {

static_assert(column::y == column::x + 1 && column::vy == column::vx + 1, "axes are consecutive columns");

// A body asked to go at `wanted` mm/s: part of the way there, at most `change_max`. Each part of the result
// lies between the old and the wanted one, so it stays within what both kept. Differences are at most 2 x
// 10^6 per axis, so squares and products stay below 2^44.
Vector approach(Vector velocity, Vector wanted, std::int64_t change_max) {
  const std::int64_t dx = wanted.x - velocity.x;
  const std::int64_t dy = wanted.y - velocity.y;
  const std::int64_t change_squared = dx * dx + dy * dy;
  if (change_squared <= change_max * change_max) return wanted;
  const std::int64_t change = floor_sqrt(static_cast<std::uint64_t>(change_squared));
  return {velocity.x + static_cast<std::int32_t>(dx * change_max / change),
          velocity.y + static_cast<std::int32_t>(dy * change_max / change)};
}

const ArenaConfig& checked(const ArenaConfig& config) {
  NETRIG_ASSERT(!find_problem(config));
  return config;
}

}  // namespace

ArenaMotion::ArenaMotion(const ArenaConfig& config)
    : tick_rate_hz_(static_cast<std::int32_t>(checked(config).tick_rate_hz)),
      speed_max_(config.speed_max_mm_per_s),
      acceleration_(config.acceleration_mm_per_s2 / tick_rate_hz_),
      friction_(config.friction_mm_per_s2 / tick_rate_hz_),
      low_{config.radius_mm, config.radius_mm},
      high_{config.width_mm - config.radius_mm, config.height_mm - config.radius_mm} {
  const std::int32_t radius = config.radius_mm;
  for (const Wall& wall : walls_of(config))
    obstacles_.push_back({.min = {wall.min.x - radius, wall.min.y - radius},
                          .max = {wall.max.x + radius, wall.max.y + radius}});
}

void ArenaMotion::step(std::span<std::int32_t> entity, const Input& input) const {
  step(entity, ArenaInput::decode(input).value_or(ArenaInput{}));
}

void ArenaMotion::step(std::span<std::int32_t> entity, const ArenaInput& input) const {
  NETRIG_ASSERT(entity.size() == column::count);
  if (!is_target(entity)) return;
  accelerate(entity, input);
  slide(entity, 0);
  slide(entity, 1);
}

void ArenaMotion::accelerate(std::span<std::int32_t> entity, const ArenaInput& input) const {
  const bool is_asked = input.move_x != 0 || input.move_y != 0;
  const Vector velocity{std::clamp(entity[column::vx], -speed_max_, speed_max_),
                        std::clamp(entity[column::vy], -speed_max_, speed_max_)};
  const Vector wanted{input.move_x * speed_max_ / kMoveLengthMax, input.move_y * speed_max_ / kMoveLengthMax};
  const Vector changed = approach(velocity, wanted, is_asked ? acceleration_ : friction_);
  entity[column::vx] = changed.x;
  entity[column::vy] = changed.y;
}

void ArenaMotion::slide(std::span<std::int32_t> entity, std::size_t axis) const {
  std::int32_t& velocity = entity[column::vx + axis];
  const std::int32_t other = entity[column::x + (1 - axis)];
  const std::int32_t from = std::clamp(entity[column::x + axis], low_[axis], high_[axis]);
  const std::int32_t wanted = from + velocity / tick_rate_hz_;
  const std::int32_t on_map = std::clamp(wanted, low_[axis], high_[axis]);
  const std::int32_t to = stop_at_obstacles(axis, other, from, on_map);
  if (to != wanted) velocity = 0;
  entity[column::x + axis] = to;
}

// How far a body gets on its way along one axis. Swept, so no speed carries it through a wall.
std::int32_t ArenaMotion::stop_at_obstacles(std::size_t axis, std::int32_t other, std::int32_t from,
                                            std::int32_t to) const {
  for (const Obstacle& obstacle : obstacles_) {
    if (other <= obstacle.min[1 - axis] || other >= obstacle.max[1 - axis]) continue;
    if (from <= obstacle.min[axis]) to = std::min(to, obstacle.min[axis]);
    if (from >= obstacle.max[axis]) to = std::max(to, obstacle.max[axis]);
  }
  return to;
}

}  // namespace netrig::sim
