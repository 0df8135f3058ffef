// Simulated time: jumps from event to event in one total order, so that a run repeats to the bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netrig/core/base/scheduler.h"
#include "netrig/core/base/time.h"
#include "netrig/sim/time/task_wheel.h"

namespace netrig::sim {

// Runs tasks in the order (deadline, order_key). What is due within a quarter of a millisecond of the next
// event stands in a heap, the rest in a wheel, however much it is. Tasks are intrusive: a queued task knows
// its place, so cancel and move cost O(log near), and nothing is allocated once the queue has grown to its
// peak. Two queued tasks of one deadline and one key are a broken promise and abort the run.
class VirtualScheduler final : public Scheduler {
 public:
  explicit VirtualScheduler(Instant start = {}) : wheel_(start), now_(start) {}

  Instant now() const override { return now_; }
  void schedule(Task& task, Instant deadline) override;
  void cancel(Task& task) override;

  // Jumps to the next event and runs it. False when nothing is pending. Not from inside a task.
  bool run_next();
  // Runs every event up to and including `bound`, those scheduled on the way too, and leaves the clock there.
  void run_until(Instant bound);

  std::size_t pending() const { return heap_.size() - (root_is_vacant_ ? 1 : 0) + wheel_.size(); }
  std::optional<Instant> next_deadline() const;
  std::uint64_t events() const { return events_; }  // run so far

 private:
  static bool goes_before(const QueuedTask& a, const QueuedTask& b) {
    return a.deadline != b.deadline ? a.deadline < b.deadline : a.key < b.key;
  }
  static bool same_turn(const QueuedTask& a, const QueuedTask& b) {
    return a.deadline == b.deadline && a.key == b.key;
  }
  void place(std::size_t slot, const QueuedTask& node);
  void reseat(std::size_t slot, const QueuedTask& node);
  void sift_up(std::size_t slot, const QueuedTask& node);
  void sift_down(std::size_t slot, const QueuedTask& node);
  std::size_t first_among(std::size_t first) const;
  void replace_root(const QueuedTask& node);
  void close_root();
  void push(const QueuedTask& queued);
  void take_out(Task& task);
  void settle();
  void make_room();

  // Everything in the heap comes before everything in the wheel. Each has room for all that is pending.
  std::vector<QueuedTask> heap_;  // 4-ary
  TaskWheel wheel_;
  std::size_t room_ = 0;
  Instant now_;
  std::uint64_t events_ = 0;
  // While a task runs its node stays at the root, vacant: a task that schedules itself again, as most do,
  // takes the place with one sift instead of two.
  bool root_is_vacant_ = false;
  bool running_ = false;
};

}  // namespace netrig::sim
