// The built-in game: bodies with health on a walled map, who move, shoot, die, come back and pick up health.
// Everything is an integer, and everything random comes from the Random it is made with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/core/world/world.h"
#include "netrig/sim/world/arena_config.h"
#include "netrig/sim/world/movement.h"
#include "netrig/sim/world/ray.h"

namespace netrig::sim {

// The kinds of WorldEvents::on_event.
enum class ArenaEvent : std::uint16_t {
  hit = 1,      // subject shot object, which lost health
  kill = 2,     // subject shot object dead; follows its hit
  respawn = 3,  // subject, a body or a pickup, is back in its place; no object
  pickup = 4,   // subject took object, a pickup
};

// One tick: players' inputs and NPCs' wandering move everybody, and shots are aimed from where the shooter
// stood before; then all shots strike at once, so two may kill each other; then the dead whose time has come
// respawn where they died; then the wounded take the pickups they touch.
//
// Of several inputs for one tick the last steers, because a body makes one move a tick whatever arrives; each
// may fire, as far as the cooldown lets it. step() and capture() allocate nothing once the world has its
// size.
class Arena final : public World {
 public:
  Arena(ArenaConfig config, Random random);  // asserts that the config has no problem

  const Schema& schema() const override { return schema_; }
  // Who steers an entity is the server's business: inputs name the entity, and the client is not part of the
  // state. Spawned on a free spot, drawn from the Random and the id, where nobody stands unless it is
  // crowded.
  EntityId spawn(ClientId client) override;
  void despawn(EntityId entity) override;
  void step(Tick tick, std::span<const PlayerInput> inputs, const RewindView& rewind,
            WorldEvents& events) override;
  void capture(Snapshot& out) const override;
  std::uint64_t digest() const override;

 private:
  enum class Kind : std::uint32_t { pickup, npc, avatar };

  // No padding: digested as it lies in memory.
  struct Entity {
    EntityId id;
    std::array<std::int32_t, column::count> row;
    std::uint32_t ready_at;    // the tick of the next shot, at the earliest
    std::uint32_t respawn_at;  // of the dead, and of a pickup that was taken
    std::uint32_t heading;     // of an NPC: an Angle
    Kind kind;
  };

  struct Hit {
    EntityId shooter;
    EntityId target;
  };

  Entity& add(Kind kind);
  Vector draw_spot(EntityId id) const;
  bool is_taken(Vector spot) const;
  Entity* find(EntityId id);

  ArenaInput obey(Entity& entity, std::span<const PlayerInput> inputs, const RewindView& rewind);
  void shoot(Entity& shooter, Angle aim, const Snapshot& seen);
  EntityId first_struck(const Entity& shooter, const Ray& ray, const Snapshot& seen);
  Ray::Reach reach_of_walls(const Ray& ray) const;
  ArenaInput wander(Entity& npc) const;
  void strike(WorldEvents& events);
  void respawn(WorldEvents& events);
  void take_pickups(WorldEvents& events);

  const ArenaConfig config_;
  const Random random_;  // never advanced: each use forks
  const Schema schema_;
  const ArenaMotion motion_;
  const std::vector<Wall> walls_;
  const std::vector<Vector> spots_;

  std::vector<Entity> entities_;  // by id; pickups first, because they were made first
  std::vector<Hit> hits_;         // of the step under way
  std::uint32_t tick_ = 0;
  std::uint64_t last_id_ = 0;
};

}  // namespace netrig::sim
