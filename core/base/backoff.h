// How long to wait before trying again: twice as long after each failure, up to a bound, with jitter, so that
// clients who failed together do not come back together. Source: M. Brooker, "Exponential Backoff And
// Jitter", AWS Architecture Blog, 2015.
#pragma once

#include <cstdint>

#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"

namespace netrig {

enum class BackoffJitter : std::uint8_t {
  none,          // min(max, first x 2^failures): everybody at the same times
  full,          // uniform from 0 to that
  decorrelated,  // uniform from `first` to three times the wait before, at most `max`
};

constexpr Duration kBackoffMax = std::chrono::hours{24};

struct BackoffPolicy {
  Duration first{500ms};  // above 0 and at most `max`
  Duration max{30s};      // at most kBackoffMax
  BackoffJitter jitter = BackoffJitter::full;

  friend bool operator==(const BackoffPolicy&, const BackoffPolicy&) = default;
};

// A value: one client's waits, drawn from its own Random.
class Backoff {
 public:
  Backoff(const BackoffPolicy& policy, Random random);  // asserts the policy's bounds

  Duration next();  // the wait before the next attempt; in [0, max]
  void reset();     // an attempt succeeded: the next failure is the first again
  std::uint32_t failures() const { return failures_; }

 private:
  BackoffPolicy policy_;
  Random random_;
  Duration ceiling_;   // none and full: what the next wait is at most
  Duration previous_;  // decorrelated: the wait before
  std::uint32_t failures_ = 0;
};

}  // namespace netrig
