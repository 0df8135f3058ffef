// A venture server and what speaks to it, joined by hand with plain vectors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "netrig/core/client/venture_client.h"
#include "netrig/core/server/venture_server.h"
#include "netrig/core/venture/input_command.h"
#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {

struct VentureLog final : VentureClientObserver {
  void on_connected(Instant) override { life.emplace_back("connected"); }
  void on_update(const venture::StateUpdateView& update, Instant) override {
    headers.push_back(update.header);
    components += update.components.size();
  }
  void on_closed(DisconnectReason reason, Instant) override {
    life.push_back("closed: " + std::string{text(reason)});
  }
  void on_packet(const PacketBreakdown& packet, Instant) override { sent += packet; }
  void on_packet_received(const PacketBreakdown& packet, Instant) override { received += packet; }
  void on_send_refused(SendStatus, Instant) override { ++sends_refused; }
  void on_command_overflow(Instant) override { ++overflowed; }
  void on_fault(PeerFault fault, Instant) override { faults.emplace_back(text(fault)); }

  std::vector<std::string> life, faults;
  std::vector<venture::StateUpdateHeader> headers;
  std::size_t components = 0;
  PacketBreakdown sent, received;
  std::uint32_t sends_refused = 0, overflowed = 0;
};

class VentureLab {
 public:
  explicit VentureLab(ServerConfig config = lab_config(), AdmissionPolicy policy = {})
      : server(config, policy, world, inputs, log, Instant{}) {}

  // Nothing: it was sent away at once.
  std::optional<PeerId> connect(const std::string& host = "player") {
    const Entrance::Outcome outcome = server.enter({host, 1}, now);
    if (outcome.kind == Entrance::Outcome::Kind::refused) return std::nullopt;
    return outcome.peer;
  }
  void hear(PeerId peer, Bytes bytes) { server.receive(peer, bytes, now); }
  // Runs the next tick; what it sent is in out.writes.
  void tick() {
    now = *server.next_deadline();
    server.advance(now);
    server.flush(out);
  }
  void run(Duration time) {
    for (const Instant end = now + time; *server.next_deadline() <= end;) tick();
  }
  Buffer take(PeerId peer) {
    Buffer bytes;
    for (const auto& write : out.writes) {
      if (write.peer != peer) continue;
      const Buffer one = bytes_of_write(write.message);
      bytes.insert(bytes.end(), one.begin(), one.end());
    }
    out.writes.clear();
    return bytes;
  }
  std::int32_t heading(EntityId entity) const {
    return server.state().row(server.state().find(entity))[duel_column::heading];
  }

  Instant now;
  DuelWorld world{Random{7}};
  V1Inputs inputs;
  ServerLog log;
  CollectingSink out;
  VentureServer server;
};

inline Buffer command(std::uint32_t sequence, const Input& input, ClientId claimed = {}) {
  Buffer bytes;
  const bool written =
      venture::append_framed(
          {.player = claimed, .timestamp = 9, .sequence = sequence, .type = "input", .data = input.bytes()},
          bytes)
          .has_value();
  NETRIG_ASSERT(written);
  return bytes;
}

}  // namespace netrig::testing
