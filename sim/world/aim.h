// Aiming, for bots and tests: which angle points from here to there.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/core/base/ids.h"
#include "netrig/core/world/snapshot.h"
#include "netrig/sim/world/fixed_point.h"

namespace netrig::sim {

// The angle whose direction() is nearest to (dx, dy); 0 for (0, 0).
Angle aim_at(std::int32_t dx, std::int32_t dy);

// From `self` to the nearest living target of an arena's snapshot; among equals the lowest id. Nothing when
// there is no other, or `self` is not there.
std::optional<Angle> aim_at_nearest(const Snapshot& snapshot, EntityId self);

}  // namespace netrig::sim
