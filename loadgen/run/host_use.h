// What this process has taken of its machine.
#pragma once

#include <chrono>

#include "netrig/loadgen/report/run_result.h"

namespace netrig::loadgen {

struct HostUse {
  std::chrono::steady_clock::time_point wall;
  double cpu_seconds = 0;
};

HostUse host_use();
// Wall time and processor time since then, and the most memory ever.
HostResult host_since(const HostUse& before);

}  // namespace netrig::loadgen
