#include "netrig/sim/network/link_id.h"

namespace netrig::sim {

std::string_view text(Direction direction) {
  return direction == Direction::up ? "up" : "down";
}

std::string_view text(DropCause cause) {
  return cause == DropCause::loss ? "loss" : "queue_full";
}

}  // namespace netrig::sim
