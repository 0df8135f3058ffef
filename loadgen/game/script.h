// What a scenario's script has a player do: timed steps, whose meaning the game knows, and who plays them.
// Pure data and functions of it; a script is shared by all who play it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "netrig/core/base/ids.h"
#include "netrig/core/base/time.h"
#include "netrig/core/world/input.h"
#include "netrig/core/world/snapshot.h"
#include "netrig/loadgen/game/behaviour.h"

namespace netrig::loadgen {

constexpr std::size_t kScriptStepsMax = 10'000;  // of one script, repeated ones once; a node of the tree each
constexpr std::size_t kScriptDepthMax = 3;       // repeats inside repeats
constexpr std::uint32_t kScriptTimesMax = 1'000'000;

// One input of a step that is due.
struct ScriptMoment {
  const Snapshot& view;      // the newest state
  EntityId own;              // the player's entity in it
  const Input& before;       // the last input of the steps before this one; empty before the player's first
  std::uint64_t index = 0;   // of this input in the step, from 0
  std::uint64_t inputs = 1;  // that the step has
};

// A function of the moment alone, so that whoever plays it keeps nothing for it.
using ScriptAction = std::function<Input(const ScriptMoment&)>;

struct ScriptStep {
  ScriptAction action;             // empty: it sends nothing, or it repeats
  std::optional<Duration> length;  // absent: of one input. At least that of one input
  std::vector<ScriptStep> repeated{};
  std::optional<std::uint32_t> times{};  // of `repeated`; absent: for ever
};
using Script = std::vector<ScriptStep>;

// Plays a script from the first act() on. Its time is counted in inputs, so it stands still while its client
// has no session; afterwards the player sends nothing. Step boundaries do not drift: an input belongs to the
// step within whose time it falls.
class ScriptPlayer final : public Behaviour {
 public:
  ScriptPlayer(std::shared_ptr<const Script> script, std::uint32_t inputs_per_second);

  std::optional<Input> act(const Snapshot& view, EntityId own) override;

 private:
  // Where it is in one list of steps, which the script or a step of the level below owns.
  struct Level {
    const std::vector<ScriptStep>* steps;
    std::size_t next = 0;
    std::uint32_t rounds = 1;  // begun
    std::optional<std::uint32_t> times;
  };

  const ScriptStep* next_step();
  bool begin_step();

  std::shared_ptr<const Script> script_;
  std::int64_t inputs_per_second_;
  std::vector<Level> levels_;         // the outermost first; empty: it is over
  const ScriptStep* step_ = nullptr;  // the one under way
  std::uint64_t index_ = 0;           // of the input that is due, in it
  std::uint64_t inputs_ = 0;          // that it has
  std::int64_t fraction_ = 0;         // from the end of the step to the first input after it
  Input before_;                      // the last one of the steps before
  Input newest_;
};

}  // namespace netrig::loadgen
