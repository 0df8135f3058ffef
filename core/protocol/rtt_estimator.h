// Round-trip time, its jitter, and the other side's clock, from pings. Integer arithmetic throughout.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "netrig/core/base/time.h"

namespace netrig {

class RttEstimator {
 public:
  // `rtt`: one measured round trip, without the time the other side held the answer. `remote_time`: its clock
  // when it answered; `now`: ours when the answer came.
  void add(Duration rtt, Instant remote_time, Instant now);

  bool has_sample() const { return samples_ > 0; }
  Duration latest() const { return latest_; }
  Duration least() const { return least_; }        // of all: what the path takes when nothing waits in it
  Duration smoothed() const { return smoothed_; }  // RFC 6298: 7/8 old + 1/8 new
  Duration jitter() const { return jitter_; }      // RFC 3550 6.4.1: mean difference of neighbours, gain 1/16
  // Their clock minus ours, from the sample with the shortest round trip of the last eight: a delayed packet
  // cannot spoil it (clock filter, RFC 5905 section 10). Wrong by at most half of that round trip.
  std::optional<Duration> clock_offset() const;

 private:
  struct Sample {
    Duration rtt{};
    Duration offset{};
  };
  static constexpr std::size_t kFilterSamples = 8;

  std::array<Sample, kFilterSamples> filter_{};
  std::uint64_t samples_ = 0;
  Duration latest_{};
  Duration least_{};
  Duration smoothed_{};
  Duration jitter_{};
};

}  // namespace netrig
