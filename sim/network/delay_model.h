// How long a packet travels: the shape of the delay, then the jitter, each with a memory if the link has one.
// Integers only.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/correlated_normal.h"

namespace netrig::sim {

class DelayModel {
 public:
  DelayModel(const LinkConditions& conditions, Random random);
  Duration draw();  // never negative

 private:
  Duration draw_shape();
  Duration draw_correlated_shape();
  Duration draw_jitter();

  Delay delay_;
  Duration jitter_;
  Random shape_random_;
  Random jitter_random_;  // its own stream: switching the jitter on leaves the shape's draws alone
  std::optional<CorrelatedNormal> shape_memory_;  // instead of shape_random_
  std::optional<CorrelatedNormal> jitter_memory_;
};

}  // namespace netrig::sim
