#include "netrig/loadgen/run/update_watch.h"

#include <algorithm>

namespace netrig::loadgen {

Duration stall_after(std::uint32_t updates_hz) {
  return std::max<Duration>(kStallMin, Duration{1s} * kStallUpdates / updates_hz);
}

void UpdateWatch::restart() {
  sequence_.reset();
  newest_at_.reset();
  stalled_ = false;
  seen_.clear();
  next_ = 0;
}

void UpdateWatch::on_update(EntityId entity, std::uint32_t sequence, Instant now) {
  if (newest_at_) note_silence(now - *newest_at_);
  newest_at_ = now;
  stalled_ = false;
  follow_sequence(sequence);
  follow_entity(entity, now);
}

void UpdateWatch::look(Instant now) {
  if (!newest_at_) return;
  note_silence(now - *newest_at_);
  recorder_.time_since_update(client_, now - *newest_at_);
}

void UpdateWatch::note_silence(Duration silence) {
  if (stalled_ || silence <= stall_after_) return;
  stalled_ = true;
  recorder_.stalled(client_);
}

// Numbers wrap at 2^32. Over a stream none is overtaken, so one that is not above the last is the server's.
void UpdateWatch::follow_sequence(std::uint32_t sequence) {
  if (sequence_) {
    const std::uint32_t step = sequence - *sequence_;
    if (step == 0 || step > INT32_MAX) recorder_.sequence_reversed(client_);
    if (step > 1 && step <= INT32_MAX) recorder_.sequence_gap(client_, step - 1);
  }
  sequence_ = sequence;
}

UpdateWatch::Seen* UpdateWatch::find(EntityId entity) {
  if (next_ < seen_.size() && seen_[next_].entity == entity) return &seen_[next_];
  const auto at = std::ranges::lower_bound(seen_, entity, {}, &Seen::entity);
  return at != seen_.end() && at->entity == entity ? &*at : nullptr;
}

void UpdateWatch::follow_entity(EntityId entity, Instant now) {
  Seen* const seen = find(entity);
  if (seen == nullptr) {
    if (seen_.size() == kEntitiesMax) return;
    const auto at = std::ranges::lower_bound(seen_, entity, {}, &Seen::entity);
    next_ = static_cast<std::size_t>(seen_.insert(at, {entity, now}) - seen_.begin()) + 1;
    return;
  }
  next_ = static_cast<std::size_t>(seen - seen_.data()) + 1;
  if (next_ == seen_.size()) next_ = 0;
  const Duration interval = now - seen->at;
  recorder_.update_interval(client_, interval);
  if (seen->interval) recorder_.update_jitter(client_, interval - *seen->interval);
  seen->at = now;
  seen->interval = interval;
}

}  // namespace netrig::loadgen
