// What a virtual client does: one input per planned input time, from what it sees. Seeded; holds no clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "netrig/core/base/ids.h"
#include "netrig/core/base/random.h"
#include "netrig/core/world/input.h"
#include "netrig/core/world/snapshot.h"

namespace netrig::loadgen {

enum class BehaviourKind : std::uint8_t {
  idle,    // connected, sends no input
  wander,  // walks, turns about once a second
  fight,   // wanders, aims at the nearest other entity, shoots twice a second
};
std::string_view text(BehaviourKind kind);

class Behaviour {
 public:
  virtual ~Behaviour() = default;
  // The input that is due. `view`: the newest state, of tick 0 before the first; `own`: the client's entity
  // in it, 0 for a spectator. Nothing: sends none this time.
  virtual std::optional<Input> act(const Snapshot& view, EntityId own) = 0;
};

// `inputs_per_second`: how often act() will be called.
std::unique_ptr<Behaviour> make_behaviour(BehaviourKind kind, std::uint32_t inputs_per_second, Random random);

}  // namespace netrig::loadgen
