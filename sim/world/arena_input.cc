#include "netrig/sim/world/arena_input.h"

#include <array>

#include "netrig/core/base/bytes.h"

namespace netrig::sim {
namespace {

constexpr std::uint8_t kFireButton = 1;

std::int32_t length_squared(std::int8_t x, std::int8_t y) {
  return x * x + y * y;
}

bool is_too_long(std::int8_t x, std::int8_t y) {
  return length_squared(x, y) > kMoveLengthMax * kMoveLengthMax;
}

// Divides by the length rounded up and towards zero, so that the result is never too long.
std::int8_t shortened(std::int8_t part, std::int32_t length) {
  return static_cast<std::int8_t>(part * kMoveLengthMax / length);
}

}  // namespace

Input ArenaInput::encode() const {
  std::int8_t x = move_x;
  std::int8_t y = move_y;
  if (is_too_long(x, y)) {
    const auto below = static_cast<std::uint64_t>(length_squared(x, y) - 1);
    const auto length = static_cast<std::int32_t>(floor_sqrt(below)) + 1;
    x = shortened(x, length);
    y = shortened(y, length);
  }
  std::array<std::uint8_t, kArenaInputBytes> bytes{static_cast<std::uint8_t>(x),
                                                   static_cast<std::uint8_t>(y)};
  store_little_endian(&bytes[2], aim);
  bytes[4] = fire ? kFireButton : 0;
  return Input{bytes};
}

std::optional<ArenaInput> ArenaInput::decode(const Input& input) {
  const Bytes bytes = input.bytes();
  if (bytes.size() != kArenaInputBytes || bytes[4] > kFireButton) return std::nullopt;
  const ArenaInput decoded{.move_x = static_cast<std::int8_t>(bytes[0]),
                           .move_y = static_cast<std::int8_t>(bytes[1]),
                           .aim = load_little_endian<std::uint16_t>(&bytes[2]),
                           .fire = bytes[4] == kFireButton};
  if (is_too_long(decoded.move_x, decoded.move_y)) return std::nullopt;
  return decoded;
}

ArenaInput move_along(Angle heading) {
  const Vector along = direction(heading);
  return {.move_x = static_cast<std::int8_t>(along.x * kMoveLengthMax / kDirectionLength),
          .move_y = static_cast<std::int8_t>(along.y * kMoveLengthMax / kDirectionLength),
          .aim = heading,
          .fire = false};
}

}  // namespace netrig::sim
