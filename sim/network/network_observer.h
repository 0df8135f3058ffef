// What the simulated network reports, for those who count, trace or print it. `bytes` are wire bytes: payload
// plus what the header model adds.
#pragma once

#include <cstddef>
#include <cstdint>

#include "netrig/core/base/time.h"
#include "netrig/sim/network/link_id.h"

namespace netrig::sim {

// Every method does nothing unless it is overridden. Called in the order of simulated time, never
// concurrently.
class NetworkObserver {
 public:
  virtual ~NetworkObserver() = default;
  // One write or datagram was accepted. `digest` covers its bytes; it was computed when they were encoded.
  virtual void on_sent(LinkId, std::size_t /*bytes*/, std::uint64_t /*digest*/, Instant /*now*/) {}
  virtual void on_delivered(LinkId, std::size_t /*bytes*/, Instant /*sent_at*/, Instant /*now*/) {}
  virtual void on_dropped(LinkId, DropCause, std::size_t /*bytes*/, Instant /*now*/) {}
  // A datagram arrives with bits flipped; on_delivered of the same one follows.
  virtual void on_corrupted(LinkId, std::size_t /*bytes*/, Instant /*now*/) {}
  virtual void on_duplicated(LinkId, std::size_t /*bytes*/, Instant /*now*/) {}
  virtual void on_reordered(LinkId, std::size_t /*bytes*/, Instant /*now*/) {}
  virtual void on_retransmitted(LinkId, std::size_t /*bytes*/, Instant /*now*/) {}
  // The connection is gone, and nobody will hear of what it still had under way.
  virtual void on_abandoned(LinkId, std::size_t /*packets*/, Instant /*now*/) {}
};

}  // namespace netrig::sim
