#include "netrig/sim/network/link_id.h"

namespace netrig::sim {

std::string_view text(Direction direction) {
  return direction == Direction::up ? "up" : "down";
}

std::string_view text(DropCause cause) {
  switch (cause) {
    case DropCause::loss:
      return "loss";
    case DropCause::queue_full:
      return "queue_full";
    case DropCause::codel:
      return "codel";
    case DropCause::outage:
      return "outage";
    case DropCause::partition:
      return "partition";
    case DropCause::corrupted:
      return "corrupted";
    case DropCause::redundant:
      break;
  }
  return "redundant";
}

}  // namespace netrig::sim
