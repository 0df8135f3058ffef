// One direction of a link for datagrams: queues and rate limiters -> loss, duplicate, corruption ->
// propagation with jitter, reordering and holding. Owns no clock: its owner calls advance() at
// next_deadline(), and may look at next_deadline() after each enqueue().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "netrig/core/base/payload.h"
#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"
#include "netrig/sim/network/bottleneck.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/delay_model.h"
#include "netrig/sim/network/growing_ring.h"
#include "netrig/sim/network/link_id.h"
#include "netrig/sim/network/passage.h"

namespace netrig::sim {

constexpr std::size_t kLinkPacketsMax = std::size_t{1} << 20;  // in flight: 10 s at 100,000 packets a second

struct Packet {
  OutgoingMessage message;       // referred to, never copied
  std::uint32_t wire_bytes = 0;  // message.size() + overhead_bytes(...)
};

enum class EnqueueResult : std::uint8_t {
  accepted,
  queue_full,  // dropped at once; the caller reports it, no sink hears of it
};

class LinkSink {
 public:
  virtual ~LinkSink() = default;
  virtual void on_delivered(const Packet& packet, Instant sent_at, Instant now) = 0;
  // A lost packet is reported when it would have arrived: it costs no event of its own.
  virtual void on_dropped(const Packet&, DropCause, Instant /*now*/) {}
  // In place of on_delivered: the packet arrives with bits flipped, as flip_bits(bytes, `bits`) does.
  virtual void on_corrupted(const Packet&, std::uint64_t /*bits*/, Instant /*sent_at*/, Instant /*now*/) {}
  // Right before on_delivered of the copy.
  virtual void on_duplicated(const Packet&, Instant /*now*/) {}
  // Right before on_delivered of a packet that a later one has overtaken (RFC 4737).
  virtual void on_reordered(const Packet&, Instant /*now*/) {}
};

// Flips 1 to 4 bits of `bytes`, which ones `bits` says. An empty packet stays as it is.
void flip_bits(std::span<std::uint8_t> bytes, std::uint64_t bits);

// Draws for loss, duplication, reordering and delay come from forks of their own: a change of one shifts none
// of the others, and a change of the loss leaves the arrival of each packet that survives as it was.
class Link {
 public:
  // `conditions` are valid. `random` is this link's own fork of the run's seed. `shared`: queues that other
  // links pass too, before this one's own.
  Link(const LinkConditions& conditions, Random random, SharedQueues shared = {});

  EnqueueResult enqueue(Packet packet, Instant now);  // allowed from inside the sink
  // Hands over everything that is due by `now`, in order of arrival. The sink must not destroy the link.
  void advance(Instant now, LinkSink& sink);
  std::optional<Instant> next_deadline() const {
    return flights_.empty() ? std::nullopt : std::optional{flights_.front().arrives_at};
  }

  std::uint64_t backlog_bytes(Instant now) const { return queues_.bytes(now); }  // waiting for a rate limiter
  std::size_t in_flight() const { return flights_.size(); }  // packets, lost ones and copies too
  std::size_t copies_in_flight() const { return copies_in_flight_; }

 private:
  struct Flight {
    Instant arrives_at;
    Instant sent_at;
    std::uint64_t sequence = 0;  // in order of sending, from 1; a copy has its original's
    Packet packet;
    std::optional<DropCause> dropped{};
    bool is_corrupted = false;
    bool is_copy = false;
  };
  Instant arrival(Instant departs_at);
  void launch_copy(Flight copy, Instant departs_at, Duration delay);
  void launch(Flight flight);
  void land(const Flight& flight, Instant now, LinkSink& sink);

  LinkQueues queues_;
  Passage passage_;
  DelayModel copy_delay_;
  Random duplicate_;
  Random reorder_;
  Random flipped_bits_;
  std::uint32_t duplicate_ppm_;
  std::uint32_t reorder_ppm_;
  Duration reorder_delay_;
  bool fifo_;
  Instant last_arrival_{};  // of those who keep the order
  std::uint64_t sent_ = 0;
  std::uint64_t newest_delivered_ = 0;
  std::size_t copies_in_flight_ = 0;
  GrowingRing<Flight> flights_;  // by (arrives_at, order of launching)
};

}  // namespace netrig::sim
