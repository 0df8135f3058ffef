// What a transport adds to the bytes it carries, and what connecting costs. Modelled numbers: nothing is
// opened. Sources: RFC 768 and RFC 791 (UDP, IPv4), RFC 9293 (TCP), RFC 8446 (TLS 1.3), RFC 6455 (WebSocket).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "netrig/core/base/payload.h"
#include "netrig/sim/network/link_id.h"

namespace netrig::sim {

enum class TransportKind : std::uint8_t { memory, tcp, tls, ws, wss, udp };

std::string_view text(TransportKind kind);

constexpr std::size_t kUdpHeaderBytes = 28;       // 20 IPv4 + 8 UDP
constexpr std::size_t kTcpHeaderBytes = 40;       // 20 IPv4 + 20 TCP without options
constexpr std::size_t kSegmentBytesMax = 1'460;   // 1500 Ethernet - 40
constexpr std::size_t kTlsRecordBytes = 22;       // 5 header + 1 content type + 16 tag
constexpr std::size_t kTlsPlaintextMax = 16'384;  // of one record
constexpr std::size_t kWebSocketMaskBytes = 4;    // client to server only

// How the bytes of this kind are delivered.
constexpr Delivery delivery(TransportKind kind) {
  return kind == TransportKind::udp ? Delivery::datagram : Delivery::reliable_ordered;
}

// Bytes that TLS and WebSocket add to one write of `payload_bytes`, inside the byte pipe.
std::size_t framing_bytes(TransportKind kind, Direction direction, std::size_t payload_bytes);

// Packets that one write becomes: TCP segments for the streams, 1 for a datagram. memory: segments too, but
// they cost nothing.
std::size_t packets(TransportKind kind, Direction direction, std::size_t payload_bytes);

// Packets of a write that is `wire_bytes` long with everything around it: every one but the last is full.
std::size_t packets_on_wire(TransportKind kind, std::size_t wire_bytes);

// IP and transport header of each packet.
constexpr std::size_t packet_header_bytes(TransportKind kind) {
  if (kind == TransportKind::memory) return 0;
  return kind == TransportKind::udp ? kUdpHeaderBytes : kTcpHeaderBytes;
}

// All wire bytes beyond the payload of one write or datagram: framing, and a header for each packet.
std::size_t overhead_bytes(TransportKind kind, Direction direction, std::size_t payload_bytes);

// Round trips before the first byte of payload may leave the client: 1 TCP, 1 TLS 1.3, 1 WebSocket upgrade.
int connect_round_trips(TransportKind kind);

}  // namespace netrig::sim
