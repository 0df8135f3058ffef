// Integer geometry: roots and directions without libm, whose results differ between machines.
#pragma once

#include <cstdint>

namespace netrig::sim {

// 65,536 to the full turn; 0 is along +x, 16,384 along +y.
using Angle = std::uint16_t;

struct Vector {
  std::int32_t x = 0;
  std::int32_t y = 0;

  friend bool operator==(const Vector&, const Vector&) = default;
};

constexpr std::int32_t kDirectionLength = 16384;

// The direction of an angle, kDirectionLength long within one unit; exact along the axes.
Vector direction(Angle angle);

std::uint32_t floor_sqrt(std::uint64_t value);

}  // namespace netrig::sim
