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
  const Node node{std::max(deadline, now_), task.order_key(), &task};
  if (task.queue_slot != Task::kNotQueued) {
    close_root();
    reseat(task.queue_slot, node);
  } else if (root_is_vacant_) {
    replace_root(node);
  } else {
    heap_.push_back(node);
    sift_up(heap_.size() - 1, node);
  }
}

void VirtualScheduler::cancel(Task& task) {
  if (task.queue_slot == Task::kNotQueued) return;
  close_root();
  const std::size_t slot = std::exchange(task.queue_slot, Task::kNotQueued);
  const Node last = heap_.back();
  heap_.pop_back();
  if (slot < heap_.size()) reseat(slot, last);
}

bool VirtualScheduler::run_next() {
  NETRIG_ASSERT(!running_);
  if (heap_.empty()) return false;
  Task& task = *heap_.front().task;
  now_ = heap_.front().deadline;
  ++events_;
  task.queue_slot = Task::kNotQueued;
  running_ = root_is_vacant_ = true;
  task.run(now_);
  running_ = false;
  close_root();
  return true;
}

void VirtualScheduler::run_until(Instant bound) {
  while (!heap_.empty() && heap_.front().deadline <= bound) run_next();
  now_ = std::max(now_, bound);
}

std::optional<Instant> VirtualScheduler::next_deadline() const {
  const std::size_t size = heap_.size();
  if (!root_is_vacant_) return size > 0 ? std::optional{heap_.front().deadline} : std::nullopt;
  return size > 1 ? std::optional{heap_[first_among(first_child_of(0))].deadline} : std::nullopt;
}

// Puts `node` where another one was, and from there up or down.
void VirtualScheduler::reseat(std::size_t slot, const Node& node) {
  if (goes_before(node, heap_[slot])) {
    sift_up(slot, node);
  } else {
    sift_down(slot, node);
  }
}

// The vacant root still holds the deadline and key of the task that runs, which must be nobody else's. An
// equal one would be among its children: only equal ones could stand between.
void VirtualScheduler::replace_root(const Node& node) {
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
  const Node last = heap_.back();
  if (heap_.size() > 1) {
    NETRIG_ASSERT(!same_turn(last, heap_.front()));
    heap_.pop_back();
    replace_root(last);
  } else {
    heap_.pop_back();
    root_is_vacant_ = false;
  }
}

void VirtualScheduler::sift_up(std::size_t slot, const Node& node) {
  while (slot > 0 && goes_before(node, heap_[parent_of(slot)])) {
    place(slot, heap_[parent_of(slot)]);
    slot = parent_of(slot);
  }
  place(slot, node);
}

void VirtualScheduler::sift_down(std::size_t slot, const Node& node) {
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

void VirtualScheduler::place(std::size_t slot, const Node& node) {
  heap_[slot] = node;
  node.task->queue_slot = static_cast<std::uint32_t>(slot);
}

}  // namespace netrig::sim
