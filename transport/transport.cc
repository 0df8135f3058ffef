#include "netrig/transport/transport.h"

namespace netrig::transport {

std::string_view text(CloseReason reason) {
  switch (reason) {
    case CloseReason::local:
      return "closed by this side";
    case CloseReason::remote:
      return "closed by the other side";
    case CloseReason::refused:
      return "connection refused";
    case CloseReason::unreachable:
      return "network unreachable";
    case CloseReason::overflow:
      return "receive queue overflowed";
    case CloseReason::layer_failed:
      return "TLS or WebSocket failed";
  }
  return "unknown";
}

std::string_view text(TransportError error) {
  switch (error) {
    case TransportError::address_in_use:
      return "address in use";
    case TransportError::address_invalid:
      return "address invalid";
    case TransportError::not_supported:
      return "not supported";
    case TransportError::out_of_connections:
      return "out of connections";
  }
  return "unknown";
}

}  // namespace netrig::transport
