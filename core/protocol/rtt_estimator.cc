#include "netrig/core/protocol/rtt_estimator.h"

#include <algorithm>

namespace netrig {

void RttEstimator::add(Duration rtt, Instant remote_time, Instant now) {
  const Duration offset = remote_time + rtt / 2 - now;
  filter_[samples_ % kFilterSamples] = {rtt, offset};
  if (samples_ == 0) {
    smoothed_ = least_ = rtt;
  } else {
    least_ = std::min(least_, rtt);
    smoothed_ += (rtt - smoothed_) / 8;
    jitter_ += (std::chrono::abs(rtt - latest_) - jitter_) / 16;
  }
  latest_ = rtt;
  ++samples_;
}

std::optional<Duration> RttEstimator::clock_offset() const {
  if (samples_ == 0) return std::nullopt;
  const auto filled = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(samples_, kFilterSamples));
  const auto best = std::min_element(filter_.begin(), filter_.begin() + filled,
                                     [](const Sample& a, const Sample& b) { return a.rtt < b.rtt; });
  return best->offset;
}

}  // namespace netrig
