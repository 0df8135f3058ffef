// The game, as the server and the clients see it.
#pragma once

#include <cstdint>
#include <span>

#include "netrig/core/base/ids.h"
#include "netrig/core/base/time.h"
#include "netrig/core/world/input.h"
#include "netrig/core/world/schema.h"
#include "netrig/core/world/snapshot.h"

namespace netrig {

// The world as a player saw it. Until lag compensation exists, it answers with the present whatever the time.
class RewindView {
 public:
  virtual ~RewindView() = default;
  // The newest state at or before `view_time`, as far back as the policy allows. Valid during World::step.
  virtual const Snapshot& at(Instant view_time) const = 0;
};

// Facts a step brings about, for those who count or show them. `kind` is the game's own number.
class WorldEvents {
 public:
  virtual ~WorldEvents() = default;
  virtual void on_event(std::uint16_t kind, EntityId subject, EntityId object) = 0;
};

// The authoritative simulation. Deterministic: the same calls give the same digest on every machine. State is
// integers only; nothing in it reads a clock or draws from anything but the Random it was made with.
class World {
 public:
  virtual ~World() = default;
  virtual const Schema& schema() const = 0;
  // A new entity steered by `client`, or by nobody when that is 0. Ids are never reused; they start at 1.
  virtual EntityId spawn(ClientId client) = 0;
  virtual void despawn(EntityId entity) = 0;  // no effect on an unknown entity
  // Advances to `tick`. Inputs are sorted by entity, an entity's own in the order they were sent. Malformed
  // inputs are ignored.
  virtual void step(Tick tick, std::span<const PlayerInput> inputs, const RewindView& rewind,
                    WorldEvents& events) = 0;
  // Appends every entity to `out`, which was reset to this tick by the caller, in ascending order of id.
  virtual void capture(Snapshot& out) const = 0;
  virtual std::uint64_t digest() const = 0;  // of the whole state, replicated or not
};

// How one entity moves under one input. Pure: the server's world, client-side prediction and the delta
// predictor use the same one. `entity` is one row of a snapshot.
class Motion {
 public:
  virtual ~Motion() = default;
  virtual void step(std::span<std::int32_t> entity, const Input& input) const = 0;
};

}  // namespace netrig
