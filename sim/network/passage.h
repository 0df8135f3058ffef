// What happens to a packet once it has left the queues: how long it travels, whether it is lost and why, and
// whether it is held. Everything that the schedule says of it is in here.
#pragma once

#include <optional>

#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/delay_model.h"
#include "netrig/sim/network/link_id.h"
#include "netrig/sim/network/loss_model.h"
#include "netrig/sim/network/timed_bursts.h"
#include "netrig/sim/network/timeline.h"

namespace netrig::sim {

class Passage {
 public:
  // Draws for loss and for delay come from streams of their own: a change of one does not shift the other.
  Passage(const LinkConditions& conditions, const Random& loss, const Random& delay)
      : Passage(conditions, loss, delay, loss.fork("timed_bursts", 0)) {}
  // With `bursts`, which two passages over one line share: bursts that last in time meet both.
  Passage(const LinkConditions& conditions, const Random& loss, const Random& delay, const Random& bursts);

  // How long a packet that departs then travels. Never negative.
  Duration draw_delay(Instant departs_at) {
    const Duration drawn = delay_.draw();
    return timeline_.empty() ? drawn : shifted(drawn, departs_at);
  }

  // Whether it gets lost whatever its delay: by chance, or because nothing passes then.
  std::optional<DropCause> draw_loss(Instant departs_at) {
    if (!timeline_.empty()) return draw_loss_of_schedule(departs_at);
    const bool lost = loss_.draw();
    return lost || in_burst(departs_at) ? std::optional{DropCause::loss} : std::nullopt;
  }
  // Whether it gets lost for its delay, counted from its sending, with all the waiting.
  bool draw_loss_by_delay(Duration total_delay) { return by_delay_ && is_lost_by(total_delay); }

  // The same of a stream's segment, which TCP's checksum drops too when its bits are flipped.
  std::optional<DropCause> draw_segment_loss(Duration total_delay) {
    const bool lost = draw_loss_by_delay(total_delay);
    const bool corrupted = draw_corruption();
    if (lost) return DropCause::loss;
    return corrupted ? std::optional{DropCause::corrupted} : std::nullopt;
  }

  // Whether a packet that arrives is corrupted.
  bool draw_corruption() { return corruption_.chance(corrupt_ppm_); }

  // When a packet that would arrive then really does.
  Instant released(Instant arrives_at) const {
    return timeline_.empty() ? arrives_at : timeline_.released(arrives_at);
  }

 private:
  Duration shifted(Duration drawn, Instant departs_at) const;
  std::optional<DropCause> draw_loss_of_schedule(Instant departs_at);
  bool is_lost_by(Duration total_delay);
  bool in_burst(Instant at) { return timed_bursts_ && timed_bursts_->is_lost(at); }

  Timeline timeline_;
  DelayModel delay_;
  LossModel loss_;
  std::optional<TimedBurstModel> timed_bursts_;
  Random by_delay_random_;
  Random corruption_;
  std::optional<LossByDelay> by_delay_;
  std::uint32_t corrupt_ppm_;
};

}  // namespace netrig::sim
