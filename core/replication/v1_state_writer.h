// The original protocol's way of telling a state: each entity as a framed StateUpdate of its own, numbered
// through over all of them. Written once per tick into bytes that all clients share.
#pragma once

#include <cstdint>
#include <vector>

#include "netrig/core/protocol/packet_breakdown.h"
#include "netrig/core/replication/full_state.h"
#include "netrig/core/world/snapshot.h"

namespace netrig {

class V1StateWriter {
 public:
  explicit V1StateWriter(const Schema& schema) : layout_(schema) {}

  std::size_t framed_bytes() const { return kFrameHeaderBytes + layout_.update().size(); }  // of one entity

  // Appends the state. Its updates are numbered from `first_sequence` on, modulo 2^32.
  void write(const Snapshot& state, std::uint64_t timestamp, std::uint32_t first_sequence,
             std::vector<std::uint8_t>& out, PacketBreakdown& breakdown) const;

 private:
  FullStateLayout layout_;
};

}  // namespace netrig
