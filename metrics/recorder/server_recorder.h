// A server's facts, recorded: the observer of whoever drives a server. Reads this machine's clock around each
// phase of a tick, which the server itself never does.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "netrig/core/server/server_observer.h"
#include "netrig/metrics/recorder/recorder.h"

namespace netrig::metrics {

class ServerRecorder : public ServerObserver {
 public:
  // `alone`: nobody records what clients see, so sessions, round trips and refusals are the server's to tell.
  // Who is refused has no cohort and counts in the first.
  explicit ServerRecorder(Recorder& recorder, bool alone = false) : recorder_(recorder), alone_(alone) {}

  // From now on what the server says of `peer` counts for this client. Before the server's first word about
  // it, but for the one that it is here.
  void bind(PeerId peer, std::uint32_t client);
  // The server will say no more of `peer`.
  void unbind(PeerId peer);

  void on_phase(Tick tick, TickPhase phase) override;
  void on_tick(Tick tick, std::uint32_t entities, std::uint64_t world_digest, Instant now) override;
  void on_ticks_skipped(std::uint32_t count, Instant now) override;
  void on_joined(PeerId peer, ClientId client, EntityId entity, Instant now) override;
  void on_resumed(PeerId peer, ClientId client, EntityId entity, Instant now) override;
  void on_refused(RefuseReason reason, Instant now) override;
  void on_rtt(PeerId peer, Duration rtt, Instant now) override;
  void on_detached(PeerId peer, ClientId client, Instant now) override;
  void on_left(PeerId peer, ClientId client, DisconnectReason reason, Instant now) override;
  void on_packet(PeerId peer, const PacketBreakdown& packet, Instant now) override;
  void on_send_queue(PeerId peer, std::size_t bytes, Instant now) override;
  void on_input_queue(PeerId peer, std::size_t inputs, Instant now) override;
  void on_state_sent(PeerId peer, Tick tick, Instant now) override;
  void on_send_refused(PeerId peer, SendStatus status, Instant now) override;
  void on_state_skipped(PeerId peer, Tick tick, Instant now) override;
  void on_input_dropped(PeerId peer, InputFate fate, Instant now) override;
  void on_fault(PeerId peer, PeerFault fault, Instant now) override;

 protected:
  static constexpr std::uint32_t kNobody = UINT32_MAX;

 private:
  struct Bound {
    std::uint32_t client = kNobody;
    bool has_state = false;    // its first state was sent
    bool left_behind = false;  // the client has come back as another peer since
    bool in_session = false;   // this and the next: when alone
    std::optional<Duration> rtt{};
  };
  Bound* find(PeerId peer);
  // When alone: a session begins now, or as soon as its peer is bound.
  void entered(PeerId peer, bool resumed);
  void left(Bound& bound, DisconnectReason reason);

  Recorder& recorder_;
  bool alone_;
  std::map<PeerId, Bound> bound_;  // those who are here
  // A server tells several things of one peer in a row.
  std::map<PeerId, Bound>::value_type* found_last_ = nullptr;
  std::map<std::uint32_t, PeerId> newest_;  // by client: as whom it came last
  struct Entered {
    PeerId peer;
    bool resumed;
  };
  std::optional<Entered> entered_;  // and is not bound yet

  using HostClock = std::chrono::steady_clock;
  TickPhase phase_ = TickPhase::idle;
  HostClock::time_point phase_began_;
  std::array<Duration, kTickPhases> phase_times_{};
  bool ticked_ = false;  // a tick ran since the last send: the phases make one whole
};

}  // namespace netrig::metrics
