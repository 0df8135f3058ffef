// A client's own clock: starts anywhere and runs a little fast or slow, as real ones do. Exact integers, so
// that converting there and back gives the same run everywhere.
#pragma once

#include <cstdint>

#include "netrig/core/base/time.h"

namespace netrig::loadgen {

class DriftingClock {
 public:
  // `drift_ppb`: parts per billion by which it runs fast; quartz is within 50,000 (50 ppm).
  DriftingClock(Duration offset, std::int32_t drift_ppb) : offset_(offset), drift_ppb_(drift_ppb) {}

  Instant local(Instant run) const {
    const std::int64_t ns = ns_since_start(run);
    constexpr std::int64_t kBillion = 1'000'000'000;
    const std::int64_t drift = ns / kBillion * drift_ppb_ + ns % kBillion * drift_ppb_ / kBillion;
    return run + Duration{drift} + offset_;
  }

  // The first run instant at which the local clock shows `local` or later.
  Instant run(Instant at_local) const {
    Instant guess = at_local - offset_;
    for (int step = 0; step < 4; ++step) guess += at_local - local(guess);
    while (local(guess) < at_local) guess += 1ns;
    while (local(guess - 1ns) >= at_local) guess -= 1ns;
    return guess;
  }

 private:
  Duration offset_;
  std::int32_t drift_ppb_;
};

}  // namespace netrig::loadgen
