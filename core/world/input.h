// What a player does in one tick. Core carries it; only the game reads it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "netrig/core/base/assert.h"
#include "netrig/core/base/bytes.h"
#include "netrig/core/base/ids.h"
#include "netrig/core/base/time.h"

namespace netrig {

constexpr std::size_t kInputBytesMax =
    48;  // a stick, an aim, buttons and a target fit in 16; room for a user's game

// The game's own encoding of one input, held inline: queues of inputs allocate nothing.
class Input {
 public:
  Input() = default;
  explicit Input(Bytes bytes) : size_(static_cast<std::uint8_t>(bytes.size())) {
    NETRIG_ASSERT(bytes.size() <= kInputBytesMax);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes_[i] = bytes[i];
  }
  Bytes bytes() const { return Bytes{bytes_}.first(size_); }

 private:
  std::array<std::uint8_t, kInputBytesMax> bytes_{};
  std::uint8_t size_ = 0;
};

// An input as the world gets it. `client` comes from the session, never from the payload. `view_time` is when
// the state that the player was looking at was sent, as the server recorded it: the time to rewind to for a
// shot.
struct PlayerInput {
  ClientId client;
  EntityId entity;
  Input input;
  Instant view_time;
};

}  // namespace netrig
