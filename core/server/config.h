// What a server is told before it starts. Plain values; the derived windows are in core/protocol/limits.h.
#pragma once

#include <cstdint>

#include "netrig/core/base/time.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {

// When a player's entity exists.
enum class Avatars : std::uint8_t {
  from_start,  // `players_max` of them, from the first tick on; a joining player takes over a free one
  on_join,     // spawned when a player joins, despawned when it leaves
  none,        // players watch
  unseen,      // players have none, but may send inputs: those are acked, and the world does not hear them
};

enum class Replication : std::uint8_t {
  full,  // every entity, every tick, as a v1 StateUpdate
};

constexpr Duration kResumeGraceMax = std::chrono::hours{1};

struct ServerConfig {
  Horizon horizon;
  std::uint32_t players_max = 32;
  Avatars avatars = Avatars::on_join;
  Replication replication = Replication::full;
  // How long a player whose connection broke keeps its seat, its entity and what was not acked. 0: not at
  // all.
  Duration resume_grace = 30s;
};

}  // namespace netrig
