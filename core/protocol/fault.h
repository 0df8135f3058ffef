// What can be wrong with a peer's traffic beyond a packet's bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netrig {

enum class PeerFault : std::uint8_t {
  undecodable,  // a packet that does not decode: dropped whole, the session goes on
  out_of_step,  // a frame longer than allowed or never whole, or reliable messages that have lost their step:
                // the peer is sent away
  false_ack,    // acks or answers what was never sent: the peer is sent away
  unexpected,   // a message that has no place in this state, or a state that contradicts itself
  too_many_bad_packets,  // the peer is sent away
  forged,                // a datagram that was damaged or is somebody else's: dropped, the peer is innocent
};
constexpr std::size_t kPeerFaults = 6;
std::string_view text(PeerFault fault);

}  // namespace netrig
