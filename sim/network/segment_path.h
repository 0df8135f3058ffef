// What the network does to the segments of one direction: queues and rate limiters -> loss -> propagation.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"
#include "netrig/sim/network/bottleneck.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/link_id.h"
#include "netrig/sim/network/passage.h"

namespace netrig::sim {

// Segments that leave at one instant share one delay: they travel, and arrive, together.
class SegmentPath {
 public:
  struct Fate {
    Instant arrives_at;
    std::optional<DropCause> dropped{};  // it never arrives
  };

  // `shared`: queues that other links pass too, before this one's own.
  SegmentPath(const LinkConditions& link, Random random, SharedQueues shared = {});
  Fate send(std::uint32_t wire_bytes, Instant now);  // `now` never goes back

 private:
  Instant arrival(Instant departs_at);

  LinkQueues queues_;
  Passage passage_;
  Random reorder_;
  std::uint32_t reorder_ppm_;
  Duration reorder_delay_;
  bool fifo_;
  Instant train_departed_at_ = Instant::min();
  Duration train_delay_{0};
  Instant last_arrival_{};  // of those who keep the order
};

}  // namespace netrig::sim
