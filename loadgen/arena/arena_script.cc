// What the steps of a script mean in the arena.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "netrig/loadgen/arena/arena_game.h"
#include "netrig/loadgen/scenario/scenario_fields.h"
#include "netrig/sim/world/aim.h"
#include "netrig/sim/world/arena_input.h"

namespace netrig::loadgen {
namespace {

constexpr std::int64_t kFullTurn = 65'536;  // sim::Angle
constexpr std::uint32_t kFullTurnMdeg = 360'000;
constexpr std::uint32_t kTurnMdegMax = 10 * kFullTurnMdeg;

enum class Aim : std::uint8_t { ahead, nearest };
struct NamedAim {
  std::string_view name;
  Aim value;
};
constexpr std::array<NamedAim, 2> kAimNames{{{"ahead", Aim::ahead}, {"nearest", Aim::nearest}}};

struct ArenaStep {
  std::optional<sim::Angle> heading;  // absent: where it looked last
  std::int64_t turn = 0;              // from there over the whole step, to the left; in parts of kFullTurn
  std::uint32_t speed_ppm = 0;
  Aim aim = Aim::ahead;
  bool shoot = false;
};

// To the nearest of 65,536.
std::int64_t angle_of(std::uint32_t mdeg) {
  return (std::int64_t{mdeg} * kFullTurn + kFullTurnMdeg / 2) / kFullTurnMdeg;
}

sim::Angle last_aim(const Input& before) {
  const std::optional<sim::ArenaInput> input = sim::ArenaInput::decode(before);
  return input ? input->aim : sim::Angle{};
}

Input act(const ArenaStep& step, const ScriptMoment& moment) {
  const auto turned =
      step.turn * static_cast<std::int64_t>(moment.index + 1) / static_cast<std::int64_t>(moment.inputs);
  const auto heading = static_cast<sim::Angle>(step.heading.value_or(last_aim(moment.before)) + turned);
  sim::ArenaInput input = sim::move_along(heading);
  const auto at_speed = [&](std::int8_t full) {
    return static_cast<std::int8_t>(std::int64_t{full} * step.speed_ppm / kPartsPerMillion);
  };
  input.move_x = at_speed(input.move_x);
  input.move_y = at_speed(input.move_y);
  if (step.aim == Aim::nearest) input.aim = sim::aim_at_nearest(moment.view, moment.own).value_or(heading);
  input.fire = step.shoot;
  return input.encode();
}

bool read_heading(MapReader& reader, ArenaStep& step) {
  std::uint32_t mdeg = 0;
  bool any = reader.read_angle_mdeg("heading", mdeg, {0, kFullTurnMdeg},
                                    "Looks there: 0deg along x, 90deg along y.");
  if (any) step.heading = static_cast<sim::Angle>(angle_of(mdeg));
  const bool left = reader.read_angle_mdeg("turn_left", mdeg, {0, kTurnMdegMax}, "Evenly over the step.");
  if (left) step.turn = angle_of(mdeg);
  const bool right = reader.read_angle_mdeg("turn_right", mdeg, {0, kTurnMdegMax}, "Evenly over the step.");
  if (right) step.turn = -angle_of(mdeg);
  if (left && right) reader.error("turn_right", "it turns left already");
  return any || left || right;
}

bool read_move(MapReader& reader, ArenaStep& step) {
  bool walk = false;
  bool stop = false;
  std::uint32_t speed_ppm = kPartsPerMillion;
  const bool says_walk = reader.read_bool("walk", walk, "Walks where it looks.");
  const bool says_speed =
      reader.read_percentage_ppm("speed", speed_ppm, "Of walking; full speed without it.");
  const bool says_stop = reader.read_bool("stop", stop, "Stands still, and says so.");
  if (walk && stop) reader.error("stop", "it walks; a step does one or the other");
  if (says_speed && !walk) reader.error("speed", "of what? It goes with `walk: true`");
  if (walk) step.speed_ppm = speed_ppm;
  return says_walk || says_stop;
}

}  // namespace

ScriptAction decode_arena_step(MapReader& reader) {
  ArenaStep step;
  const bool turns = read_heading(reader, step);
  const bool moves = read_move(reader, step);
  const bool aims =
      reader.read_choice("aim", step.aim, kAimNames,
                         "ahead: where it looks, which is what it does without this. nearest: at "
                         "the nearest other entity.");
  const bool shoots = reader.read_bool("shoot", step.shoot, "As fast as the world lets it.");
  if (!turns && !moves && !aims && !shoots) return {};
  return [step](const ScriptMoment& moment) { return act(step, moment); };
}

}  // namespace netrig::loadgen
