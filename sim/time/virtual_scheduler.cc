#include "netrig/sim/time/virtual_scheduler.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::sim {
namespace {

constexpr std::size_t kArity = 4;  // the children of one node are neighbours in memory

constexpr std::size_t first_child_of(std::size_t slot) {
  return slot * kArity + 1;
}
constexpr std::size_t parent_of(std::size_t slot) {
  return (slot - 1) / kArity;
}

}  // namespace

void VirtualScheduler::schedule(Task& task, Instant deadline) {
  const QueuedTask queued{std::max(deadline, now_), task.order_key(), &task};
  const bool is_near = wheel_.is_near(queued.deadline);
  if (room_ <= pending()) make_room();
  if (TaskWheel::holds(task)) {
    wheel_.remove(task);
  } else if (task.queue_slot != Task::kNotQueued) {
    close_root();
    if (is_near) return reseat(task.queue_slot, queued);
    take_out(task);
  }
  if (is_near) return push(queued);
  wheel_.insert(queued);
}

void VirtualScheduler::make_room() {
  room_ = std::max<std::size_t>(64, 2 * pending());
  heap_.reserve(room_);
  wheel_.reserve(room_);
}

void VirtualScheduler::cancel(Task& task) {
  if (task.queue_slot == Task::kNotQueued) return;
  if (TaskWheel::holds(task)) return wheel_.remove(task);
  close_root();
  take_out(task);
}

// Of the heap, whose root is not vacant.
void VirtualScheduler::take_out(Task& task) {
  const std::size_t slot = std::exchange(task.queue_slot, Task::kNotQueued);
  const QueuedTask last = heap_.back();
  heap_.pop_back();
  if (slot < heap_.size()) reseat(slot, last);
}

bool VirtualScheduler::run_next() {
  NETRIG_ASSERT(!running_);
  settle();
  if (heap_.empty()) return false;
  Task& task = *heap_.front().task;
  now_ = heap_.front().deadline;
  ++events_;
  task.queue_slot = Task::kNotQueued;
  running_ = root_is_vacant_ = true;
  task.run(now_);
  running_ = false;
  close_root();
  settle();
  return true;
}

void VirtualScheduler::run_until(Instant bound) {
  for (settle(); !heap_.empty() && heap_.front().deadline <= bound; settle()) run_next();
  now_ = std::max(now_, bound);
}

std::optional<Instant> VirtualScheduler::next_deadline() const {
  if (!root_is_vacant_ && !heap_.empty()) return heap_.front().deadline;
  if (heap_.size() > 1) return heap_[first_among(first_child_of(0))].deadline;
  return wheel_.first_deadline();
}

void VirtualScheduler::push(const QueuedTask& queued) {
  if (root_is_vacant_) return replace_root(queued);
  heap_.push_back(queued);
  sift_up(heap_.size() - 1, queued);
}

// All that is near is in the heap; when that is nothing, the wheel turns. Only when an event is to run: what
// is near to a far event may still be scheduled before it.
void VirtualScheduler::settle() {
  while (heap_.empty() && wheel_.size() > 0) wheel_.turn([this](const QueuedTask& queued) { push(queued); });
}

// Puts `node` where another one was, and from there up or down.
void VirtualScheduler::reseat(std::size_t slot, const QueuedTask& node) {
  if (goes_before(node, heap_[slot])) {
    sift_up(slot, node);
  } else {
    sift_down(slot, node);
  }
}

// The vacant root still holds the deadline and key of the task that runs, which must be nobody else's. An
// equal one would be among its children: only equal ones could stand between.
void VirtualScheduler::replace_root(const QueuedTask& node) {
  root_is_vacant_ = false;
  if (heap_.size() == 1) return place(0, node);
  const std::size_t next = first_among(first_child_of(0));
  NETRIG_ASSERT(!same_turn(heap_[next], heap_.front()));
  if (!goes_before(heap_[next], node)) return place(0, node);
  place(0, heap_[next]);
  sift_down(next, node);
}

void VirtualScheduler::close_root() {
  if (!root_is_vacant_) return;
  const QueuedTask last = heap_.back();
  if (heap_.size() > 1) {
    NETRIG_ASSERT(!same_turn(last, heap_.front()));
    heap_.pop_back();
    replace_root(last);
  } else {
    heap_.pop_back();
    root_is_vacant_ = false;
  }
}

void VirtualScheduler::sift_up(std::size_t slot, const QueuedTask& node) {
  while (slot > 0 && goes_before(node, heap_[parent_of(slot)])) {
    place(slot, heap_[parent_of(slot)]);
    slot = parent_of(slot);
  }
  place(slot, node);
}

void VirtualScheduler::sift_down(std::size_t slot, const QueuedTask& node) {
  for (std::size_t child = first_child_of(slot); child < heap_.size(); child = first_child_of(slot)) {
    const std::size_t next = first_among(child);
    if (!goes_before(heap_[next], node)) break;
    place(slot, heap_[next]);
    slot = next;
  }
  place(slot, node);
}

// Which of the up to four siblings from `first` on runs first.
std::size_t VirtualScheduler::first_among(std::size_t first) const {
  const auto earlier = [this](std::size_t a, std::size_t b) {
    return goes_before(heap_[b], heap_[a]) ? b : a;
  };
  if (first + kArity <= heap_.size())
    return earlier(earlier(first, first + 1), earlier(first + 2, first + 3));
  std::size_t best = first;
  for (std::size_t other = first + 1; other < heap_.size(); ++other) best = earlier(best, other);
  return best;
}

void VirtualScheduler::place(std::size_t slot, const QueuedTask& node) {
  heap_[slot] = node;
  node.task->queue_slot = static_cast<std::uint32_t>(slot);
}

}  // namespace netrig::sim
