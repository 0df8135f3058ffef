#include "netrig/sim/world/aim.h"

#include <cstddef>
#include <cstdlib>
#include <span>

#include "netrig/sim/world/arena_config.h"

namespace netrig::sim {
namespace {

constexpr std::uint32_t kEighthTurn = 8192;
constexpr std::uint32_t kQuarterTurn = 16384;
constexpr std::uint32_t kHalfTurn = 32768;

// Positive while `angle` points below the line to (along, across).
std::int64_t short_of(std::uint32_t angle, std::int64_t along, std::int64_t across) {
  const Vector pointed = direction(static_cast<Angle>(angle));
  return pointed.x * across - pointed.y * along;
}

// For 0 <= across <= along: the angle within an eighth of a turn, by halving.
std::uint32_t first_octant(std::int64_t along, std::int64_t across) {
  std::uint32_t low = 0;  // never beyond the line
  std::uint32_t high = kEighthTurn;
  while (low < high) {
    const std::uint32_t middle = (low + high + 1) / 2;
    if (short_of(middle, along, across) >= 0)
      low = middle;
    else
      high = middle - 1;
  }
  if (low == kEighthTurn) return low;
  return short_of(low, along, across) <= -short_of(low + 1, along, across) ? low : low + 1;
}

std::uint64_t distance_squared(std::span<const std::int32_t> from, std::span<const std::int32_t> to) {
  const std::int64_t dx = std::int64_t{to[column::x]} - from[column::x];
  const std::int64_t dy = std::int64_t{to[column::y]} - from[column::y];
  return static_cast<std::uint64_t>(dx * dx + dy * dy);
}

}  // namespace

Angle aim_at(std::int32_t dx, std::int32_t dy) {
  if (dx == 0 && dy == 0) return 0;
  const std::int64_t across = std::abs(std::int64_t{dx});
  const std::int64_t up = std::abs(std::int64_t{dy});
  std::uint32_t angle = up <= across ? first_octant(across, up) : kQuarterTurn - first_octant(up, across);
  if (dx < 0) angle = kHalfTurn - angle;
  if (dy < 0) angle = 0 - angle;
  return static_cast<Angle>(angle);
}

std::optional<Angle> aim_at_nearest(const Snapshot& snapshot, EntityId self) {
  const std::size_t own = snapshot.find(self);
  if (own == snapshot.size()) return std::nullopt;
  const auto from = snapshot.row(own);
  std::size_t nearest = own;
  for (std::size_t i = 0; i < snapshot.size(); ++i) {
    if (i == own || !is_target(snapshot.row(i))) continue;
    if (nearest == own ||
        distance_squared(from, snapshot.row(i)) < distance_squared(from, snapshot.row(nearest)))
      nearest = i;
  }
  if (nearest == own) return std::nullopt;
  const auto to = snapshot.row(nearest);
  return aim_at(to[column::x] - from[column::x], to[column::y] - from[column::y]);
}

}  // namespace netrig::sim
