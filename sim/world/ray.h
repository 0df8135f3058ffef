// A hitscan shot: a straight line of a given range against circles and walls, in exact integers.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/sim/world/arena_config.h"
#include "netrig/sim/world/fixed_point.h"

namespace netrig::sim {

class Ray {
 public:
  Ray(Vector origin, Angle aim, std::int32_t range_mm);

  // How far along the ray it enters a shape, or nothing when it does not within its range. Only for comparing
  // reaches of one ray: the unit is 1/kDirectionLength mm, about. 0 when it begins inside.
  using Reach = std::int64_t;
  // Touching the circle counts: a middle that is exactly `radius_mm` from the line, or as far beyond its end.
  std::optional<Reach> reach_circle(Vector middle, std::int32_t radius_mm) const;
  // Running along an edge or over a corner does not count.
  std::optional<Reach> reach_wall(const Wall& wall) const;

 private:
  Vector origin_;
  Vector direction_;
  std::int64_t direction_squared_;
  std::int32_t range_mm_;
  Reach range_;
};

}  // namespace netrig::sim
