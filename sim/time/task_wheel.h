// Where tasks wait whose turn is not near: a hierarchical timing wheel, after Varghese and Lauck, "Hashed and
// Hierarchical Timing Wheels" (SOSP 1987). It sorts by time only as finely as a slice; who takes a slice out
// sorts what is in it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netrig/core/base/scheduler.h"
#include "netrig/core/base/time.h"

namespace netrig::sim {

// A queued task with what decides its turn, so that nobody has to look at the task.
struct QueuedTask {
  Instant deadline;
  std::uint64_t key;
  Task* task;
};

// Time is cut into slices of 2^18 ns, numbered; the wheel stands at one of them. A task goes to the level of
// the highest digit (of 8 bits) in which its slice and the wheel's differ, into the bucket of that digit. To
// insert and to remove it take one step, and it is moved once for each level it comes down. A bucket is a
// list of chunks, of which only the first is not full: what is taken out together lies together.
class TaskWheel {
 public:
  explicit TaskWheel(Instant at);
  // Room for so many: until there are more, nothing is allocated.
  void reserve(std::size_t tasks);

  // Whether this deadline lies in the wheel's slice or before: such a task is not for the wheel.
  bool is_near(Instant deadline) const { return slice_of(deadline) <= slice_; }
  // Not near. From here on `holds(task)`, until it is removed or taken.
  void insert(const QueuedTask& queued);
  void remove(Task& task);
  static bool holds(const Task& task) {
    return task.queue_slot >= kFirstSlot && task.queue_slot != Task::kNotQueued;
  }

  std::size_t size() const { return size_; }
  // The earliest deadline. O(tasks of one bucket).
  std::optional<Instant> first_deadline() const;

  // Turns on to the next slice that may hold tasks and takes those in it out: `take(const QueuedTask&)` for
  // each, in no order. May find none; the wheel is not empty.
  template <class Take>
  void turn(Take&& take) {
    for (std::uint32_t at = unlink_next_bucket(); at != kNoChunk;) {
      const std::uint32_t count = chunks_[at].count;
      size_ -= count;
      for (std::uint32_t i = 0; i < count; ++i) {
        const QueuedTask queued = chunks_[at].tasks[i];
        if (is_near(queued.deadline)) {
          take(queued);
        } else {
          insert(queued);
        }
      }
      const std::uint32_t next = chunks_[at].next;
      free_chunk(at);
      at = next;
    }
  }

 private:
  static constexpr unsigned kSliceShift = 18;
  static constexpr unsigned kDigitBits = 8;
  static constexpr std::uint32_t kBucketsPerLevel = 1u << kDigitBits;
  static constexpr std::uint32_t kLevels = (64 - kSliceShift + kDigitBits - 1) / kDigitBits;

  static constexpr std::uint32_t kChunkTasks = 8;
  static constexpr std::uint32_t kNoChunk = ~0u;
  struct Chunk {
    std::array<QueuedTask, kChunkTasks> tasks;
    std::uint32_t next;    // in the bucket, or among the free
    std::uint32_t bucket;  // level x kBucketsPerLevel + digit
    std::uint32_t count;
  };
  // A task's queue_slot while it is here: kFirstSlot + chunk x kChunkTasks + place. Below lie the slots of
  // others.
  static constexpr std::uint32_t kFirstSlot = 1u << 31;

  static std::uint64_t slice_of(Instant instant);
  std::uint32_t next_bucket(std::uint32_t level, std::uint32_t after) const;
  std::uint32_t next_bucket() const;
  std::uint32_t unlink_next_bucket();
  std::uint32_t take_chunk(std::uint32_t bucket);
  void free_chunk(std::uint32_t chunk);
  void place(std::uint32_t chunk, std::uint32_t index, const QueuedTask& queued);

  std::array<std::uint32_t, kLevels * kBucketsPerLevel> buckets_;          // the first chunk of each
  std::array<std::uint64_t, kLevels * kBucketsPerLevel / 64> occupied_{};  // a bit for each bucket
  std::vector<Chunk> chunks_;
  std::uint32_t free_ = kNoChunk;
  std::uint64_t slice_;
  std::size_t size_ = 0;
};

}  // namespace netrig::sim
