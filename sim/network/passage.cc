#include "netrig/sim/network/passage.h"

#include <algorithm>

namespace netrig::sim {

Passage::Passage(const LinkConditions& conditions, const Random& loss, const Random& delay,
                 const Random& bursts)
    : timeline_(conditions),
      delay_(conditions, delay),
      loss_(conditions, loss),
      by_delay_random_(loss.fork("by_delay", 0)),
      corruption_(loss.fork("corruption", 0)),
      by_delay_(conditions.loss_by_delay),
      corrupt_ppm_(conditions.corrupt_ppm) {
  if (conditions.timed_bursts) timed_bursts_.emplace(*conditions.timed_bursts, bursts);
}

Duration Passage::shifted(Duration drawn, Instant departs_at) const {
  return std::max(drawn + timeline_.delay_shift(departs_at), Duration{0});
}

std::optional<DropCause> Passage::draw_loss_of_schedule(Instant departs_at) {
  const bool alone = loss_.draw(timeline_.loss_ppm(departs_at));
  const bool by_chance = in_burst(departs_at) || alone;
  if (const auto cut = timeline_.cut(departs_at)) return cut;
  return by_chance ? std::optional{DropCause::loss} : std::nullopt;
}

bool Passage::is_lost_by(Duration total_delay) {
  const Duration range = by_delay_->to - by_delay_->from;
  const Duration into = std::clamp(total_delay - by_delay_->from, Duration{0}, range);
  // 100 s of 1,000,000 ppm fit 63 bits.
  const std::int64_t ppm = into.count() * by_delay_->loss_ppm / range.count();
  return by_delay_random_.chance(static_cast<std::uint32_t>(ppm));
}

}  // namespace netrig::sim
