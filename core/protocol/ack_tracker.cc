#include "netrig/core/protocol/ack_tracker.h"

#include <algorithm>
#include <bit>

#include "netrig/core/base/assert.h"

namespace netrig {

AckTracker::AckTracker(const Windows& windows, std::uint64_t first_sequence)
    : ack_delay_max_(windows.ack_delay_max),
      repeats_(std::max(kAckRepeatsMin, static_cast<std::uint32_t>(1s / windows.ack_delay_max))),
      first_sequence_(first_sequence),
      seen_(windows.replay_packets / 64),
      mask_(windows.replay_packets - 1) {
  NETRIG_ASSERT(std::has_single_bit(windows.replay_packets) && windows.replay_packets >= 64);
}

bool AckTracker::seen(std::uint64_t sequence) const {
  return (seen_[(sequence & mask_) / 64] >> (sequence % 64) & 1) != 0;
}

std::optional<std::uint64_t> AckTracker::unwrap(std::uint32_t sequence_low) const {
  const std::optional<std::uint64_t> sequence =
      unwrap_sequence(sequence_low, any_ ? newest_ + 1 : first_sequence_);
  if (!sequence || *sequence < first_sequence_) return std::nullopt;
  if (!any_ || *sequence > newest_) return sequence;
  const bool too_old = newest_ - *sequence > mask_;
  if (too_old || seen(*sequence)) return std::nullopt;
  return sequence;
}

// The window moves up to `sequence`: what leaves it makes room for what enters.
void AckTracker::forget_up_to(std::uint64_t sequence) {
  if (sequence - newest_ > mask_) return std::fill(seen_.begin(), seen_.end(), 0);
  for (std::uint64_t entering = newest_ + 1; entering <= sequence;) {
    std::uint64_t& word = seen_[(entering & mask_) / 64];
    const bool whole = entering % 64 == 0 && sequence - entering >= 63;
    word = whole ? 0 : word & ~(std::uint64_t{1} << (entering % 64));
    entering += whole ? 64 : 1;
  }
}

void AckTracker::accept(std::uint64_t sequence) {
  if (!any_) {
    any_ = true;
    newest_ = sequence;
  } else if (sequence > newest_) {
    forget_up_to(sequence);
    newest_ = sequence;
  }
  NETRIG_ASSERT(newest_ - sequence <= mask_ && !seen(sequence));
  seen_[(sequence & mask_) / 64] |= std::uint64_t{1} << (sequence % 64);
}

void AckTracker::on_received(std::uint64_t sequence, bool wants_ack, Instant now) {
  if (count_ == 0 || sequence > largest_) {
    largest_ = sequence;
    largest_at_ = now;
  }
  add_to_ranges(sequence);
  has_news_ = true;
  if (wants_ack && !ack_deadline_) ack_deadline_ = now + ack_delay_max_;
}

void AckTracker::insert_range(std::uint32_t at, std::uint64_t sequence) {
  if (count_ == kAckRangesMax) {
    ++ranges_forgotten_;
    if (at == count_) return;  // older than all that there is room for: it counts as lost
    --count_;
  }
  std::move_backward(ranges_.begin() + at, ranges_.begin() + count_, ranges_.begin() + count_ + 1);
  ranges_[at] = {sequence, sequence, acks_written_ + 1};
  ++count_;
}

void AckTracker::erase_range(std::uint32_t at) {
  std::move(ranges_.begin() + at + 1, ranges_.begin() + count_, ranges_.begin() + at);
  --count_;
}

void AckTracker::add_to_ranges(std::uint64_t sequence) {
  std::uint32_t at = 0;  // the first range that does not lie wholly above
  while (at < count_ && ranges_[at].first > sequence + 1) ++at;
  if (at == count_ || ranges_[at].last + 1 < sequence) return insert_range(at, sequence);
  Range& range = ranges_[at];
  if (sequence >= range.first && sequence <= range.last) return;
  range.changed = acks_written_ + 1;
  if (sequence > range.last) {
    range.last = sequence;
    return;
  }
  range.first = sequence;
  const bool joins = at + 1 < count_ && ranges_[at + 1].last + 1 == sequence;
  if (!joins) return;
  range.first = ranges_[at + 1].first;
  erase_range(at + 1);
}

Ack AckTracker::ack(std::size_t bytes_max, Instant now) const {
  NETRIG_ASSERT(count_ > 0);
  std::uint32_t told = std::min(count_, kAckRangesAlways);
  for (std::uint32_t i = told; i < count_; ++i) {
    if (acks_written_ + 1 - ranges_[i].changed < repeats_) told = i + 1;
  }
  Ack ack;
  ack.largest = static_cast<std::uint32_t>(largest_);
  const auto delay_us = std::chrono::duration_cast<std::chrono::microseconds>(now - largest_at_).count();
  ack.delay_us = static_cast<std::uint32_t>(std::clamp<std::int64_t>(delay_us, 0, UINT32_MAX));
  std::size_t bytes = 4 + 5 + 5 + 1;
  for (const Range& range : std::span{ranges_}.first(told)) {
    const std::uint64_t last = largest_ - range.last;
    const std::uint64_t first = largest_ - range.first;
    if (first > UINT32_MAX) break;
    if (ack.count > 0) {
      bytes += varint_size(static_cast<std::uint32_t>(last - ack.ranges[ack.count - 1].first - 2)) +
               varint_size(static_cast<std::uint32_t>(first - last));
      if (bytes > bytes_max) break;
    }
    ack.ranges[ack.count++] = {static_cast<std::uint32_t>(last), static_cast<std::uint32_t>(first)};
  }
  return ack;
}

std::uint32_t AckTracker::on_ack_written() {
  has_news_ = false;
  ack_deadline_.reset();
  return ++acks_written_;
}

void AckTracker::on_ack_arrived(std::uint32_t number) {
  while (count_ > 1 && static_cast<std::int32_t>(ranges_[count_ - 1].changed - number) <= 0) --count_;
}

}  // namespace netrig
