// Names of the simulated network that everybody shares: which link, which way, and why a packet went no
// further.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netrig::sim {

enum class Direction : std::uint8_t {
  up,    // client to server
  down,  // server to client
};

// One direction of one client's link.
struct LinkId {
  std::uint32_t client = 0;
  Direction direction = Direction::up;

  friend auto operator<=>(const LinkId&, const LinkId&) = default;
};

enum class DropCause : std::uint8_t {
  loss,        // the network lost it
  queue_full,  // the queue before the rate limiter had no room for it
  codel,       // CoDel dropped it from that queue
  outage,      // nothing passed at that time
  partition,   // the same, for a group of clients
  corrupted,   // a segment of a stream, of which TCP's checksum did not hold
  redundant,   // a segment of a stream that its receiver had already: it was sent again for nothing
};
constexpr std::size_t kDropCauses = 7;

std::string_view text(Direction direction);
std::string_view text(DropCause cause);

}  // namespace netrig::sim
