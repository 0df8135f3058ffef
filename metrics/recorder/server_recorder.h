// A server's facts, recorded: the observer of whoever drives a server. Reads this machine's clock around each
// phase of a tick, which the server itself never does.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>

#include "netrig/core/server/server_observer.h"
#include "netrig/metrics/recorder/recorder.h"

namespace netrig::metrics {

class ServerRecorder : public ServerObserver {
 public:
  explicit ServerRecorder(Recorder& recorder) : recorder_(recorder) {}

  // From now on what the server says of `peer` counts for this client. Before the server's first word about
  // it.
  void bind(PeerId peer, std::uint32_t client);
  // The server will say no more of `peer`.
  void unbind(PeerId peer);

  void on_phase(Tick tick, TickPhase phase) override;
  void on_tick(Tick tick, std::uint32_t entities, std::uint64_t world_digest, Instant now) override;
  void on_ticks_skipped(std::uint32_t count, Instant now) override;
  void on_detached(PeerId peer, ClientId client, Instant now) override;
  void on_left(PeerId peer, ClientId client, DisconnectReason reason, Instant now) override;
  void on_packet(PeerId peer, const PacketBreakdown& packet, Instant now) override;
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
  };
  Bound* find(PeerId peer);

  Recorder& recorder_;
  std::map<PeerId, Bound> bound_;           // those who are here
  std::map<std::uint32_t, PeerId> newest_;  // by client: as whom it came last

  using HostClock = std::chrono::steady_clock;
  TickPhase phase_ = TickPhase::idle;
  HostClock::time_point phase_began_;
  std::array<Duration, kTickPhases> phase_times_{};
  bool ticked_ = false;  // a tick ran since the last send: the phases make one whole
};

}  // namespace netrig::metrics
