#include "netrig/core/server/server_observer.h"

namespace netrig {

std::string_view text(TickPhase phase) {
  switch (phase) {
    case TickPhase::receive:
      return "receive";
    case TickPhase::step:
      return "step";
    case TickPhase::capture:
      return "capture";
    case TickPhase::encode:
      return "encode";
    case TickPhase::send:
      return "send";
    case TickPhase::idle:
      return "idle";
  }
  return "unknown";
}

std::string_view text(InputFate fate) {
  switch (fate) {
    case InputFate::repeated:
      return "repeated";
    case InputFate::jumped:
      return "jumped";
    case InputFate::over_rate:
      return "over_rate";
    case InputFate::queue_overflow:
      return "queue_overflow";
    case InputFate::no_avatar:
      return "no_avatar";
    case InputFate::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace netrig
