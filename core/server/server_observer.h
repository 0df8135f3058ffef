// Facts a server reports. Called from inside its calls: an observer must not call the server back, except for
// what server.h allows.
#pragma once

#include <cstdint>
#include <string_view>

#include "netrig/core/base/ids.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/base/time.h"
#include "netrig/core/protocol/fault.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/protocol/packet_breakdown.h"

namespace netrig {

// What a server does in a tick, in this order. `idle` ends the last phase of a call.
enum class TickPhase : std::uint8_t { receive, step, capture, encode, send, idle };
constexpr std::size_t kTickPhases = 5;  // without idle
std::string_view text(TickPhase phase);

enum class InputFate : std::uint8_t {
  repeated,        // a sequence seen before
  jumped,          // too far ahead of the last one
  over_rate,       // more than twice the tick rate, beyond Windows::inputs_burst_max
  queue_overflow,  // pushed out by newer ones before their tick came
  no_avatar,       // from a spectator
  unknown,         // in the venture dialect: a command that the game does not know
};
std::string_view text(InputFate fate);
constexpr std::size_t kInputFates = 6;

class ServerObserver {
 public:
  virtual ~ServerObserver() = default;

  // `phase` begins now; the driver's observer reads a clock here if it wants to, core never does.
  virtual void on_phase(Tick, TickPhase) {}
  virtual void on_tick(Tick, std::uint32_t /*entities*/, std::uint64_t /*world_digest*/, Instant) {}
  virtual void on_ticks_skipped(std::uint32_t /*count*/, Instant) {
  }  // the caller was late beyond catching up

  virtual void on_joined(PeerId, ClientId, EntityId, Instant) {}
  // The connection broke; the player may come back, as another peer, until its grace is over (on_left).
  virtual void on_detached(PeerId, ClientId, Instant) {}
  virtual void on_resumed(PeerId, ClientId, EntityId, Instant) {}
  virtual void on_left(PeerId, ClientId, DisconnectReason, Instant) {}
  virtual void on_refused(RefuseReason, Instant) {}

  virtual void on_packet(PeerId, const PacketBreakdown&, Instant) {}     // a write the sink took
  virtual void on_send_queue(PeerId, std::size_t /*bytes*/, Instant) {}  // that wait in the sink after it
  virtual void on_state_sent(PeerId, Tick, Instant) {}  // the next packet reported carries it
  virtual void on_send_refused(PeerId, SendStatus, Instant) {}
  virtual void on_state_skipped(PeerId, Tick, Instant) {}  // over one RTT of backlog

  // That have arrived and not had their tick, when one is about to take its share.
  virtual void on_input_queue(PeerId, std::size_t /*inputs*/, Instant) {}
  virtual void on_input(PeerId, ClientId, const InputMessage&, Instant) {}  // taken: it waits for its tick
  virtual void on_input_dropped(PeerId, InputFate, Instant) {}
  virtual void on_rtt(PeerId, Duration, Instant) {}
  virtual void on_fault(PeerId, PeerFault, Instant) {}

  // An application message of a player; the bytes are valid during the call.
  virtual void on_app_message(ClientId, const AppMessage&, Instant) {}
  virtual void on_latest_message(ClientId, const LatestMessage&, Instant) {}
  virtual void on_world_event(Tick, std::uint16_t /*kind*/, EntityId /*subject*/, EntityId /*object*/) {}
};

}  // namespace netrig
