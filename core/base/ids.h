// Identifiers as distinct types, so that a peer cannot be passed where a client is meant.
#pragma once

#include <compare>
#include <cstdint>

namespace netrig {

template <class Tag, class Rep>
struct Id {
  Rep value{};

  constexpr Id() = default;
  constexpr explicit Id(Rep raw) : value(raw) {}
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

using PeerId = Id<struct PeerTag, std::uint32_t>;  // one connection, as the server numbers it; never reused
using ClientId = Id<struct ClientTag, std::uint64_t>;  // one player, assigned by the server; 0 is nobody
using EntityId = Id<struct EntityTag, std::uint64_t>;  // one entity of the world; 0 is none

// A step of the world. 32 bits on the wire: 2.2 years at 60 Hz, so a run never wraps it.
using Tick = Id<struct TickTag, std::uint32_t>;
constexpr Tick next(Tick tick) {
  return Tick{tick.value + 1};
}

// Numbers a client's inputs from 1 in one session. 0: none yet.
using InputSequence = Id<struct InputSequenceTag, std::uint32_t>;

}  // namespace netrig
