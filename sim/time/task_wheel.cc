#include "netrig/sim/time/task_wheel.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::sim {

TaskWheel::TaskWheel(Instant at) : slice_(slice_of(at)) {
  buckets_.fill(kNoChunk);
}

// A bucket has at most one chunk that is not full: these are as many full ones as there can be, one for each
// bucket that a task can be in, and the one that turn() is emptying.
void TaskWheel::reserve(std::size_t tasks) {
  const std::size_t chunks = tasks / kChunkTasks + std::min(tasks, buckets_.size()) + 1;
  NETRIG_ASSERT(chunks < kFirstSlot / kChunkTasks);
  chunks_.reserve(chunks);
}

// Instants before the run's start come before it here too.
std::uint64_t TaskWheel::slice_of(Instant instant) {
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  return (static_cast<std::uint64_t>(ns_since_start(instant)) ^ kSign) >> kSliceShift;
}

void TaskWheel::insert(const QueuedTask& queued) {
  const std::uint64_t slice = slice_of(queued.deadline);
  NETRIG_ASSERT(slice > slice_);
  const auto level = static_cast<std::uint32_t>(std::bit_width(slice ^ slice_) - 1) / kDigitBits;
  const auto digit = static_cast<std::uint32_t>(slice >> level * kDigitBits & (kBucketsPerLevel - 1));
  const std::uint32_t bucket = level * kBucketsPerLevel + digit;
  std::uint32_t chunk = buckets_[bucket];
  if (chunk == kNoChunk || chunks_[chunk].count == kChunkTasks) chunk = take_chunk(bucket);
  place(chunk, chunks_[chunk].count++, queued);
  ++size_;
}

// The last one in takes the place.
void TaskWheel::remove(Task& task) {
  const std::uint32_t at = std::exchange(task.queue_slot, Task::kNotQueued) - kFirstSlot;
  const std::uint32_t bucket = chunks_[at / kChunkTasks].bucket;
  const std::uint32_t first = buckets_[bucket];
  const QueuedTask last = chunks_[first].tasks[--chunks_[first].count];
  if (last.task != &task) place(at / kChunkTasks, at % kChunkTasks, last);
  --size_;
  if (chunks_[first].count > 0) return;
  buckets_[bucket] = chunks_[first].next;
  free_chunk(first);
  if (buckets_[bucket] == kNoChunk) occupied_[bucket / 64] &= ~(std::uint64_t{1} << bucket % 64);
}

std::optional<Instant> TaskWheel::first_deadline() const {
  if (size_ == 0) return std::nullopt;
  Instant first = Instant::max();
  for (std::uint32_t at = buckets_[next_bucket()]; at != kNoChunk; at = chunks_[at].next) {
    for (const QueuedTask& queued : std::span{chunks_[at].tasks}.first(chunks_[at].count))
      first = std::min(first, queued.deadline);
  }
  return first;
}

void TaskWheel::place(std::uint32_t chunk, std::uint32_t index, const QueuedTask& queued) {
  chunks_[chunk].tasks[index] = queued;
  queued.task->queue_slot = kFirstSlot + chunk * kChunkTasks + index;
}

std::uint32_t TaskWheel::take_chunk(std::uint32_t bucket) {
  if (free_ == kNoChunk) {
    chunks_.push_back({.tasks = {}, .next = kNoChunk, .bucket = 0, .count = 0});
    free_ = static_cast<std::uint32_t>(chunks_.size() - 1);
  }
  const std::uint32_t taken = free_;
  Chunk& chunk = chunks_[taken];
  free_ = std::exchange(chunk.next, buckets_[bucket]);
  chunk.bucket = bucket;
  chunk.count = 0;
  buckets_[bucket] = taken;
  occupied_[bucket / 64] |= std::uint64_t{1} << bucket % 64;
  return taken;
}

void TaskWheel::free_chunk(std::uint32_t chunk) {
  chunks_[chunk].next = std::exchange(free_, chunk);
}

// The first bucket of a level behind the digit `after` that holds tasks, or kNoChunk.
std::uint32_t TaskWheel::next_bucket(std::uint32_t level, std::uint32_t after) const {
  const std::uint32_t end = (level + 1) * kBucketsPerLevel;
  const std::uint32_t first = level * kBucketsPerLevel + after + 1;
  if (first == end) return kNoChunk;
  std::uint64_t bits = occupied_[first / 64] & (~std::uint64_t{0} << first % 64);
  for (std::uint32_t word = first / 64;;) {
    if (bits != 0) return word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
    if (++word == end / 64) return kNoChunk;
    bits = occupied_[word];
  }
}

// What waits at a level comes before all that waits at a higher one. The wheel is not empty.
std::uint32_t TaskWheel::next_bucket() const {
  std::uint32_t level = 0;
  while (true) {
    NETRIG_ASSERT(level < kLevels);
    const auto digit = static_cast<std::uint32_t>(slice_ >> level * kDigitBits & (kBucketsPerLevel - 1));
    const std::uint32_t bucket = next_bucket(level, digit);
    if (bucket != kNoChunk) return bucket;
    ++level;
  }
}

std::uint32_t TaskWheel::unlink_next_bucket() {
  const std::uint32_t bucket = next_bucket();
  const std::uint32_t shift = bucket / kBucketsPerLevel * kDigitBits;
  slice_ = (slice_ >> shift >> kDigitBits << kDigitBits | bucket % kBucketsPerLevel) << shift;
  occupied_[bucket / 64] &= ~(std::uint64_t{1} << bucket % 64);
  return std::exchange(buckets_[bucket], kNoChunk);
}

}  // namespace netrig::sim
