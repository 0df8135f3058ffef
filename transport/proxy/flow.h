// One direction of one client of a proxy: from the connection that bytes come from, through a modelled link,
// to the one that they go to. Bounded: what has come and not gone is counted, and the source is paused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>

#include "netrig/core/base/growing_ring.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/base/scheduler.h"
#include "netrig/transport/simulated.h"
#include "netrig/transport/simulated_pipe.h"

namespace netrig::transport {

// What a message takes besides its bytes: its payload's head, and its places in rings.
constexpr std::size_t kProxyMessageBytes = 160;

// Links that a flow still has bytes in, after changes: one a second for as long as the longest round trip
// takes, six times over. The oldest gives way.
constexpr std::size_t kProxyLinksMax = 64;

// Called from a scheduler turn. Must not destroy the flow.
class FlowEnds {
 public:
  virtual ~FlowEnds() = default;
  // queue_full: the flow keeps it and tries again. Anything else: it is gone.
  virtual SendStatus deliver(sim::Direction direction, const OutgoingMessage& message) = 0;
  // Streams: the source had ended, and everything that it had sent was delivered.
  virtual void on_flow_ended(sim::Direction direction) = 0;
  // Streams: whether the source may go on.
  virtual void pause_source(sim::Direction direction, bool paused) = 0;
  virtual void on_flow_due(Duration late) = 0;
};

class ProxyFlow final : private Task {
 public:
  struct Place {
    std::uint32_t task_owner = 0;  // whose network-class lanes of its direction are this flow's
    sim::Direction direction = sim::Direction::up;
    std::size_t bytes_max = 0;  // that have come and not gone
    std::size_t datagram_bytes_max = 0;
  };

  // All three outlive it.
  ProxyFlow(const Place& place, const LinkSetup& setup, Scheduler& scheduler, sim::NetworkObserver& observer,
            FlowEnds& ends);
  ~ProxyFlow() override;

  // Datagrams beyond the bound are dropped, and the observer hears of it. A stream's source is paused there;
  // what had been read before is taken.
  void take(std::span<const Chunk> chunks, Instant now);
  void end(Instant now);  // streams: the source has ended
  // Takes the place of the link for whatever comes from now on. What is under way arrives as it was planned;
  // of a stream, what the old link still holds one of its longest delays and one new round trip later - it
  // had lost it, or has a queue to empty - arrives then, at once.
  void change_link(const LinkSetup& setup, Instant now);
  void try_again(Instant now);  // the other side has room again, or is there at last
  void stop(Instant now);       // nothing comes out any more

  bool is_empty() const;
  bool is_over() const { return over_; }  // on_flow_ended was called
  std::size_t bytes() const;              // come and not gone, with what they take

 private:
  // A link and what it holds.
  class Generation;

  void run(Instant now) override;
  void take_message(OutgoingMessage message, Instant now);
  bool push(const OutgoingMessage& message, Instant now);
  void arrived(Generation& from, OutgoingMessage message);
  void pass_on(OutgoingMessage message);
  void retire_front(Instant now);
  void advance_generations(Instant now);
  void send_held(Instant now);
  void end_when_over();
  void update_pause();
  void work_at(Instant at);
  void make_generation(const LinkSetup& setup);
  TaskOrder next_order();
  bool is_stream() const { return sim::delivery(kind_) == Delivery::reliable_ordered; }

  const Place place_;
  const sim::TransportKind kind_;
  Scheduler& scheduler_;
  sim::NetworkObserver& observer_;
  FlowEnds& ends_;
  std::deque<std::unique_ptr<Generation>> generations_;  // the last one takes what comes
  std::uint32_t generations_made_ = 0;
  GrowingRing<OutgoingMessage> held_;     // the link had no room for it
  GrowingRing<OutgoingMessage> arrived_;  // out of the link; the other side has no room for it
  std::size_t waiting_bytes_ = 0;         // of both, with what they take
  bool source_ended_ = false;
  bool end_sent_ = false;  // into the link
  bool over_ = false;
  bool is_paused_ = false;
  bool is_stopped_ = false;
  std::optional<Instant> works_at_;
};

}  // namespace netrig::transport
