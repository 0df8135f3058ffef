#include "netrig/sim/network/queue.h"

#include <limits>

#include "netrig/core/base/assert.h"

namespace netrig::sim {
namespace {

// Bits times nanoseconds per second: one byte takes this many 1/rate nanoseconds.
constexpr std::uint64_t kByteWork = 8 * 1'000'000'000ull;

}  // namespace

DropTailQueue::DropTailQueue(std::uint64_t rate_bits_per_second, std::uint64_t bytes_max)
    : rate_bits_per_second_(rate_bits_per_second),
      bytes_max_(rate_bits_per_second == 0 ? std::numeric_limits<std::uint64_t>::max() : bytes_max) {}

Instant DropTailQueue::push_limited(std::uint32_t wire_bytes, Instant now) {
  NETRIG_ASSERT(fits(wire_bytes, now));
  if (empty_at_ < now) {
    empty_at_ = now;
    carry_ = 0;
  }
  const std::uint64_t work = wire_bytes * kByteWork + carry_;
  empty_at_ += Duration{work / rate_bits_per_second_};
  carry_ = work % rate_bits_per_second_;
  return empty_at_;
}

std::uint64_t DropTailQueue::bytes(Instant now) const {
  if (empty_at_ <= now) return 0;
  const auto left_ns = static_cast<std::uint64_t>((empty_at_ - now).count());
  const std::uint64_t work = left_ns * rate_bits_per_second_ + carry_;
  return (work + kByteWork - 1) / kByteWork;
}

}  // namespace netrig::sim
