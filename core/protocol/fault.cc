#include "netrig/core/protocol/fault.h"

namespace netrig {

std::string_view text(PeerFault fault) {
  switch (fault) {
    case PeerFault::undecodable:
      return "undecodable";
    case PeerFault::out_of_step:
      return "out_of_step";
    case PeerFault::false_ack:
      return "false_ack";
    case PeerFault::unexpected:
      return "unexpected";
    case PeerFault::too_many_bad_packets:
      return "too_many_bad_packets";
    case PeerFault::forged:
      return "forged";
  }
  return "unknown";
}

}  // namespace netrig
