#include "netrig/sim/network/codel.h"

#include <algorithm>
#include <utility>

#include "netrig/sim/network/integer_sqrt.h"

namespace netrig::sim {

bool CoDel::drops(Duration sojourn, Duration packet_time, Instant now) {
  const bool ok = ok_to_drop(sojourn, packet_time, now);
  const After after = std::exchange(after_, After::nothing);
  const bool waited_behind_a_drop = after != After::nothing && now == dropped_at_;
  if (waited_behind_a_drop && after == After::entering) return false;
  if (!ok || (after == After::dropping && !waited_behind_a_drop)) {
    dropping_ = false;
    return false;
  }
  if (!dropping_) return drop_first(now);
  if (after == After::dropping) drop_next_ = control_law(drop_next_);
  return now >= drop_next_ && drop_another(now);
}

bool CoDel::ok_to_drop(Duration sojourn, Duration packet_time, Instant now) {
  if (sojourn < std::max(conditions_.target, packet_time)) {
    is_above_ = false;
    return false;
  }
  if (is_above_) return now >= first_above_time_;
  is_above_ = true;
  first_above_time_ = now + conditions_.interval;
  return false;
}

// Takes up dropping near the rate that controlled the queue, if that was a short while ago.
bool CoDel::drop_first(Instant now) {
  const std::uint32_t delta = count_ - lastcount_;
  const bool was_recent = now - drop_next_ < 16 * conditions_.interval;
  count_ = delta > 1 && was_recent ? delta : 1;
  drop_next_ = now;
  drop_next_ = control_law(drop_next_);
  lastcount_ = count_;
  dropping_ = true;
  after_ = After::entering;
  dropped_at_ = now;
  return true;
}

bool CoDel::drop_another(Instant now) {
  ++count_;
  after_ = After::dropping;
  dropped_at_ = now;
  return true;
}

// from + interval / sqrt(count), the root to 20 binary places: 10 s of them fit 54 bits.
Instant CoDel::control_law(Instant from) const {
  constexpr std::uint32_t kCountMax = 1 << 24;  // count * 2^40 fits 64 bits; 41,000 drops a second
  const std::uint64_t root_q20 = integer_sqrt(std::uint64_t{std::min(count_, kCountMax)} << 40);
  return from + Duration{(conditions_.interval.count() << 20) / static_cast<std::int64_t>(root_q20)};
}

}  // namespace netrig::sim
