// A link's schedule as a function of time: what holds now. Looks times up in any order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "netrig/core/base/time.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/link_id.h"

namespace netrig::sim {

class Timeline {
 public:
  explicit Timeline(const LinkConditions& conditions);

  bool empty() const { return schedule_ == nullptr; }
  // Why nothing passes now, if so.
  std::optional<DropCause> cut(Instant now) const;
  // When a packet that would arrive then does: later, if it is held.
  Instant released(Instant arrives_at) const;
  // What to add to each draw of the delay.
  Duration delay_shift(Instant now) const;
  std::uint32_t loss_ppm(Instant now) const;

  bool varies_rate() const { return varies_rate_; }
  std::uint64_t rate_bits_per_second(Instant now) const;
  // The next instant after `now` from which on the rate may be another; Instant::max(): never.
  Instant rate_change_after(Instant now) const;

 private:
  const LinkTrace::Row* row_at(Instant now) const;

  std::shared_ptr<const LinkSchedule> schedule_;  // null: nothing ever changes
  Duration nominal_delay_;
  std::uint64_t rate_bits_per_second_;
  std::uint32_t loss_ppm_;
  bool varies_rate_;
};

}  // namespace netrig::sim
