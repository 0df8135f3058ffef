#include "netrig/sim/network/header_model.h"

namespace netrig::sim {
namespace {

constexpr std::size_t ceil_div(std::size_t value, std::size_t by) {
  return (value + by - 1) / by;
}

// RFC 6455, 5.2: the length in 7 bits, or 16, or 64.
constexpr std::size_t websocket_bytes(Direction direction, std::size_t payload_bytes) {
  const std::size_t header = payload_bytes < 126 ? 2 : payload_bytes < 65'536 ? 4 : 10;
  return header + (direction == Direction::up ? kWebSocketMaskBytes : 0);
}

constexpr std::size_t tls_bytes(std::size_t plaintext_bytes) {
  return kTlsRecordBytes * ceil_div(plaintext_bytes, kTlsPlaintextMax);
}

}  // namespace

std::string_view text(TransportKind kind) {
  switch (kind) {
    case TransportKind::memory:
      return "memory";
    case TransportKind::tcp:
      return "tcp";
    case TransportKind::tls:
      return "tls";
    case TransportKind::ws:
      return "ws";
    case TransportKind::wss:
      return "wss";
    case TransportKind::udp:
      return "udp";
  }
  return "unknown";
}

std::size_t framing_bytes(TransportKind kind, Direction direction, std::size_t payload_bytes) {
  if (kind == TransportKind::tls) return tls_bytes(payload_bytes);
  if (kind != TransportKind::ws && kind != TransportKind::wss) return 0;
  const std::size_t websocket = websocket_bytes(direction, payload_bytes);
  return kind == TransportKind::ws ? websocket : websocket + tls_bytes(payload_bytes + websocket);
}

std::size_t packets(TransportKind kind, Direction direction, std::size_t payload_bytes) {
  if (kind == TransportKind::udp) return 1;
  return ceil_div(payload_bytes + framing_bytes(kind, direction, payload_bytes), kSegmentBytesMax);
}

std::size_t packets_on_wire(TransportKind kind, std::size_t wire_bytes) {
  if (kind == TransportKind::udp) return 1;
  const std::size_t full = kSegmentBytesMax + packet_header_bytes(kind);
  return (wire_bytes + full - 1) / full;
}

std::size_t overhead_bytes(TransportKind kind, Direction direction, std::size_t payload_bytes) {
  return framing_bytes(kind, direction, payload_bytes) +
         packets(kind, direction, payload_bytes) * packet_header_bytes(kind);
}

int connect_round_trips(TransportKind kind) {
  switch (kind) {
    case TransportKind::memory:
    case TransportKind::udp:
      return 0;
    case TransportKind::tcp:
      return 1;
    case TransportKind::tls:
    case TransportKind::ws:
      return 2;
    case TransportKind::wss:
      return 3;
  }
  return 0;
}

}  // namespace netrig::sim
