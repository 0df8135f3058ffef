#include "netrig/sim/world/ray.h"

#include <algorithm>
#include <cstdlib>

#include "netrig/core/base/assert.h"

namespace netrig::sim {
namespace {

// With d the direction and w the way to a point, a reach is w . d, the distance times |d|. Points that matter
// are within range and radius: |w| <= 1.1 x 10^5 x sqrt(2), so w . d and w x d are below 2.6 x 10^9 and their
// squares within 63 bits. Walls may be anywhere: 10^7 mm times |d| squared is 2.7 x 10^15.
constexpr std::int64_t kWayMax = 2 * (std::int64_t{kArenaRangeMmMax} + kArenaRadiusMmMax);
static_assert(kWayMax * (kDirectionLength + 1) < 3'700'000'000);
static_assert(std::int64_t{kArenaSideMmMax} * (kDirectionLength + 1) < INT64_MAX / (kDirectionLength + 1));

std::int64_t squared(std::int64_t value) {
  return value * value;
}

std::int64_t root(std::int64_t value) {
  return floor_sqrt(static_cast<std::uint64_t>(value));
}

}  // namespace

Ray::Ray(Vector origin, Angle aim, std::int32_t range_mm)
    : origin_(origin),
      direction_(direction(aim)),
      direction_squared_(squared(direction_.x) + squared(direction_.y)),
      range_mm_(range_mm),
      range_(root(squared(range_mm) * direction_squared_)) {
  NETRIG_ASSERT(0 <= range_mm && range_mm <= kArenaRangeMmMax);
}

std::optional<Ray::Reach> Ray::reach_circle(Vector middle, std::int32_t radius_mm) const {
  const std::int64_t x = std::int64_t{middle.x} - origin_.x;
  const std::int64_t y = std::int64_t{middle.y} - origin_.y;
  const std::int64_t far = std::int64_t{range_mm_} + radius_mm;
  if (std::abs(x) > far || std::abs(y) > far) return std::nullopt;
  if (x * x + y * y <= squared(radius_mm)) return 0;
  const std::int64_t along = x * direction_.x + y * direction_.y;
  const std::int64_t aside = x * direction_.y - y * direction_.x;
  const std::int64_t half_chord_squared = squared(radius_mm) * direction_squared_ - squared(aside);
  if (along < 0 || half_chord_squared < 0) return std::nullopt;
  const Reach reach = along - root(half_chord_squared);
  return reach <= range_ ? std::optional{reach} : std::nullopt;
}

std::optional<Ray::Reach> Ray::reach_wall(const Wall& wall) const {
  const std::int32_t min[] = {wall.min.x - origin_.x, wall.min.y - origin_.y};
  const std::int32_t max[] = {wall.max.x - origin_.x, wall.max.y - origin_.y};
  const std::int32_t way[] = {direction_.x, direction_.y};
  Reach enter = 0;
  Reach leave = range_;
  for (const int axis : {0, 1}) {
    if (way[axis] == 0) {
      if (min[axis] >= 0 || max[axis] <= 0) return std::nullopt;
      continue;
    }
    const std::int32_t near = way[axis] > 0 ? min[axis] : max[axis];
    const std::int32_t far = way[axis] > 0 ? max[axis] : min[axis];
    enter = std::max(enter, near * direction_squared_ / way[axis]);
    leave = std::min(leave, far * direction_squared_ / way[axis]);
  }
  return enter < leave ? std::optional{enter} : std::nullopt;
}

}  // namespace netrig::sim
