#include "netrig/core/server/avatar_pool.h"

#include <algorithm>
#include <functional>

namespace netrig {

AvatarPool::AvatarPool(World& world, Avatars avatars, std::uint32_t players_max)
    : world_(world), avatars_(avatars) {
  if (avatars_ != Avatars::from_start) return;
  for (std::uint32_t i = 0; i < players_max; ++i) free_.push_back(world_.spawn(ClientId{}));
  std::sort(free_.begin(), free_.end(), std::greater<>{});
}

EntityId AvatarPool::take(ClientId client) {
  if (avatars_ == Avatars::none || avatars_ == Avatars::unseen) return EntityId{};
  if (avatars_ == Avatars::on_join) return world_.spawn(client);
  if (free_.empty()) return EntityId{};
  const EntityId entity = free_.back();
  free_.pop_back();
  return entity;
}

bool AvatarPool::give_back(EntityId entity) {
  if (avatars_ == Avatars::from_start) {
    free_.insert(std::lower_bound(free_.begin(), free_.end(), entity, std::greater<>{}), entity);
    return false;
  }
  world_.despawn(entity);
  return true;
}

}  // namespace netrig
