#include "netrig/sim/network/delay_model.h"

#include <algorithm>

#include "netrig/sim/network/normal_table.h"

namespace netrig::sim {

DelayModel::DelayModel(const LinkConditions& conditions, Random random)
    : delay_(conditions.delay),
      jitter_(conditions.jitter),
      shape_random_(random.fork("shape", 0)),
      jitter_random_(random.fork("jitter", 0)) {}

Duration DelayModel::draw() {
  const Duration shaped = draw_shape();
  if (jitter_ == Duration{0}) return shaped;
  const Duration shift{jitter_random_.between(-jitter_.count(), jitter_.count())};
  return std::max(shaped + shift, Duration{0});
}

Duration DelayModel::draw_shape() {
  if (const auto* constant = std::get_if<ConstantDelay>(&delay_)) return constant->delay;
  if (const auto* uniform = std::get_if<UniformDelay>(&delay_))
    return Duration{shape_random_.between(uniform->min.count(), uniform->max.count())};
  const auto& normal = std::get<NormalDelay>(delay_);
  const std::int64_t deviation =
      normal.stddev.count() * normal_micro_sigma(shape_random_.bits()) / kMicroSigma;
  return std::max(normal.mean + Duration{deviation}, Duration{0});
}

}  // namespace netrig::sim
