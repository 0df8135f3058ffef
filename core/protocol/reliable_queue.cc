#include "netrig/core/protocol/reliable_queue.h"

#include "netrig/core/base/assert.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {

bool ReliableQueue::full() const {
  return unacked() >= messages_max_ || bytes_.size() - first_at_ >= kPendingBytesMax;
}

void ReliableQueue::written() {
  NETRIG_ASSERT(has_unwritten());
  next_at_ += entry(written_).size;
  ++written_;
}

bool ReliableQueue::acked(std::uint32_t received) {
  if (!could_be_acked(received)) return false;
  for (; acked_ != received; ++acked_) first_at_ += entries_[first_++].size;
  compact();
  return true;
}

bool ReliableQueue::rewind(std::uint32_t received) {
  if (!acked(received)) return false;
  written_ = acked_;
  next_at_ = first_at_;
  return true;
}

// Moves what is left to the front once that is the smaller part, so that each byte is moved at most once.
void ReliableQueue::compact() {
  if (first_ * 2 < entries_.size()) return;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(first_at_));
  next_at_ -= first_at_;
  first_ = 0;
  first_at_ = 0;
}

}  // namespace netrig
