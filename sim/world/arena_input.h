// What an arena's player does in one tick: five bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "netrig/core/world/input.h"
#include "netrig/sim/world/fixed_point.h"

namespace netrig::sim {

// move_x i8 | move_y i8 | aim u16 | buttons u8 (bit 0: fire; the others are 0), little-endian.
constexpr std::size_t kArenaInputBytes = 5;
constexpr std::int32_t kMoveLengthMax = 127;  // full speed

struct ArenaInput {
  std::int8_t move_x = 0;
  std::int8_t move_y = 0;
  Angle aim = 0;
  bool fire = false;

  // A move that is too long, such as a full diagonal, is shortened to kMoveLengthMax first.
  Input encode() const;
  // Nothing unless encode() could have made it: another length, a move that is too long, an unknown button.
  static std::optional<ArenaInput> decode(const Input& input);

  friend bool operator==(const ArenaInput&, const ArenaInput&) = default;
};

// Full speed along `heading`, aimed there.
ArenaInput move_along(Angle heading);

}  // namespace netrig::sim
