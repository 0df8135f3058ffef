// A server for clients that speak the original protocol, over byte streams: the wire format as it is, none of
// its server's defects (core/venture/README.md lists them). The protocol has no handshake, no goodbye, no
// ping and no ack, so whoever connects is a player, silence is no fault, and what can be known of a client is
// what its connection takes and what its commands say. Shape: core/base/endpoint.h; single-threaded.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "netrig/core/protocol/admission.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/replication/v1_state_writer.h"
#include "netrig/core/server/avatar_pool.h"
#include "netrig/core/server/config.h"
#include "netrig/core/server/entrance.h"
#include "netrig/core/server/game_server.h"
#include "netrig/core/server/server_observer.h"
#include "netrig/core/server/session.h"
#include "netrig/core/server/world_ticks.h"
#include "netrig/core/world/v1_inputs.h"
#include "netrig/core/world/world.h"

namespace netrig {

// As the original's receive buffer. 26 B of fixed parts and a type of up to 64 B leave room for any game's.
constexpr std::size_t kVentureCommandBytesMax = 4096;
constexpr std::size_t kVentureTypeBytesMax = 64;
// A frame that has begun is whole within this and a round trip: a peer cannot keep half of one for ever.
constexpr Duration kVentureFrameTimeout = 5s;
// A connection that has this much of the newest states unsent gets no more of them until it has less.
constexpr std::uint32_t kVentureBacklogTicksMin = 2;  // a quarter of a second, and at least these

class VentureServer final : public GameServer, public Entrance, WorldTicks::Host {
 public:
  // All of them outlive the server. Of `policy` the limits per address count. Tick k is at start + k / rate.
  VentureServer(const ServerConfig& config, const AdmissionPolicy& policy, World& world,
                const V1Inputs& inputs, ServerObserver& observer, Instant start);
  ~VentureServer() override;

  // Entrance: whoever connects is seated, or the connection is to be closed. When all seats are taken, the
  // one that has been there longest without a command makes room, or else one that has sent none for
  // Windows::idle_timeout.
  Outcome enter(const Address& from, Instant now) override;
  Outcome receive(PendingId, Bytes, Instant) override { return {Outcome::Kind::refused, {}, {}}; }
  void close(PendingId) override {}
  std::optional<std::pair<PendingId, OutgoingMessage>> expire(Instant) override { return std::nullopt; }

  // GameServer
  void remove_peer(PeerId peer, DisconnectReason reason, Instant now) override;
  void receive(PeerId peer, Bytes bytes, Instant now) override;
  void advance(Instant now) override;
  std::optional<Instant> next_deadline() const override { return ticks_.next_at(); }
  void flush(PacketSink& sink) override;
  void stop(Instant now) override;
  Tick tick() const override { return ticks_.tick(); }
  const Snapshot& state() const override { return ticks_.state(); }
  std::size_t connected() const override;
  std::optional<std::uint64_t> view_digest(PeerId, Tick) const override { return std::nullopt; }

 private:
  struct Player;
  using Players = std::map<PeerId, std::unique_ptr<Player>>;  // in the order in which they came

  // WorldTicks::Host
  void collect_inputs(std::vector<PlayerInput>& into) override;
  void encode_state() override;

  std::optional<RefuseReason> why_refused(const Address& from) const;
  bool make_room(Instant now);
  void on_command(Player& player, Bytes packet, Instant now);
  std::optional<InputFate> take_command(Player& player, std::uint32_t sequence, const Input& input,
                                        Instant now);
  void check_timeouts(Player& player, Instant now);
  void fault(Player& player, PeerFault fault, Instant now);
  void end(Player& player, DisconnectReason reason, Instant now);
  void deliver(Player& player, PacketSink& sink);
  bool is_over_backlog(std::size_t backlog_bytes) const;

  ServerConfig config_;
  AdmissionPolicy policy_;
  Windows windows_;
  const V1Inputs& v1_inputs_;
  ServerObserver& observer_;
  Instant now_;
  bool stopping_ = false;

  Players players_;
  std::vector<Player*> by_entity_;  // those with an avatar, in the world's order
  std::uint32_t seated_ = 0;        // players without those who are leaving
  AvatarPool avatars_;
  std::uint32_t next_peer_ = 1;

  WorldTicks ticks_;
  V1StateWriter writer_;
  std::uint32_t next_sequence_ = 1;  // of the updates, one sequence for everybody
  PayloadPool bodies_;
  PayloadRef body_;  // the newest tick's state, until it is flushed
  PacketBreakdown body_breakdown_;
};

}  // namespace netrig
