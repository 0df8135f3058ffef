// A client of a server that speaks the original protocol, over a byte stream (shape: core/base/endpoint.h).
// There is no handshake: commands may go out as soon as the connection is open, and the session counts from
// the first update. There is no ping and no ack either: what this client knows of the server is what comes,
// and when. The driver owns the connection, as that of a Client.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "netrig/core/base/frame.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/client/client.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/packet_breakdown.h"
#include "netrig/core/venture/state_update.h"

namespace netrig {

// Facts it reports. Called from inside its calls: an observer must not call the client back.
class VentureClientObserver {
 public:
  virtual ~VentureClientObserver() = default;

  virtual void on_connected(Instant) {}  // before the first update
  // Valid during the call.
  virtual void on_update(const venture::StateUpdateView&, Instant) {}
  virtual void on_closed(DisconnectReason, Instant) {}

  virtual void on_packet(const PacketBreakdown&, Instant) {}  // a write the sink took
  // Once for each receive() that completed an update.
  virtual void on_packet_received(const PacketBreakdown&, Instant) {}
  virtual void on_send_refused(SendStatus, Instant) {}
  virtual void on_command_overflow(Instant) {}  // the oldest was pushed out unsent: the sink takes nothing
  virtual void on_fault(PeerFault, Instant) {}
};

struct VentureClientConfig {
  Horizon horizon;
  ClientId player{};  // what its commands say; nobody tells a client who it is
};

class VentureClient {
 public:
  // The observer outlives the client.
  VentureClient(const VentureClientConfig& config, VentureClientObserver& observer);

  void connect(Instant now);             // on a fresh connection; only when idle
  void disconnect(Instant now);          // one last flush sends what waits, and closes
  void on_connection_lost(Instant now);  // no effect when idle

  void receive(Bytes bytes, Instant now);  // any bytes are safe
  void advance(Instant now);
  std::optional<Instant> next_deadline() const;
  bool has_due() const { return close_due_ || state_ == ClientState::leaving || !outbox_.empty(); }
  void flush(PacketSink& sink);  // the one peer it sends to is PeerId{}

  // Queues one InputCommand for the next flush. `closed` when idle or leaving; `too_large` when the format or
  // kFramePacketBytesMax cannot hold it. A full queue pushes its oldest out.
  SendStatus push_command(std::string_view type, Bytes data, Instant now);

  ClientState state() const { return state_; }
  bool connected() const { return state_ == ClientState::connected; }  // an update has come

 private:
  void on_packet(Bytes packet, PacketBreakdown& received, Instant now);
  void fault(PeerFault fault, Instant now);
  void close(DisconnectReason reason, Instant now);
  void drop_oldest();

  VentureClientConfig config_;
  Windows windows_;
  VentureClientObserver& observer_;

  ClientState state_ = ClientState::idle;
  Instant now_;
  Instant heard_at_;  // connecting: when it began
  FrameReader frames_;
  bool close_due_ = false;
  std::uint32_t bad_packets_ = 0;

  std::uint32_t next_sequence_ = 0;   // the original counts from 0
  std::vector<std::uint8_t> outbox_;  // whole frames, not yet taken by the sink
  PacketBreakdown outbox_breakdown_;
  PayloadPool heads_;
};

}  // namespace netrig
