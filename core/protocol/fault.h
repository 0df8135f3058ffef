// What can be wrong with a peer's traffic beyond a packet's bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netrig {

enum class PeerFault : std::uint8_t {
  undecodable,           // a packet that does not decode: dropped whole, the session goes on
  out_of_step,           // a frame longer than allowed: the stream has lost its step, the peer is sent away
  false_ack,             // acks or answers what was never sent: the peer is sent away
  unexpected,            // a message that has no place in this state, or a state that contradicts itself
  too_many_bad_packets,  // the peer is sent away
};
constexpr std::size_t kPeerFaults = 5;
std::string_view text(PeerFault fault);

}  // namespace netrig
