// How long a packet travels: the shape of the delay, then the jitter. Integers only.
#pragma once

#include <cstdint>

#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"
#include "netrig/sim/network/conditions.h"

namespace netrig::sim {

class DelayModel {
 public:
  DelayModel(const LinkConditions& conditions, Random random);
  Duration draw();  // never negative

 private:
  Duration draw_shape();

  Delay delay_;
  Duration jitter_;
  Random shape_random_;
  Random jitter_random_;  // its own stream: switching the jitter on leaves the shape's draws alone
};

}  // namespace netrig::sim
