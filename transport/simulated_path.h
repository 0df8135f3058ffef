// One simulated connection: both sides as their owners hold them, a pipe each way, and the inner connection
// that carries what the pipes let out, or only the making of the connection when both sides are here. Part of
// simulated.h's implementation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "netrig/sim/network/growing_ring.h"
#include "netrig/transport/simulated.h"
#include "netrig/transport/simulated_pipe.h"

namespace netrig::transport {

// Lives until both handles are gone and nothing is under way, then asks the transport to forget it, which
// happens only in a turn of its own: nothing on the call stack belongs to it then.
class SimulatedPath final : private PipeExit {
 public:
  struct Route {
    Address caller;  // unique among the transport's paths
    Address to;
    std::uint32_t connection = 0;  // how many the same client made before
  };

  SimulatedPath(SimulatedTransport& transport, const LinkSetup& setup, Route route,
                ConnectionHandler& handler);
  ~SimulatedPath() override;

  std::unique_ptr<Connection> dial();  // once; the caller's handle
  // The listener's side, when it is decorated too: offers it to `handler` and answers as on_accept does.
  ConnectionHandler* accept(std::unique_ptr<Connection> inner, ListenerHandler& handler);
  // Goes down the link before the listener has a connection.
  void reply(const OutgoingMessage& message) { down_->send(message, transport_.scheduler_.now()); }
  std::vector<Pipe*> pipes_in_use() const;  // none once it winds up: the transport keeps their facts then
  bool has_handles() const { return caller_.handle != nullptr || listener_.handle != nullptr; }

 private:
  class Handle;
  enum class State : std::uint8_t { opening, open, closing, closed };
  enum class Progress : std::uint8_t { dialing, opening, refused };

  struct Side {
    explicit Side(Pipe& outgoing) : out(outgoing), message_bytes_max(outgoing.message_bytes_max()) {}
    bool hears() const { return state == State::open && handle != nullptr; }

    Pipe& out;
    std::size_t message_bytes_max;
    Handle* handle = nullptr;
    ConnectionHandler* handler = nullptr;
    State state = State::opening;
    Address remote;
  };

  // Bytes of a stream that the next stage has no room for, in order.
  struct Held {
    sim::GrowingRing<OutgoingMessage> messages;
    std::size_t bytes = 0;
  };

  template <void (SimulatedPath::*kMethod)()>
  class Turn final : public Task {
   public:
    Turn(SimulatedPath& path, TaskOrder order) : Task(order), path_(path) {}
    void run(Instant) override { (path_.*kMethod)(); }  // may destroy this

   private:
    SimulatedPath& path_;
  };

  // What the inner connection's two ends report.
  struct CallerEnd final : ConnectionHandler {
    explicit CallerEnd(SimulatedPath& owner) : path(owner) {}
    void on_open(Connection&) override { path.inner_opened(); }
    void on_receive(Connection&, std::span<const Chunk> chunks) override { path.inner_received(chunks); }
    void on_close(Connection&, CloseReason reason) override { path.inner_closed(reason); }
    SimulatedPath& path;
  };
  struct ListenerEnd final : ConnectionHandler {
    explicit ListenerEnd(SimulatedPath& owner) : path(owner) {}
    void on_open(Connection&) override { path.listener_opened(); }
    void on_receive(Connection&, std::span<const Chunk> chunks) override { receive(path.listener_, chunks); }
    void on_close(Connection&, CloseReason) override {}  // the pipes carry the end
    SimulatedPath& path;
  };

  std::unique_ptr<Pipe> make_pipe(sim::Direction direction, const LinkSetup& setup, const Route& route);
  void draw_delays(const LinkSetup& setup, const Route& route);

  void progress();
  void connect_inner();
  void inner_opened();
  void inner_received(std::span<const Chunk> chunks);
  void inner_closed(CloseReason reason);
  void listener_opened();
  void open_caller();

  void on_arrived(sim::Direction direction, std::span<const Chunk> chunks) override;
  void on_ended(sim::Direction direction) override;
  void on_idle() override;
  static void receive(Side& side, std::span<const Chunk> chunks);
  void send_inner(const OutgoingMessage& message);
  void send_down(const OutgoingMessage& message);
  void hold(Held& held, const OutgoingMessage& message);
  void retry_held();
  OutgoingMessage message_of(std::span<const Chunk> chunks);

  void close(Side& side);
  void detach(Side& side);
  void finish(Side& side);
  void end(Side& side, CloseReason reason);
  void wind_up();
  void settle_soon();
  void settle();
  bool is_stream() const { return sim::delivery(kind_) == Delivery::reliable_ordered; }
  bool has_inner() const { return inner_ != nullptr && !inner_gone_; }

  SimulatedTransport& transport_;
  const sim::TransportKind kind_;
  const std::uint32_t client_;
  const Address caller_address_;
  std::unique_ptr<Pipe> up_;
  std::unique_ptr<Pipe> down_;
  Side caller_;
  Side listener_;
  CallerEnd caller_end_{*this};
  ListenerEnd listener_end_{*this};
  Duration to_listener_{0};  // from connect() until the listener hears of it
  Duration to_caller_{0};    // from there until the caller knows the answer

  Turn<&SimulatedPath::progress> progress_turn_;
  Turn<&SimulatedPath::settle> settle_turn_;
  Turn<&SimulatedPath::retry_held> retry_turn_;
  Progress progress_ = Progress::dialing;

  std::unique_ptr<Connection> inner_;             // the connecting end; null until to_listener_ has passed
  std::unique_ptr<Connection> inner_accepted_;    // the listener's end, when paired_
  Held held_up_;                                  // for inner_
  Held held_down_;                                // for down_
  bool is_unanswered_ = false;                    // every request to connect met an outage
  bool paired_ = false;                           // both sides are here: the pipes lead from handle to handle
  bool opened_ = false;                           // inner_ has been open
  bool up_ended_ = false;                         // the end came out of up_
  bool inner_gone_ = false;                       // inner_ has heard on_close
  bool winding_up_ = false;                       // the pipes are stopped, inner_ is closing
  bool over_ = false;                             // nothing is left but handles
  std::string end_detail_;                        // what the system said of it
  CloseReason end_reason_ = CloseReason::remote;  // what the caller hears when the inner connection ended
};

}  // namespace netrig::transport
