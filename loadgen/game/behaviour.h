// What a virtual client does: one input per planned input time, and application messages, from what it sees.
// Seeded; holds no clock.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/core/base/ids.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/world/input.h"
#include "netrig/core/world/snapshot.h"

namespace netrig::loadgen {

// The way to the server for a game's own messages.
class ServerMessages {
 public:
  virtual ~ServerMessages() = default;
  virtual SendStatus send(const AppMessage& message) = 0;               // reliable, in order
  virtual SendStatus send_latest(std::uint16_t kind, Bytes bytes) = 0;  // only the newest of a kind
};

class Behaviour {
 public:
  virtual ~Behaviour() = default;
  // The input that is due. `view`: the newest state, of tick 0 before the first; `own`: the client's entity
  // in it, 0 for a spectator. Nothing: sends none this time.
  virtual std::optional<Input> act(const Snapshot& view, EntityId own) = 0;
  // Before each act(): which of the client's input times it is. They are counted on its own clock from its
  // first join on, from 1, whether it had a session or not.
  virtual void on_input_time(std::uint64_t /*number*/) {}
  // After each act(): what it has to say besides.
  virtual void talk(const Snapshot& /*view*/, EntityId /*own*/, ServerMessages& /*server*/) {}
  // A message of the server's, on either channel; its bytes are valid during the call.
  virtual void hear(const AppMessage& /*message*/) {}
};

}  // namespace netrig::loadgen
