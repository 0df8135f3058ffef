// The one way to ask for time: a task and a deadline. Implemented by the virtual clock (sim/time) and the
// real one.
#pragma once

#include <cstdint>
#include <limits>
#include <tuple>

#include "netrig/core/base/time.h"

namespace netrig {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

// At one instant the network delivers first, then timers fire, then worlds step.
enum class TaskClass : std::uint8_t { network, timer, tick };

// Decides between tasks of one deadline, so that no order of calls ever does. Every task of one scheduler has
// an order of its own: `owner` numbers the owning object within its class, `lane` tells an owner's tasks
// apart.
struct TaskOrder {
  TaskClass task_class = TaskClass::timer;
  std::uint32_t owner = 0;
  std::uint16_t lane = 0;

  constexpr std::uint64_t key() const {
    return static_cast<std::uint64_t>(task_class) << 56 | static_cast<std::uint64_t>(owner) << 16 | lane;
  }
};

class Task {
 public:
  explicit Task(TaskOrder order) : order_key_(order.key()) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual ~Task() = default;

  // Called from a scheduler turn. The task is no longer queued then, and may schedule itself again.
  virtual void run(Instant now) = 0;

  std::uint64_t order_key() const { return order_key_; }

  // Belongs to the scheduler that holds the task: where it stands in the queue, or kNotQueued.
  static constexpr std::uint32_t kNotQueued = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t queue_slot = kNotQueued;

 private:
  std::uint64_t order_key_;
};

// Holds each task at most once. Tasks outlive their place in the queue: cancel before destroying one.
class Scheduler : public Clock {
 public:
  // Runs `task` at `deadline`, or at once in a later turn when that has passed. A queued task is moved.
  virtual void schedule(Task& task, Instant deadline) = 0;
  virtual void cancel(Task& task) = 0;  // no effect when not queued
};

}  // namespace netrig
