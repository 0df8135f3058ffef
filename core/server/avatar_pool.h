// The entities of a server's players: made before anybody comes, or with each who comes.
#pragma once

#include <cstdint>
#include <vector>

#include "netrig/core/base/ids.h"
#include "netrig/core/server/config.h"
#include "netrig/core/world/world.h"

namespace netrig {

class AvatarPool {
 public:
  // The world outlives it.
  AvatarPool(World& world, Avatars avatars, std::uint32_t players_max);

  EntityId take(ClientId client);  // 0: it watches
  // True: the entity is gone from the world. False: it waits for the next player.
  bool give_back(EntityId entity);

 private:
  World& world_;
  Avatars avatars_;
  std::vector<EntityId> free_;  // from_start: not taken, the lowest id last
};

}  // namespace netrig
