// A server of either dialect, as those see it who bind it to connections and say when it runs. The shape is
// that of core/base/endpoint.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "netrig/core/base/ids.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/base/time.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/server/world_ticks.h"
#include "netrig/core/world/snapshot.h"

namespace netrig {

class GameServer {
 public:
  static constexpr std::uint32_t kCatchUpTicksMax = WorldTicks::kCatchUpTicksMax;

  virtual ~GameServer() = default;

  // The connection is gone. No effect on an unknown peer.
  virtual void remove_peer(PeerId peer, DisconnectReason reason, Instant now) = 0;
  // Any bytes are safe, from any peer, in any order; those of an unknown peer are ignored.
  virtual void receive(PeerId peer, Bytes bytes, Instant now) = 0;
  virtual void advance(Instant now) = 0;  // runs the ticks that are due, as WorldTicks says
  virtual std::optional<Instant> next_deadline() const = 0;
  virtual void flush(PacketSink& sink) = 0;
  virtual void stop(Instant now) = 0;  // refuses newcomers and sends everybody away; the world ticks on

  virtual Tick tick() const = 0;
  virtual const Snapshot& state() const = 0;  // of tick()
  virtual std::size_t connected() const = 0;  // players with a connection
  // What this peer was sent as the state of that tick. Nothing when that cannot be told, or not any more.
  virtual std::optional<std::uint64_t> view_digest(PeerId peer, Tick tick) const = 0;
};

}  // namespace netrig
