#include "netrig/sim/network/congestion_window.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig::sim {
namespace {

using std::chrono::milliseconds;

// C = 0.4 segments/s^3 (5.1), in bytes.
constexpr std::uint64_t kBytesPerCubicSecond = kSegmentBytes * 4 / 10;
constexpr std::uint64_t kCubicMsPerCubicSecond = 1'000'000'000;
// beta_cubic = 0.7 (4.6).
constexpr std::uint64_t kKeptPercent = 70;
// Fast convergence (4.7): W_max = cwnd * (1 + beta_cubic) / 2.
constexpr std::uint64_t kReleasedPercent = (100 + kKeptPercent) / 2;
// alpha_cubic = 3 (1 - beta_cubic) / (1 + beta_cubic) = 9/17 (4.3).
constexpr std::uint64_t kFriendlyNumerator = 3 * (100 - kKeptPercent);
constexpr std::uint64_t kFriendlyDenominator = 100 + kKeptPercent;
constexpr std::uint64_t kWindowMin = 2 * kSegmentBytes;  // after a loss (4.6)
// Beyond 1,000 s from the peak the window is past every bound; until there the cube fits 64 bits.
constexpr std::int64_t kCubedMsMax = 1'000'000;

static_assert(kBytesPerCubicSecond == 584);
static_assert(kCongestionWindowMax <= UINT64_MAX / kCubicMsPerCubicSecond);

std::int64_t in_ms(Duration duration) {
  return std::chrono::duration_cast<milliseconds>(duration).count();
}

}  // namespace

std::uint64_t integer_cube_root(std::uint64_t value) {
  std::uint64_t root = 0;  // bit by bit: 2^21 is the largest power whose cube fits, and 2^22 - 1 is enough
  for (std::uint64_t bit = std::uint64_t{1} << 21; bit > 0; bit >>= 1) {
    const std::uint64_t tried = root | bit;
    if (tried <= value / tried / tried) root = tried;
  }
  return root;
}

CongestionWindow::CongestionWindow(std::uint64_t initial_bytes)
    : initial_(initial_bytes), window_(initial_bytes) {
  NETRIG_ASSERT(initial_bytes >= kSegmentBytes && initial_bytes <= kCongestionWindowMax);
}

void CongestionWindow::on_acked(std::uint64_t acked_bytes, bool was_limiting, Duration rtt, Instant now) {
  if (!was_limiting) {
    if (avoiding_) began_ += now - acked_at_;  // this time does not count
    acked_at_ = now;
    return;
  }
  acked_at_ = now;
  if (in_slow_start()) {
    const std::uint64_t grown = std::min(acked_bytes, threshold_ - window_);
    window_ += grown;
    acked_bytes -= grown;
  }
  if (acked_bytes == 0 || in_slow_start() || window_ >= kCongestionWindowMax) return;
  avoid(acked_bytes, rtt, now);
}

void CongestionWindow::begin_avoidance(Instant now) {
  avoiding_ = true;
  began_ = now;
  friendly_ = window_;
  carry_ = friendly_carry_ = 0;
  if (after_timeout_ || window_ >= peak_) peak_ = window_;
  after_timeout_ = false;
  const std::uint64_t below = peak_ - window_;
  until_peak_ = milliseconds{integer_cube_root(below * kCubicMsPerCubicSecond / kBytesPerCubicSecond)};
}

// W_max + C (t - K)^3; equation 1.
std::uint64_t CongestionWindow::cubic_bytes(Duration since) const {
  const std::int64_t from_peak = std::clamp(in_ms(since - until_peak_), -kCubedMsMax, kCubedMsMax);
  const auto distance = static_cast<std::uint64_t>(from_peak < 0 ? -from_peak : from_peak);
  const std::uint64_t difference = distance * distance * distance / 1'000 * kBytesPerCubicSecond / 1'000'000;
  if (from_peak < 0) return peak_ > difference ? peak_ - difference : 0;
  return std::min(peak_ + difference, kCongestionWindowMax);
}

// 4.2 to 4.5: towards where the curve is one round trip from now, and never below what Reno would have.
void CongestionWindow::avoid(std::uint64_t acked_bytes, Duration rtt, Instant now) {
  if (!avoiding_) begin_avoidance(now);
  const Duration since = now - began_;

  const bool past_prior = friendly_ >= window_before_;
  const std::uint64_t numerator = past_prior ? 1 : kFriendlyNumerator;
  const std::uint64_t denominator = window_ * (past_prior ? 1 : kFriendlyDenominator);
  const std::uint64_t friendly_work = acked_bytes * kSegmentBytes * numerator + friendly_carry_;
  friendly_ = std::min(friendly_ + friendly_work / denominator, kCongestionWindowMax);
  friendly_carry_ = friendly_work % denominator;

  if (cubic_bytes(since) < friendly_) {
    window_ = std::max(window_, friendly_);
    return;
  }
  const std::uint64_t target = std::clamp(cubic_bytes(since + rtt), window_, window_ + window_ / 2);
  const std::uint64_t work = (target - window_) * acked_bytes + carry_;
  carry_ = work % window_;
  window_ = std::min(window_ + work / window_, kCongestionWindowMax);
}

std::uint64_t CongestionWindow::reduced() const {
  return std::max(window_ * kKeptPercent / 100, kWindowMin);
}

void CongestionWindow::on_loss() {
  window_before_ = window_;
  peak_ = window_ < peak_ ? window_ * kReleasedPercent / 100 : window_;
  threshold_ = window_ = reduced();
  avoiding_ = false;
  after_timeout_ = false;
}

void CongestionWindow::on_timeout(bool again) {
  if (!again) {
    window_before_ = window_;
    threshold_ = reduced();
  }
  window_ = kSegmentBytes;
  avoiding_ = false;
  after_timeout_ = true;
}

// RFC 5681, 4.1, in the steps of RFC 2861: the threshold remembers three quarters of what was.
void CongestionWindow::on_restart(Duration idle, Duration timeout) {
  const std::uint64_t floor = std::min(initial_, window_);
  threshold_ = std::max(threshold_, window_ - window_ / 4);
  std::uint64_t halved = window_;
  for (idle -= timeout; idle > Duration{0} && halved > floor; idle -= timeout) halved /= 2;
  window_ = std::max(halved, floor);
  avoiding_ = false;
}

}  // namespace netrig::sim
