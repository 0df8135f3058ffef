// The physics of one body: the one place that moves anything in the arena.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "netrig/core/world/world.h"
#include "netrig/sim/world/arena_config.h"
#include "netrig/sim/world/arena_input.h"

namespace netrig::sim {

// Speed changes by at most acceleration (or friction, when no move is asked for) towards what the input asks;
// then the body moves along x, then along y, and stops at what it meets in one without losing the other: it
// slides. Bodies are square against walls and do not meet each other. The dead and pickups stay where they
// are.
class ArenaMotion final : public Motion {
 public:
  explicit ArenaMotion(const ArenaConfig& config);  // asserts that it has no problem

  // `entity` is a row of arena_schema(). Any bytes and any numbers are safe, and what was moved is on the
  // map, at most at full speed on each axis and in no wall that it was not in before. A malformed input asks
  // for no move.
  void step(std::span<std::int32_t> entity, const Input& input) const override;
  void step(std::span<std::int32_t> entity, const ArenaInput& input) const;

 private:
  // By axis: where a body's middle cannot be, open at the edges.
  struct Obstacle {
    std::array<std::int32_t, 2> min;
    std::array<std::int32_t, 2> max;
  };

  void accelerate(std::span<std::int32_t> entity, const ArenaInput& input) const;
  void slide(std::span<std::int32_t> entity, std::size_t axis) const;
  std::int32_t stop_at_obstacles(std::size_t axis, std::int32_t other, std::int32_t from,
                                 std::int32_t to) const;

  std::int32_t tick_rate_hz_;
  std::int32_t speed_max_;           // mm/s
  std::int32_t acceleration_;        // mm/s in a tick
  std::int32_t friction_;            // mm/s in a tick
  std::array<std::int32_t, 2> low_;  // where a body's middle can be, inclusive
  std::array<std::int32_t, 2> high_;
  std::vector<Obstacle> obstacles_;
};

}  // namespace netrig::sim
