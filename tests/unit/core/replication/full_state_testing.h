// States of two schemas with drawn values, and the messages that carry them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/protocol/packet_breakdown.h"
#include "netrig/core/world/schema.h"
#include "netrig/core/world/snapshot.h"

namespace netrig::testing {

using Buffer = std::vector<std::uint8_t>;

// Position, velocity and health as six f64, as the original's components have them.
Schema arena_like_schema();

// Ascending ids, and values anywhere in the schema's ranges.
Snapshot state_of(const Schema& schema, std::uint32_t tick, std::size_t entities, Random random = Random{1});

struct Written {
  Buffer frames;
  PacketBreakdown breakdown;
};
Written write(const Schema& schema, const Snapshot& state, std::uint64_t time_ns = 0);

// The bodies of all state_updates in these frames.
std::vector<Buffer> updates_in(const Buffer& frames);

StateHeader header_of(const Snapshot& state);

}  // namespace netrig::testing
