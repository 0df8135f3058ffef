// One player of a run: a session on a connection, driven by a behaviour on a fixed plan. Inputs are
// open-loop: they are due at planned times whatever the server does, and latency counts from the plan. Comes
// and goes as planned, and comes back by its backoff policy when its connection is lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "netrig/core/base/backoff.h"
#include "netrig/core/base/entropy.h"
#include "netrig/core/base/scheduler.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/loadgen/game/behaviour.h"
#include "netrig/loadgen/game/game.h"
#include "netrig/loadgen/run/app_messages.h"
#include "netrig/loadgen/run/client_session.h"
#include "netrig/loadgen/run/dialect.h"
#include "netrig/loadgen/run/drifting_clock.h"
#include "netrig/loadgen/run/input_recorder.h"
#include "netrig/loadgen/run/tokens.h"
#include "netrig/loadgen/scenario/plan_presence.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/transport/transport.h"

namespace netrig::loadgen {

// What only a tester can know that has the server in its own process: its clock is the server's, too.
class ServerTruth {
 public:
  virtual ~ServerTruth() = default;
  // Of the state of that tick as this client was sent it. Nothing when it was not, or has left history.
  virtual std::optional<std::uint64_t> sent_digest(std::uint32_t client, Tick tick) const = 0;
};

// Hears where a client connects from, as the server will see it, before the client says anything.
class ClientPorts {
 public:
  virtual ~ClientPorts() = default;
  virtual void on_connected_from(std::uint32_t client, const Address& local) = 0;
};

// What all clients of a shard add to.
struct ClientCounts {
  static constexpr std::size_t kEpochsMax = 1024;

  std::uint32_t joined = 0;          // counts each client once, at its first state
  std::set<std::uint64_t> epochs;    // of the server, as welcomes told them; kEpochsMax at most
  std::string connection_problem{};  // the first, as the system says it
};

// What every client of a shard shares. All of it outlives the clients.
struct ClientEnvironment {
  Scheduler& scheduler;
  transport::Transport& transport;
  Address server_address;
  const Game& game;
  const Schema& schema;
  metrics::Recorder& recorder;
  const ServerTruth* truth = nullptr;  // none: the server is not ours
  std::uint32_t tick_rate_hz = 0;
  ClientCounts& counts;
  AppMessageCounts& app_messages;
  Entropy* entropy = nullptr;  // of keys; none: each client's own fork of the seed
  ClientPorts* ports = nullptr;
  TokenPurse* tokens = nullptr;  // none: nobody shows one
  // The server's words are recorded elsewhere or nowhere: sessions count from here, by what clients hear.
  bool records_alone = false;
  InputRecorder* inputs = nullptr;  // hears all that clients say; may be missing
  Dialect dialect = Dialect::netrig;
};

// Where the client of this index connects from.
Address client_address(std::uint32_t index);

struct VirtualClientPlan {
  std::uint32_t index = 0;
  Stays stays;
  Cuts cuts;
  CutKind cut = CutKind::reset;
  std::optional<BackoffPolicy> reconnect;
  Random random{0};
  Duration input_interval{};
  Duration phase{};         // of its input times, within one interval
  Duration clock_offset{};  // of its own clock
  std::int32_t drift_ppb = 0;
  Horizon horizon;
  Delivery delivery = Delivery::reliable_ordered;
  bool encrypted = true;      // over datagrams
  bool plays_unseen = false;  // sends inputs without an entity, too
};

class VirtualClient final : SessionOwner, transport::ConnectionHandler, PacketSink, ServerMessages {
 public:
  VirtualClient(const ClientEnvironment& environment, const VirtualClientPlan& plan,
                std::unique_ptr<Behaviour> behaviour);
  ~VirtualClient() override;

  void start();  // schedules its first join and what may cut its connection

  bool in_session() const { return session_->connected(); }
  // Its plan has it here, and it will not try again.
  bool has_given_up() const { return is_here_ && given_up_; }

  // Connections left open behind the back of a server that has not been told; beyond it the oldest is closed.
  static constexpr std::size_t kLeftOpenMax = 4;

 private:
  // Tells the client's tasks apart: the plan's first, then the inputs, then what goes wrong.
  class Timer final : public Task {
   public:
    Timer(VirtualClient& owner, void (VirtualClient::*fire)(Instant), TaskOrder order)
        : Task(order), owner_(owner), fire_(fire) {}
    void run(Instant now) override { (owner_.*fire_)(now); }

   private:
    VirtualClient& owner_;
    void (VirtualClient::*fire_)(Instant);
  };

  void plan_next_stay();
  void join(Instant now);
  void leave(Instant now);
  void wake(Instant now);
  void cut(Instant now);
  void retry(Instant now);
  void connect();
  void lose_connection();
  void come_back();
  void act(Instant now);
  void schedule_wake(Instant now);
  bool wakes_for_inputs() const;
  bool watches_stream() const;
  void receive_datagram(std::span<const Chunk> chunks);
  void keep_first(std::span<const Chunk> chunks);
  void note_problem(std::string problem);
  void flush();
  void pass_input_time();
  void skip_input_times(Instant now);
  void count_first_state();

  // SessionOwner
  Instant run_now() const override { return environment_.scheduler.now(); }
  Instant local_now() const override { return clock_.local(run_now()); }
  void on_state_seen() override;
  void may_come_back(bool may) override { comes_back_ = may; }
  bool is_accounted_for() const override { return is_cutting_ || failed_to_connect_; }
  std::size_t queued_bytes() const override { return connection_->backlog_bytes(); }
  void hear(const AppMessage& message) override;

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
  void note_said(bool is_latest, const AppMessage& message);

  const ClientEnvironment& environment_;
  VirtualClientPlan plan_;
  DriftingClock clock_;
  std::unique_ptr<Behaviour> behaviour_;
  std::unique_ptr<ClientSession> session_;
  std::vector<std::uint8_t> joined_;  // scratch
  std::vector<std::uint8_t>
      first_;  // bytes of a connection, until there is a session; kFirstBytesMax at most
  std::unique_ptr<transport::Connection> connection_;
  std::vector<std::unique_ptr<transport::Connection>> left_open_;  // by silent cuts, the oldest first

  Timer join_timer_;
  Timer leave_timer_;
  Timer wake_timer_;
  Timer cut_timer_;
  Timer retry_timer_;

  Instant first_join_;               // what its input times count from
  std::optional<Stay> stay_;         // the one under way, or the next; none: it will not come again
  bool is_here_ = false;             // within stay_
  bool comes_back_ = true;           // if the connection ends: not once it was kicked, or refused for good
  bool failed_to_connect_ = false;   // and that is counted already
  bool given_up_ = false;            // it is here, without a connection, and will not come back
  bool is_cutting_ = false;          // what happens to the session is planned and no error
  std::optional<Backoff> backoff_;   // none: who loses its connection stays away
  std::optional<Instant> lost_at_;   // its connection, until the first state of the next session
  bool awaits_first_state_ = false;  // of this session

  std::uint64_t input_times_passed_ = 0;
  Instant next_input_;
  bool has_joined_ = false;  // its first state ever has come
};

}  // namespace netrig::loadgen
