// One client of a proxy: the connection that it made, the one that was made for it to the server, and a flow
// each way. Part of proxy.h's implementation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "netrig/transport/proxy/flow.h"
#include "netrig/transport/proxy/proxy.h"

namespace netrig::transport {

class ProxySession final : private FlowEnds {
 public:
  ProxySession(Proxy& proxy, std::uint32_t client, const LinkSetup& setup);
  ~ProxySession() override;

  // Once, and from inside on_accept; the handler of the client's connection.
  ConnectionHandler* accept(std::unique_ptr<Connection> near);
  void change_link(const LinkSetup& setup, Instant now);
  void end(ProxyEnd why, Instant now);  // both connections; for a stream, behind what was delivered
  std::uint32_t client() const { return client_; }
  // Datagrams: nothing has come for so long, and nothing is under way.
  bool is_idle(Duration time, Instant now) const;

 private:
  enum class Progress : std::uint8_t { dialing, connecting, opening, refusing, open, over };

  // One of the two connections, and what it reports.
  struct Side final : ConnectionHandler {
    Side(ProxySession& owner, sim::Direction direction) : session(owner), outgoing(direction) {}
    void on_open(Connection&) override { session.opened(*this); }
    void on_receive(Connection&, std::span<const Chunk> chunks) override { session.received(*this, chunks); }
    bool on_end(Connection&) override { return session.ended(*this); }
    void on_close(Connection&, CloseReason reason) override { session.closed(*this, reason); }
    bool is_there() const { return connection != nullptr && is_open && !is_closed; }

    ProxySession& session;
    const sim::Direction outgoing;  // of what comes from it
    std::unique_ptr<Connection> connection;
    bool is_open = false;
    bool is_closed = false;
    bool has_spoken = false;
    bool has_ended = false;  // its half, or all of it
    bool is_paused = false;
  };

  template <void (ProxySession::*kMethod)(Instant)>
  class Turn final : public Task {
   public:
    Turn(ProxySession& session, TaskOrder order) : Task(order), session_(session) {}
    void run(Instant now) override { (session_.*kMethod)(now); }  // may destroy this

   private:
    ProxySession& session_;
  };

  void advance(Instant now);
  void connect();
  void open();
  void settle(Instant now);

  void opened(Side& side);
  void received(Side& side, std::span<const Chunk> chunks);
  bool ended(Side& side);
  void closed(Side& side, CloseReason reason);
  void broken_off(Side& side, Side& other, Instant now);
  void not_connected(ProxyEnd why, std::string_view detail);
  void finish(ProxyEnd why, std::string_view detail);
  void apply_pause(Side& side);

  SendStatus deliver(sim::Direction direction, const OutgoingMessage& message) override;
  void on_flow_ended(sim::Direction direction) override;
  void pause_source(sim::Direction direction, bool paused) override;
  void on_flow_due(Duration late) override;

  Side& source_of(sim::Direction direction) { return direction == sim::Direction::up ? near_ : far_; }
  Side& sink_of(sim::Direction direction) { return direction == sim::Direction::up ? far_ : near_; }
  ProxyFlow& flow_from(const Side& side) { return side.outgoing == sim::Direction::up ? up_ : down_; }
  bool is_stream() const { return sim::delivery(kind_) == Delivery::reliable_ordered; }

  Proxy& proxy_;
  const std::uint32_t client_;
  const sim::TransportKind kind_;
  Side near_;  // the client
  Side far_;   // the server
  ProxyFlow up_;
  ProxyFlow down_;
  Duration to_server_{0};  // the first connecting bytes of a stream take so long
  Duration to_client_{0};  // and their answer
  bool is_unanswered_ = false;
  Progress progress_ = Progress::dialing;
  Instant active_at_;
  ProxyEnd why_ = ProxyEnd::closed;
  std::string detail_;
  Turn<&ProxySession::advance> progress_turn_;
  Turn<&ProxySession::settle> settle_turn_;
};

}  // namespace netrig::transport
