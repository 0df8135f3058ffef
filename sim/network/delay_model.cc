#include "netrig/sim/network/delay_model.h"

#include <algorithm>

#include "netrig/sim/network/normal_table.h"

namespace netrig::sim {

DelayModel::DelayModel(const LinkConditions& conditions, Random random)
    : delay_(conditions.delay),
      jitter_(conditions.jitter),
      shape_random_(random.fork("shape", 0)),
      jitter_random_(random.fork("jitter", 0)) {
  if (conditions.correlation_ppm == 0) return;
  shape_memory_.emplace(conditions.correlation_ppm, shape_random_);
  jitter_memory_.emplace(conditions.correlation_ppm, jitter_random_);
}

Duration DelayModel::draw() {
  const Duration shaped = shape_memory_ ? draw_correlated_shape() : draw_shape();
  if (jitter_ == Duration{0}) return shaped;
  return std::max(shaped + draw_jitter(), Duration{0});
}

Duration DelayModel::draw_shape() {
  if (const auto* constant = std::get_if<ConstantDelay>(&delay_)) return constant->delay;
  if (const auto* uniform = std::get_if<UniformDelay>(&delay_))
    return Duration{shape_random_.between(uniform->min.count(), uniform->max.count())};
  return delay_at(delay_, shape_random_.bits());
}

Duration DelayModel::draw_correlated_shape() {
  if (const auto* constant = std::get_if<ConstantDelay>(&delay_)) return constant->delay;
  if (const auto* normal = std::get_if<NormalDelay>(&delay_)) {
    const std::int64_t deviation = normal->stddev.count() * shape_memory_->draw() / kMicroSigma;
    return std::max(normal->mean + Duration{deviation}, Duration{0});
  }
  return delay_at(delay_, shape_memory_->draw_bits());
}

Duration DelayModel::draw_jitter() {
  if (!jitter_memory_) return Duration{jitter_random_.between(-jitter_.count(), jitter_.count())};
  return delay_at(UniformDelay{Duration{0}, 2 * jitter_}, jitter_memory_->draw_bits()) - jitter_;
}

}  // namespace netrig::sim
