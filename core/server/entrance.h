// Between an open stream connection and a seated peer, in either dialect. Drivers own the connections.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "netrig/core/base/address.h"
#include "netrig/core/base/ids.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/base/time.h"

namespace netrig {

using PendingId = Id<struct PendingTag, std::uint32_t>;  // a connection that is not a peer yet

class Entrance {
 public:
  struct Outcome {
    enum class Kind : std::uint8_t {
      waiting,  // more bytes are needed; send `reply` if there is one
      seated,   // it is `peer` from now on: its bytes go to the server
      refused,  // send `reply`, then close
    };
    Kind kind = Kind::waiting;
    PeerId peer;
    OutgoingMessage reply;
    PendingId pending{};  // of enter(), when it waits: its name from now on
  };

  virtual ~Entrance() = default;
  virtual Outcome enter(const Address& from, Instant now) = 0;  // a connection opened
  // Bytes of a connection that waits.
  virtual Outcome receive(PendingId pending, Bytes bytes, Instant now) = 0;
  virtual void close(PendingId pending) = 0;
  virtual std::optional<Instant> next_deadline() const = 0;
  // The last word for one connection that has kept silent for too long; call until there is none.
  virtual std::optional<std::pair<PendingId, OutgoingMessage>> expire(Instant now) = 0;
};

}  // namespace netrig
