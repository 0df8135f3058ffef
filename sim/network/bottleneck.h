// The queues that a packet passes on its way into a link: those it shares with other links, then the link's
// own. Each is drained by a rate limiter and may drop by CoDel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "netrig/core/base/time.h"
#include "netrig/sim/network/codel.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/growing_ring.h"
#include "netrig/sim/network/link_id.h"
#include "netrig/sim/network/queue.h"

namespace netrig::sim {

struct Departure {
  Instant at;                          // when its last bit leaves, or when it was dropped
  std::optional<DropCause> dropped{};  // queue_full or codel
};

// One queue. Asked in the order of arrival, whose `now` never goes back.
class Bottleneck {
 public:
  explicit Bottleneck(const QueueConditions& conditions);  // valid ones; one that links share
  explicit Bottleneck(const LinkConditions& conditions);   // valid ones; a link's own

  bool is_limited() const { return queue_.is_limited(); }
  bool fits(std::uint64_t wire_bytes, Instant now) const { return queue_.fits(wire_bytes, now); }
  Departure push(std::uint32_t wire_bytes, Instant now);
  std::uint64_t bytes(Instant now) const { return queue_.bytes(now); }
  std::uint64_t bytes_max() const { return queue_.bytes_max(); }
  Instant head_at(Instant now) const { return queue_.head_at(now); }

 private:
  DropTailQueue queue_;
  std::optional<CoDel> codel_;
};
using SharedQueues = std::vector<std::shared_ptr<Bottleneck>>;  // in the order in which packets pass them

// All of them for one direction of one link. A packet reaches each when it has left the one before it; the
// first is first-in, first-out for everybody, so each hears of its packets in the order of their arrival.
class LinkQueues {
 public:
  LinkQueues(const LinkConditions& conditions, SharedQueues shared);

  // Whether a packet, or several together, would have room in all of them.
  bool fits(std::uint64_t wire_bytes, Instant now) const;
  // A packet that does not fit is dropped where it does not.
  Departure push(std::uint32_t wire_bytes, Instant now);
  // Bytes of this link that have not left the last queue yet.
  std::uint64_t bytes(Instant now) const;
  std::uint64_t bytes_max() const;  // the largest packet, or several together, that could ever fit

 private:
  struct Waiting {
    Instant leaves_at;
    std::uint32_t bytes = 0;
  };
  void note(const Waiting& packet, Instant now);

  SharedQueues shared_;
  Bottleneck own_;
  GrowingRing<Waiting> waiting_;  // with shared queues only, whose bytes are everybody's
  std::uint64_t waiting_bytes_ = 0;
};

}  // namespace netrig::sim
