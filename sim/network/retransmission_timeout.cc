#include "netrig/sim/network/retransmission_timeout.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig::sim {

RetransmissionTimeout::RetransmissionTimeout(Duration first, Duration timeout_min)
    : timeout_min_(timeout_min), smoothed_(first), variation_(first / 2) {
  NETRIG_ASSERT(first >= Duration{0} && timeout_min > Duration{0});
}

// RFC 6298, 2.3: alpha = 1/8, beta = 1/4.
void RetransmissionTimeout::sample(Duration rtt) {
  variation_ += (std::chrono::abs(smoothed_ - rtt) - variation_) / 4;
  smoothed_ += (rtt - smoothed_) / 8;
  doublings_ = 0;
}

void RetransmissionTimeout::back_off() {
  if (timeout() < kRetransmissionTimeoutMax) ++doublings_;
}

Duration RetransmissionTimeout::timeout() const {
  const Duration once = smoothed_ + std::max(timeout_min_, 4 * variation_);
  return std::min(once * (std::int64_t{1} << doublings_), kRetransmissionTimeoutMax);
}

}  // namespace netrig::sim
