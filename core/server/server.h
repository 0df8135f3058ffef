// The authoritative game server, without a socket, a thread or a clock (shape: core/base/endpoint.h). One
// world, many players. Drivers admit peers (acceptor.h), pass their bytes in, call advance() at
// next_deadline(), and pull what is to be sent with flush(). Single-threaded: one authoritative world is one
// thread's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "netrig/core/base/entropy.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/protocol/admission.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/replication/full_state.h"
#include "netrig/core/server/avatar_pool.h"
#include "netrig/core/server/config.h"
#include "netrig/core/server/game_server.h"
#include "netrig/core/server/server_observer.h"
#include "netrig/core/server/session.h"
#include "netrig/core/server/world_ticks.h"
#include "netrig/core/world/world.h"

namespace netrig {

struct Player {
  ClientId client;
  PeerId peer;
  EntityId entity;  // 0: a spectator
  Address address;
  Duration rtt;            // smoothed; 0 before the first measurement
  bool connected = false;  // no: its connection broke, and it may come back
};

class Server final : public GameServer, public SeatBook, WorldTicks::Host {
 public:
  // World, entropy and observer outlive the server. Tick k is at start + k / tick rate; the first is tick 1.
  Server(const ServerConfig& config, World& world, Entropy& entropy, ServerObserver& observer, Instant start);
  ~Server() override;

  // --- peers, for drivers

  Seats seats(const Address& from) const override;
  std::optional<ResumeKey> resume_key(const ResumeClaim& claim) const override;
  // Seats an admitted peer: it has a client id and, if there are avatars, an entity from now on. Asserts that
  // a seat is free. One that resumes gets its own back, under a new peer id; should its last connection still
  // stand, that one is closed in the next flush.
  PeerId add_peer(const PeerInfo& info, Instant now);
  // connection_lost leaves the player its grace.
  void remove_peer(PeerId peer, DisconnectReason reason, Instant now) override;
  // A datagram of this peer was opened: it is who it was admitted as. Streams: never.
  bool has_heard(PeerId peer) const;
  void receive(PeerId peer, Bytes bytes, Instant now) override;

  void advance(Instant now) override;
  std::optional<Instant> next_deadline() const override;
  void flush(PacketSink& sink) override;

  // --- the game's side. Unknown clients: `closed`, false.

  SendStatus send(ClientId client, const AppMessage& message);              // reliable, in order
  SendStatus send_latest(ClientId client, std::uint16_t key, Bytes bytes);  // only the newest per key
  std::size_t broadcast(const AppMessage& message);  // returns how many players' queues took it
  // Sends the player away with a word, cut to kReasonTextBytesMax bytes, in the next flush.
  bool kick(ClientId client, std::string_view message, Instant now);
  void stop(Instant now) override;
  std::vector<Player> players() const;  // by client id
  // Whom the player's token named. Null: it came without one, or is gone. Valid until the player is.
  const TokenHolder* holder(ClientId client) const;

  // --- facts

  Tick tick() const override { return ticks_.tick(); }
  std::uint64_t epoch() const { return epoch_; }  // differs after every start
  const Schema& schema() const { return world_.schema(); }
  const Snapshot& state() const override { return ticks_.state(); }
  std::size_t connected() const override { return by_peer_.size(); }
  // As Client::view_digest gives it. Nothing for a tick that was skipped or has left history.
  std::optional<std::uint64_t> view_digest(PeerId peer, Tick tick) const override;

 private:
  using Sessions = std::vector<std::unique_ptr<Session>>;

  struct SentState {
    Tick tick;
    std::uint64_t digest = 0;
  };

  void connect(Session& session, const PeerInfo& info);
  PeerId resume(Session& session, const PeerInfo& info, Instant now);
  void lose(Session& session, DisconnectReason reason, Instant now);
  void detach(Session& session, DisconnectReason reason, Instant now);
  void check_timeouts(Session& session, Instant now);
  Session* find(PeerId peer) const;
  Session* find(ClientId client) const;
  void on_packet(Session& session, Bytes packet, Instant now);
  void on_message(Session& session, const RawMessage& message, Instant now);
  void on_pong(Session& session, const Pong& pong, Instant now);
  void on_input(Session& session, const InputMessage& input, Instant now);
  void end(Session& session, DisconnectReason reason, Instant now);
  void fault(Session& session, PeerFault fault, Instant now);

  void give_back_avatar(Session& session);

  // WorldTicks::Host
  void collect_inputs(std::vector<PlayerInput>& into) override;
  void encode_state() override;

  void receive_datagram(Session& session, Bytes datagram, Instant now);
  void deliver_datagrams(Session& session, PacketSink& sink);
  void write_state(const Session& session, DatagramWriter& writer);
  void finish_datagrams(Session& session, PacketSink& sink, bool has_state);
  Welcome welcome_of(const Session& session) const;
  void deliver(Session& session, PacketSink& sink);
  void fill_outbox(Session& session);
  bool is_over_backlog(const Session& session, const PacketSink& sink) const;

  ServerConfig config_;
  Windows windows_;
  World& world_;
  ServerObserver& observer_;
  Instant now_;
  std::uint64_t epoch_;
  bool stopping_ = false;

  Entropy& entropy_;
  Sessions sessions_;                // by client id, which is the order of joining
  std::vector<Session*> by_peer_;    // those with a connection, by peer id
  std::vector<PeerId> to_close_;     // connections that a resumed or timed-out session has left behind
  std::vector<Session*> by_entity_;  // those with an avatar, in the world's order
  AvatarPool avatars_;
  std::uint32_t next_peer_ = 1;
  std::uint64_t next_client_ = 1;

  WorldTicks ticks_;
  std::vector<SentState> sent_states_;  // by tick modulo its size, windows_.history_ticks
  FullStateWriter state_writer_;
  PayloadPool bodies_;
  bool is_encoded_ = false;       // the newest tick's state is not yet flushed:
  PayloadRef body_;               // for streams; null when there are none
  std::vector<StatePart> parts_;  // for datagrams
  PacketBreakdown body_breakdown_;
};

}  // namespace netrig
