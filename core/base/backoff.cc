#include "netrig/core/base/backoff.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig {

static_assert(kBackoffMax.count() < INT64_MAX / 3, "three waits fit");

Backoff::Backoff(const BackoffPolicy& policy, Random random)
    : policy_(policy), random_(random), ceiling_(policy.first), previous_(policy.first) {
  NETRIG_ASSERT(policy.first > Duration{0} && policy.first <= policy.max && policy.max <= kBackoffMax);
}

Duration Backoff::next() {
  ++failures_;
  if (policy_.jitter == BackoffJitter::decorrelated) {
    const Duration drawn{random_.between(policy_.first.count(), 3 * previous_.count())};
    return previous_ = std::min(drawn, policy_.max);
  }
  const Duration ceiling = ceiling_;
  ceiling_ = std::min(2 * ceiling_, policy_.max);
  if (policy_.jitter == BackoffJitter::none) return ceiling;
  return Duration{random_.between(0, ceiling.count())};
}

void Backoff::reset() {
  ceiling_ = previous_ = policy_.first;
  failures_ = 0;
}

}  // namespace netrig
