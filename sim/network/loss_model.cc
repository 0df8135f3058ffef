#include "netrig/sim/network/loss_model.h"

namespace netrig::sim {

LossModel::LossModel(const LinkConditions& conditions, Random random)
    : random_(random), loss_ppm_(conditions.loss_ppm) {
  if (conditions.bursts) bursts_.emplace(*conditions.bursts, random);
}

LossModel::Bursts::Bursts(const GilbertElliott& bursts, const Random& random)
    : bursts_(bursts), state_random_(random.fork("state", 0)), loss_random_(random.fork("bursts", 0)) {
  const std::uint64_t moves = std::uint64_t{bursts.enter_ppm} + bursts.leave_ppm;
  is_bad_ = moves > 0 && state_random_.below(moves) < bursts.enter_ppm;
}

bool LossModel::Bursts::draw() {
  if (state_random_.chance(is_bad_ ? bursts_.leave_ppm : bursts_.enter_ppm)) is_bad_ = !is_bad_;
  return loss_random_.chance(is_bad_ ? bursts_.loss_bad_ppm : bursts_.loss_good_ppm);
}

}  // namespace netrig::sim
