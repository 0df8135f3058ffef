#include "netrig/sim/world/arena_v1.h"

#include <array>
#include <cstdint>

#include "netrig/sim/world/aim.h"
#include "netrig/sim/world/arena_input.h"

namespace netrig::sim {
namespace {

constexpr std::string_view kMove = "move";
constexpr std::string_view kAttack = "attack";
constexpr std::size_t kMoveBytes = 2;
constexpr std::size_t kAttackBytes = 8;

}  // namespace

V1Command ArenaV1Inputs::command_of(const Input& input) const {
  const std::optional<ArenaInput> decoded = ArenaInput::decode(input);
  if (!decoded) return V1Inputs::command_of(input);
  if (decoded->fire) return {kAttack, Input{std::array<std::uint8_t, kAttackBytes>{}}};
  return {kMove, Input{std::array{static_cast<std::uint8_t>(decoded->move_x),
                                  static_cast<std::uint8_t>(decoded->move_y)}}};
}

std::optional<Input> ArenaV1Inputs::input_of(std::string_view type, Bytes data, const Input& before) const {
  ArenaInput input = ArenaInput::decode(before).value_or(ArenaInput{});
  input.fire = type == kAttack;
  if (type == kAttack) return data.size() == kAttackBytes ? std::optional{input.encode()} : std::nullopt;
  if (type != kMove || data.size() != kMoveBytes) return std::nullopt;
  input.move_x = static_cast<std::int8_t>(data[0]);
  input.move_y = static_cast<std::int8_t>(data[1]);
  if (input.move_x != 0 || input.move_y != 0) input.aim = aim_at(input.move_x, input.move_y);
  return input.encode();
}

}  // namespace netrig::sim
