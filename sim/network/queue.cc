#include "netrig/sim/network/queue.h"

#include <limits>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::sim {
namespace {

// Work is counted in bits times nanoseconds per second: a rate r does r of it in one nanosecond.
constexpr std::uint64_t kByteWork = 8 * 1'000'000'000ull;

std::uint64_t count_of(Duration duration) {
  return static_cast<std::uint64_t>(duration.count());
}

}  // namespace

DropTailQueue::DropTailQueue(std::uint64_t rate_bits_per_second, std::uint64_t bytes_max)
    : rate_bits_per_second_(rate_bits_per_second),
      bytes_max_(rate_bits_per_second == 0 ? std::numeric_limits<std::uint64_t>::max() : bytes_max) {}

DropTailQueue::DropTailQueue(Timeline rates, std::uint64_t bytes_max)
    : DropTailQueue(rates.rate_bits_per_second(Instant{}), bytes_max) {
  if (rates.varies_rate()) rates_ = std::move(rates);
}

Instant DropTailQueue::push_limited(std::uint32_t wire_bytes, Instant now) {
  NETRIG_ASSERT(fits(wire_bytes, now));
  if (rates_) {
    work_left_ = work_left_varying(now) + wire_bytes * kByteWork;
    worked_until_ = std::max(worked_until_, now);
  }
  if (empty_at_ < now) {
    empty_at_ = now;
    carry_ = 0;
  }
  const std::uint64_t work = wire_bytes * kByteWork + carry_;
  if (rates_) {
    push_varying(work);
    return empty_at_;
  }
  empty_at_ += Duration{work / rate_bits_per_second_};
  carry_ = work % rate_bits_per_second_;
  return empty_at_;
}

// Moves empty_at_ on by `work`, at one rate after the other.
void DropTailQueue::push_varying(std::uint64_t work) {
  while (true) {
    const std::uint64_t rate = rates_->rate_bits_per_second(empty_at_);
    const Instant change = rates_->rate_change_after(empty_at_);
    const std::uint64_t takes = work / rate;
    if (change == Instant::max() || takes <= count_of(change - empty_at_)) {
      empty_at_ += Duration{takes};
      carry_ = work % rate;
      return;
    }
    work -= rate * count_of(change - empty_at_);
    empty_at_ = change;
  }
}

std::uint64_t DropTailQueue::work_left_varying(Instant now) const {
  std::uint64_t left = work_left_;
  for (Instant at = worked_until_; at < now && left > 0;) {
    const Instant until = std::min(now, rates_->rate_change_after(at));
    const std::uint64_t rate = rates_->rate_bits_per_second(at);
    const std::uint64_t span = count_of(until - at);
    left = left / rate < span ? 0 : left - rate * span;
    at = until;
  }
  return left;
}

Duration DropTailQueue::time_of(std::uint64_t wire_bytes, Instant at) const {
  if (!is_limited()) return Duration{0};
  return Duration{wire_bytes * kByteWork /
                  (rates_ ? rates_->rate_bits_per_second(at) : rate_bits_per_second_)};
}

std::uint64_t DropTailQueue::bytes(Instant now) const {
  if (empty_at_ <= now) return 0;
  if (rates_) return (work_left_varying(now) + kByteWork - 1) / kByteWork;
  const std::uint64_t work = count_of(empty_at_ - now) * rate_bits_per_second_ + carry_;
  return (work + kByteWork - 1) / kByteWork;
}

}  // namespace netrig::sim
