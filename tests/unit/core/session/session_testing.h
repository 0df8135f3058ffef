// A server and its players, joined by hand with plain vectors: what one side writes the other reads when the
// test says so. No transport, no clock: time is Lab::now.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "netrig/core/client/client.h"
#include "netrig/core/server/acceptor.h"
#include "netrig/core/server/server.h"
#include "netrig/tests/support/duel_world.h"

namespace netrig::testing {

using Buffer = std::vector<std::uint8_t>;

// The names of all messages in these frames, packets between bars, repetitions counted:
// "welcome ping | state_header | state_update*2". "ack" stands for an ack in the header, "?" for what does
// not decode.
std::string said(Bytes frames, Sender from);
Buffer bytes_of_write(const OutgoingMessage& message);

// Takes what an endpoint sends, or answers for a queue that does not.
class CollectingSink final : public PacketSink {
 public:
  struct Write {
    PeerId peer;
    OutgoingMessage message;
  };

  SendStatus send(PeerId peer, const OutgoingMessage& message) override;
  std::size_t backlog_bytes(PeerId peer) const override;
  void close(PeerId peer) override { closed.push_back(peer); }

  std::vector<Write> writes;  // taken, the oldest first
  std::vector<PeerId> closed;
  std::map<PeerId, SendStatus> answers;    // of peers whose queue does not take anything
  std::map<PeerId, std::size_t> backlogs;  // of peers that have one
};

struct ServerLog final : ServerObserver {
  void on_tick(Tick tick, std::uint32_t entities, std::uint64_t world_digest, Instant now) override;
  void on_ticks_skipped(std::uint32_t count, Instant now) override;
  void on_joined(PeerId peer, ClientId client, EntityId entity, Instant now) override;
  void on_left(PeerId peer, ClientId client, DisconnectReason reason, Instant now) override;
  void on_detached(PeerId peer, ClientId client, Instant now) override;
  void on_resumed(PeerId peer, ClientId client, EntityId entity, Instant now) override;
  void on_refused(RefuseReason reason, Instant now) override;
  void on_packet(PeerId peer, const PacketBreakdown& packet, Instant now) override;
  void on_state_sent(PeerId peer, Tick tick, Instant now) override;
  void on_send_refused(PeerId peer, SendStatus status, Instant now) override;
  void on_state_skipped(PeerId peer, Tick tick, Instant now) override;
  void on_input_dropped(PeerId peer, InputFate fate, Instant now) override;
  void on_fault(PeerId peer, PeerFault fault, Instant now) override;
  void on_app_message(ClientId from, const AppMessage& message, Instant now) override;
  void on_latest_message(ClientId from, const LatestMessage& message, Instant now) override;
  void on_world_event(Tick tick, std::uint16_t kind, EntityId subject, EntityId object) override;

  std::vector<Tick> ticks;
  std::uint32_t ticks_skipped = 0;
  std::vector<std::string> life;    // "1 joined", "1 left: kicked", "refused: version"
  std::vector<std::string> heard;   // "1: hello"; latest-wins: "1 #key: hello"
  std::vector<std::string> faults;  // "1 undecodable"
  std::map<PeerId, PacketBreakdown> sent;
  std::map<PeerId, std::uint32_t> writes, states_sent, sends_refused, states_skipped;
  std::array<std::uint32_t, kInputFates> dropped{};
  std::uint32_t strikes = 0;
};

struct ClientLog final : ClientObserver {
  struct State {
    Tick tick;
    InputSequence acked;
    std::uint64_t digest = 0;
  };

  void on_connected(const Welcome& welcome, Instant now) override;
  void on_session_lost(std::uint32_t unacked, Instant now) override;
  void on_refused(const Refuse& refuse, Instant now) override;
  void on_closed(DisconnectReason reason, Instant now) override;
  void on_state(const Snapshot& state, const StateHeader& header, InputSequence acked_before,
                Instant now) override;
  void on_entity_removed(const EntityRemoved& removed, Instant now) override;
  void on_app_message(const AppMessage& message, Instant now) override;
  void on_latest_message(const LatestMessage& message, Instant now) override;
  void on_packet(const PacketBreakdown& packet, Instant now) override;
  void on_send_refused(SendStatus status, Instant now) override;
  void on_input_overflow(InputSequence sequence, Instant now) override;
  void on_fault(PeerFault fault, Instant now) override;

  std::vector<std::string> life;   // "connected", "refused: version", "closed: kicked"
  std::vector<std::string> heard;  // "hello"; latest-wins: "#key: hello"
  std::vector<std::string> faults;
  std::vector<State> states;
  std::vector<EntityRemoved> removed;
  PacketBreakdown sent;
  std::uint32_t sends_refused = 0;
  std::uint32_t inputs_overflowed = 0;
};

// One player: its Client, what it has written and not sent up yet, and its connection.
struct Seat {
  Seat(const ClientConfig& config, const Schema& schema, Address from)
      : client(config, schema, log), address(std::move(from)) {}

  ClientLog log;
  Client client;
  CollectingSink out;
  Address address;
  std::optional<PendingId> pending;  // the connection is open, its hello not answered
  PeerId peer;                       // of the connection that is open, or was last
  bool open = false;                 // a connection with a peer
};

constexpr std::uint32_t kLabTickRateHz = 20;
ServerConfig lab_config();

class Lab {
 public:
  explicit Lab(const ServerConfig& config = lab_config(), AdmissionPolicy policy = {},
               std::uint64_t seed = 8);

  Seat& add_seat(const ClientConfig& config = {.horizon = lab_config().horizon});  // from a host of its own
  Seat& join();  // add_seat, connect, and the next tick: it has its welcome and its first state
  // A fresh connection, and everything that saying hello brings about at once. Resumes what can be resumed.
  void connect(Seat&);

  // What the client has to say arrives. Its connection closes when it says so.
  void up(Seat& seat);
  void hear(Seat& seat, Bytes bytes);  // these bytes arrive from its connection
  // What the server has to say arrives everywhere. Connections close where it says so.
  void down();
  // The connection breaks; both sides notice.
  void lose(Seat& seat);

  void tick();              // time goes to the server's next tick: all speak, it runs, all hear
  void run(Duration time);  // as many ticks as fit in

  std::int32_t heading(EntityId entity) const;  // in the server's newest state

  Instant now;
  DuelWorld world{Random{7}};
  SeededEntropy entropy;
  ServerLog log;
  CollectingSink out;
  Server server;
  Acceptor acceptor;
  std::vector<std::unique_ptr<Seat>> seats;

 private:
  static AdmissionPolicy with_schema(AdmissionPolicy policy, const World& world);
};

Input turn(std::int16_t by);  // a DuelInput that does nothing else

// Frames made by hand, as a hostile or odd peer would.
template <class Message>
Buffer frame_of(const Message& message) {
  Buffer bytes;
  PacketBreakdown breakdown;
  FrameWriter writer{bytes, breakdown};
  writer.write(message);
  writer.finish();
  return bytes;
}
Buffer framed(Bytes packet);

}  // namespace netrig::testing
