// One player of a run: a Client on a connection, driven by a behaviour on a fixed plan. Inputs are open-loop:
// they are due at planned times whatever the server does, and latency counts from the plan.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "netrig/core/base/scheduler.h"
#include "netrig/core/client/client.h"
#include "netrig/core/server/server.h"
#include "netrig/loadgen/game/behaviour.h"
#include "netrig/loadgen/run/app_messages.h"
#include "netrig/loadgen/run/drifting_clock.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/transport/transport.h"

namespace netrig::loadgen {

// What every client of a shard shares. All of it outlives the clients.
struct ClientEnvironment {
  Scheduler& scheduler;
  transport::Transport& transport;
  Address server_address;
  const Schema& schema;
  metrics::Recorder& recorder;
  // The server of this run and which of its peers each client is, for what only the tester can know: the true
  // age of a state, and whether a client's view is what was sent.
  const Server& server;
  const std::vector<PeerId>& peer_of_client;
  Instant server_start;
  std::uint32_t tick_rate_hz = 0;
  std::uint32_t& clients_joined;  // counts each client once, at its first state
  AppMessageCounts& app_messages;
};

// Where the client of this index connects from.
Address client_address(std::uint32_t index);

struct VirtualClientPlan {
  std::uint32_t index = 0;
  Instant join;
  std::optional<Instant> leave;
  Duration input_interval{};
  Duration phase{};         // of its input times, within one interval
  Duration clock_offset{};  // of its own clock
  std::int32_t drift_ppb = 0;
  Horizon horizon;
};

class VirtualClient final : ClientObserver, transport::ConnectionHandler, PacketSink, ServerMessages {
 public:
  VirtualClient(const ClientEnvironment& environment, const VirtualClientPlan& plan,
                std::unique_ptr<Behaviour> behaviour);
  ~VirtualClient() override;

  void start();  // schedules its join and its leave

  bool in_session() const { return client_.connected(); }

 private:
  // Tells the client's two tasks apart: session events first, then the inputs.
  class Timer final : public Task {
   public:
    Timer(VirtualClient& owner, void (VirtualClient::*fire)(Instant), TaskOrder order)
        : Task(order), owner_(owner), fire_(fire) {}
    void run(Instant now) override { (owner_.*fire_)(now); }

   private:
    VirtualClient& owner_;
    void (VirtualClient::*fire_)(Instant);
  };

  void join(Instant now);
  void leave(Instant now);
  void wake(Instant now);
  void act(Instant now);
  void schedule_wake(Instant now);
  void flush();
  void pass_input_time();

  // ClientObserver
  void on_connected(const Welcome& welcome, Instant now) override;
  void on_refused(const Refuse& refuse, Instant now) override;
  void on_closed(DisconnectReason reason, Instant now) override;
  void on_state(const Snapshot& state, const StateHeader& header, InputSequence acked_before,
                Instant now) override;
  void on_app_message(const AppMessage& message, Instant now) override;
  void on_latest_message(const LatestMessage& message, Instant now) override;
  void on_packet(const PacketBreakdown& packet, Instant now) override;
  void on_send_refused(SendStatus status, Instant now) override;
  void on_rtt(Duration rtt, Instant now) override;
  void on_fault(PeerFault fault, Instant now) override;

  // transport::ConnectionHandler
  void on_open(transport::Connection& connection) override;
  void on_receive(transport::Connection& connection, std::span<const Chunk> chunks) override;
  void on_close(transport::Connection& connection, transport::CloseReason reason) override;

  // PacketSink
  SendStatus send(PeerId peer, const OutgoingMessage& message) override;
  std::size_t backlog_bytes(PeerId peer) const override;
  void close(PeerId peer) override;

  // ServerMessages
  SendStatus send(const AppMessage& message) override;
  SendStatus send_latest(std::uint16_t kind, Bytes bytes) override;

  Instant run_now() const { return environment_.scheduler.now(); }
  Instant local_now() const { return clock_.local(run_now()); }

  const ClientEnvironment& environment_;
  VirtualClientPlan plan_;
  DriftingClock clock_;
  std::unique_ptr<Behaviour> behaviour_;
  Client client_;
  std::unique_ptr<transport::Connection> connection_;

  Timer join_timer_;
  Timer leave_timer_;
  Timer wake_timer_;

  std::uint64_t input_times_passed_ = 0;
  Instant next_input_;
  std::vector<Instant> planned_at_;  // by input sequence modulo its size, in run time
  std::optional<Duration> previous_rtt_;
  bool has_joined_ = false;  // its first state has come
};

}  // namespace netrig::loadgen
