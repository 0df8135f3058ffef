// Runs a server behind a transport: its ticks, when they are due, and its output.
// One scheduler's own, whichever clock that follows. Under the virtual clock, where nothing takes time of
// itself, a pace makes the server slow: while it stands still or works on a tick it reads nothing, and what a
// tick made leaves when its time is over. Only strangers' datagrams are answered at once: the transport asks
// for the answer on the spot.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "netrig/core/base/scheduler.h"
#include "netrig/loadgen/run/server_speaker.h"
#include "netrig/loadgen/scenario/server_pace.h"
#include "netrig/transport/serving/server_binding.h"
#include "netrig/transport/transport.h"

namespace netrig::loadgen {

// Hears of connections and of ticks.
class SeatObserver {
 public:
  virtual ~SeatObserver() = default;
  // Which connection became which peer, before the server says anything about that peer's traffic, and when
  // the connection is gone and the server will say no more.
  virtual void on_seated(const Address& from, PeerId peer) = 0;
  virtual void on_unseated(PeerId peer) = 0;
  // The server has run what was due and is about to be flushed: what it is given now leaves at once.
  virtual void on_advanced() {}
  // The server has run this many ticks up to `newest`, and what they made leaves at `finished`.
  virtual void on_ticks_run(Tick newest, std::uint32_t ran, Instant finished) = 0;
};

class ServerDriver final : transport::BindingObserver, Task {
 public:
  // All of them outlive the driver.
  ServerDriver(Scheduler& scheduler, ServerSpeaker& speaker, SeatObserver& seats, const ServerPace& pace);
  ~ServerDriver() override;

  // Listens and starts ticking.
  Result<Address, transport::TransportError> listen(transport::Transport& transport, const Address& at);

 private:
  void run(Instant now) override;
  void schedule_next();

  // BindingObserver
  void on_seated(const Address& from, PeerId peer) override { seats_.on_seated(from, peer); }
  void on_unseated(PeerId peer) override { seats_.on_unseated(peer); }
  void on_waiting() override { schedule_next(); }
  bool keeps(transport::ServerLinkId link, transport::Connection& connection,
             std::span<const Chunk> chunks) override;
  bool keeps_end(transport::ServerLinkId link) override;

  bool is_away(Instant now) const;
  // What arrives now waits: the server is away, or has not yet read or sent what came before.
  bool holds(Instant now) const { return is_away(now) || flush_due_ || !held_.empty(); }
  void hold(transport::ServerLinkId link, Bytes bytes, PayloadRef owner);
  void read_held();
  void run_ticks(Instant now);
  void flush();

  Scheduler& scheduler_;
  GameServer& server_;
  SeatObserver& seats_;
  transport::ServerBinding binding_;
  std::unique_ptr<transport::Listener> listener_;

  // What arrived while the server was away, in order, as its sockets would keep it. At most kHeldBytesMax,
  // each entry with itself: a connection that sends more is closed.
  struct Held {
    transport::ServerLinkId link;
    std::optional<Chunk> chunk;  // owns its bytes; nothing: the connection has ended
  };
  static constexpr std::size_t kHeldBytesMax = 64 * 1024 * 1024;

  const ServerPace& pace_;
  std::deque<Held> held_;
  std::size_t held_bytes_ = 0;
  Instant busy_until_;      // with the tick that was run last
  bool flush_due_ = false;  // at busy_until_
};

}  // namespace netrig::loadgen
