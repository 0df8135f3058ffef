#include "netrig/core/protocol/send_rate.h"

#include <algorithm>

namespace netrig {
namespace {

constexpr Duration kStretchMin = 30s;  // the least round trip is forgotten after one to two stretches
constexpr int kStretchRoundTrips = 10;
constexpr Duration kWindowMin = 250ms;
constexpr std::uint32_t kWindowAcksMin = 8;     // fewer give no rate
constexpr std::int64_t kBurstBytesMin = 4'800;  // four packets
constexpr std::uint32_t kStandingMax = 4;       // then it is no queue of ours: the path has become longer
constexpr std::uint32_t kClearMax = 16;         // unasked for as long, the limit goes

std::uint64_t share(std::uint64_t bytes, Duration part, Duration whole) {
  return bytes * static_cast<std::uint64_t>(part / 1us) / static_cast<std::uint64_t>(whole / 1us);
}

}  // namespace

void SendRate::refill(Instant now) {
  const std::uint64_t added = share(rate_, now - refilled_at_, 1s);
  if (added == 0) return;  // what is less than a byte waits
  refilled_at_ = now;
  const std::int64_t most = std::max(kBurstBytesMin, static_cast<std::int64_t>(rate_ / 8));
  credit_ = std::min(credit_ + static_cast<std::int64_t>(added), most);
}

void SendRate::on_sent(std::size_t bytes, Instant now) {
  if (!limited_) return;
  refill(now);
  credit_ -= static_cast<std::int64_t>(bytes);
}

bool SendRate::may_send(Instant now) {
  if (!limited_) return true;
  refill(now);
  refused_ = refused_ || credit_ <= 0;
  return credit_ > 0;
}

std::size_t SendRate::budget(Instant now) {
  if (!limited_) return SIZE_MAX;
  refill(now);
  return static_cast<std::size_t>(std::max<std::int64_t>(credit_, 0));
}

void SendRate::note_least(Duration sample, const RoundTrip& rtt, Instant now) {
  if (now - stretch_began_ > std::max(kStretchMin, kStretchRoundTrips * rtt.smoothed())) {
    least_before_ = least_;
    least_ = Duration::max();
    stretch_began_ = now;
  }
  least_ = std::min(least_, sample);
}

void SendRate::begin_window(Instant now) {
  window_open_ = true;
  window_began_ = now;
  window_least_ = Duration::max();
  window_bytes_ = 0;
  window_acks_ = 0;
}

void SendRate::on_ack(const Feedback& feedback, const RoundTrip& rtt, Instant now) {
  if (feedback.sample) {
    note_least(*feedback.sample, rtt, now);
    if (last_sample_) {
      differences_ = std::min(differences_ + 1, 16);
      jitter_ += (std::chrono::abs(*feedback.sample - *last_sample_) - jitter_) / differences_;
    }
    last_sample_ = feedback.sample;
  }
  if (!window_open_) {  // the bytes of the ack that opens it came before
    if (feedback.largest_sent_at >= changed_at_) begin_window(now);
    return;
  }
  window_bytes_ += feedback.bytes_acked;
  if (feedback.sample) window_least_ = std::min(window_least_, *feedback.sample);
  ++window_acks_;
  const Duration window = std::max(kWindowMin, rtt.smoothed() / 8);
  const bool long_enough = now - window_began_ >= window && window_acks_ >= kWindowAcksMin;
  if (long_enough && window_least_ != Duration::max()) judge(rtt, now);
}

void SendRate::judge(const RoundTrip& rtt, Instant now) {
  const Duration least = std::min(least_, least_before_);
  const Duration queueing = std::max(window_least_ - least, Duration{});
  const Duration target = std::max(kQueueTarget, rtt.smoothed() / 32) + 3 * jitter_;
  const Duration window = now - window_began_;
  const Duration epoch = rtt.smoothed() + window;
  const std::uint64_t delivered = share(window_bytes_, 1s, window);
  const std::uint64_t rate_before = limited_ ? rate_ : 0;

  if (queueing > target) {
    clear_ = 0;
    standing_ = limited_ && queueing >= queueing_ ? standing_ + 1 : 0;
    slow_down(queueing - target / 2, epoch, delivered);
    if (standing_ >= kStandingMax) {
      standing_ = 0;
      least_ = window_least_;
      least_before_ = Duration::max();
    }
  } else if (limited_) {
    standing_ = 0;
    if (queueing <= target / 2) speed_up();
  }
  queueing_ = queueing;
  refused_ = false;
  if (limited_ && rate_ != rate_before) {
    if (rate_before == 0) {
      refilled_at_ = now;
      credit_ = 0;
    }
    changed_at_ = now;
    window_open_ = false;
  } else {
    begin_window(now);
  }
}

void SendRate::slow_down(Duration excess, Duration epoch, std::uint64_t delivered) {
  // While a queue drains, or still grows, what comes through is the path's rate; otherwise it is only ours.
  const bool is_path_rate = !limited_ || delivered > rate_ + rate_ / 16 || delivered < rate_ - rate_ / 16;
  if (is_path_rate) delivered_ = delivered;
  limited_ = true;
  const Duration drained = std::min(excess, epoch / 2);
  rate_ = std::max(kSendRateMin, delivered_ - share(delivered_, drained, epoch));
}

void SendRate::speed_up() {
  const std::uint64_t near = delivered_ - delivered_ / 32;
  if (rate_ < near) {  // the queue has drained
    rate_ = near;
    clear_ = 0;
    return;
  }
  if (!refused_) {
    if (++clear_ >= kClearMax) limited_ = false;
    return;
  }
  // Each step shows after a round trip, and until then fills the queue by as much of it: small ones near the
  // old limit, twice as large each time once that is left behind.
  clear_ = rate_ > delivered_ + delivered_ / 8 ? clear_ + 1 : 0;
  rate_ += std::min(rate_ / 2, (rate_ << std::min(clear_, 5u)) / 32);
}

}  // namespace netrig
