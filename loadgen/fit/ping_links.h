// Pings over a simulated link: one after the other, each answered at once.
#pragma once

#include <cstddef>

#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"
#include "netrig/loadgen/fit/ping_log.h"
#include "netrig/sim/network/conditions.h"

namespace netrig::loadgen {

struct Pinging {
  std::size_t pings = 0;  // at most kPingsMax
  Duration interval{1s};  // 1 ms at least
};

// Valid conditions without a rate.
RoundTrips ping_links(const sim::LinkConditions& up, const sim::LinkConditions& down, const Pinging& pinging,
                      const Random& random);

}  // namespace netrig::loadgen
