// Facts a client reports. Called from inside its calls: an observer must not call the client back.
#pragma once

#include "netrig/core/base/ids.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/base/time.h"
#include "netrig/core/protocol/fault.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/protocol/packet_breakdown.h"
#include "netrig/core/world/snapshot.h"

namespace netrig {

class ClientObserver {
 public:
  virtual ~ClientObserver() = default;

  virtual void on_connected(const Welcome&, Instant) {}  // `resumed`: the last session goes on
  // The session that was to be resumed is over: the server has restarted or has given the player up. Before
  // on_connected. `unacked`: reliable messages of which nobody knows whether they arrived.
  virtual void on_session_lost(std::uint32_t /*unacked*/, Instant) {}
  virtual void on_refused(const Refuse&, Instant) {}
  // The session is over: kicked, timed out, the server stopped, we left, or the connection is gone.
  virtual void on_closed(DisconnectReason, Instant) {}

  // A complete state, the newest so far; valid until the next one. It includes this client's inputs after
  // `acked_before` up to `header.input_ack`, besides those before.
  virtual void on_state(const Snapshot&, const StateHeader& /*header*/, InputSequence /*acked_before*/,
                        Instant) {}
  // Over datagrams: states of which not everything came before newer ones did.
  virtual void on_states_given_up(std::uint64_t /*count*/, Instant) {}
  virtual void on_entity_removed(const EntityRemoved&, Instant) {}
  virtual void on_app_message(const AppMessage&, Instant) {}
  virtual void on_latest_message(const LatestMessage&, Instant) {}

  virtual void on_packet(const PacketBreakdown&, Instant) {}  // a write the sink took
  // If ClientConfig::reports_received. A message that came in fragments counts with the last of them.
  virtual void on_packet_received(const PacketBreakdown&, Instant) {}
  virtual void on_send_refused(SendStatus, Instant) {}
  virtual void on_input_overflow(InputSequence, Instant) {}  // pushed out unsent: the sink takes nothing
  virtual void on_rtt(Duration, Instant) {}
  virtual void on_fault(PeerFault, Instant) {}
};

}  // namespace netrig
