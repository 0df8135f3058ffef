// How much a TCP sender may have in flight: slow start, CUBIC and its Reno-friendly region. Integers only.
// Sources: RFC 9438 (CUBIC; section numbers below are its), RFC 5681 (slow start, restart after idle), RFC
// 6928 (initial window). Every acknowledged byte counts in slow start, as Linux has it, so delayed
// acknowledgements do not slow it down. HyStart (RFC 9406) is not modelled: slow start ends at a loss.
#pragma once

#include <cstdint>

#include "netrig/core/base/time.h"
#include "netrig/sim/network/header_model.h"

namespace netrig::sim {

constexpr std::uint64_t kSegmentBytes = kSegmentBytesMax;
// 2^30 B: 8 times what 10 s of round trip hold at 100 Mbit/s. Products of two windows fit 64 bits.
constexpr std::uint64_t kCongestionWindowMax = std::uint64_t{1} << 30;

// The largest r with r^3 <= value.
std::uint64_t integer_cube_root(std::uint64_t value);

class CongestionWindow {
 public:
  explicit CongestionWindow(std::uint64_t initial_bytes);  // at least one segment

  std::uint64_t bytes() const { return window_; }
  bool in_slow_start() const { return window_ < threshold_; }

  // `acked_bytes` were newly acknowledged outside a recovery. `was_limiting`: the window, not the
  // application, decided how much was in flight; if not, it does not grow (5.8).
  void on_acked(std::uint64_t acked_bytes, bool was_limiting, Duration rtt, Instant now);
  void on_loss();  // once per recovery (4.6, 4.7)
  // Nothing was acknowledged for a whole timeout (4.8). `again`: nor for the one before it, so the threshold
  // stays (RFC 5681, 3.1).
  void on_timeout(bool again);
  // Nothing was in flight for `idle`: half the window for each timeout that passed, down to the initial one.
  void on_restart(Duration idle, Duration timeout);

  // W_cubic of the current stage of congestion avoidance, `since` its beginning: for tests and readers.
  std::uint64_t cubic_bytes(Duration since) const;

 private:
  void begin_avoidance(Instant now);
  void avoid(std::uint64_t acked_bytes, Duration rtt, Instant now);
  std::uint64_t reduced() const;

  std::uint64_t initial_;
  std::uint64_t window_;
  std::uint64_t threshold_ = kCongestionWindowMax;  // ssthresh
  bool after_timeout_ = false;  // the next stage of congestion avoidance starts from where it stands

  std::uint64_t window_before_ = 0;  // cwnd_prior: when the last loss was seen
  std::uint64_t peak_ = 0;           // W_max

  // The stage of congestion avoidance in progress.
  bool avoiding_ = false;
  Instant began_;                     // shifted by what did not count
  Instant acked_at_;                  // the last time that on_acked saw
  Duration until_peak_{0};            // K
  std::uint64_t friendly_ = 0;        // W_est
  std::uint64_t carry_ = 0;           // of the window's growth, in 1/window_ bytes
  std::uint64_t friendly_carry_ = 0;  // of friendly_'s
};

}  // namespace netrig::sim
