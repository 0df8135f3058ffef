// The round trip as acks measure it, and how long to wait for one. Integer arithmetic throughout.
#pragma once

#include <algorithm>
#include <cstdint>

#include "netrig/core/base/time.h"

namespace netrig {

constexpr Duration kFirstTimeout = 1s;  // before any round trip is known (RFC 6298 section 2)
constexpr int kTimeoutTicksMin = 3 + 4;

// RFC 6298 section 2, RFC 9002 section 5: smoothed with 7/8 old + 1/8 new, mean deviation with 3/4 + 1/4.
class RoundTrip {
 public:
  void add(Duration sample) {
    latest_ = sample;
    if (samples_++ == 0) {
      smoothed_ = least_ = sample;
      deviation_ = sample / 2;
      return;
    }
    least_ = std::min(least_, sample);
    deviation_ += (std::chrono::abs(smoothed_ - sample) - deviation_) / 4;
    smoothed_ += (sample - smoothed_) / 8;
  }

  bool has_sample() const { return samples_ > 0; }
  std::uint64_t samples() const { return samples_; }
  Duration smoothed() const { return smoothed_; }
  Duration deviation() const { return deviation_; }
  Duration latest() const { return latest_; }
  Duration least() const { return least_; }

  // How long the ack of a packet can take: smoothed + 4 deviations + what acks wait for (RFC 9002 6.2.1). The
  // deviations count as kTimeoutTicksMin ack delays at least, so that three newer packets, and an ack or four
  // lost in a row, come first: a gap tells of a loss more surely than silence.
  Duration timeout(Duration ack_delay_max) const {
    if (!has_sample()) return kFirstTimeout;
    return smoothed_ + std::max(4 * deviation_, kTimeoutTicksMin * ack_delay_max) + ack_delay_max;
  }

 private:
  std::uint64_t samples_ = 0;
  Duration smoothed_{};
  Duration deviation_{};
  Duration latest_{};
  Duration least_{};
};

}  // namespace netrig
