// Pending tasks in the order in which they run: by deadline, then by the order key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "netrig/core/base/scheduler.h"

namespace netrig::transport {

// A binary heap of intrusive tasks: a queued task knows its place, so moving and cancelling cost O(log n).
class TaskHeap {
 public:
  struct Node {
    Instant due;       // when it runs at the earliest
    Instant deadline;  // when it was asked for; what is before `due` was already late then
    Task* task;
  };

  bool empty() const { return nodes_.empty(); }
  std::size_t size() const { return nodes_.size(); }
  const Node& front() const { return nodes_.front(); }

  // Inserts the task, or moves it when it is queued.
  void put(const Node& node) {
    if (node.task->queue_slot == Task::kNotQueued) {
      nodes_.push_back(node);
      sift_up(nodes_.size() - 1, node);
    } else {
      reseat(node.task->queue_slot, node);
    }
  }

  void remove(Task& task) {
    const std::size_t slot = std::exchange(task.queue_slot, Task::kNotQueued);
    const Node last = nodes_.back();
    nodes_.pop_back();
    if (slot < nodes_.size()) reseat(slot, last);
  }

  Node pop() {
    const Node first = nodes_.front();
    remove(*first.task);
    return first;
  }

 private:
  static bool goes_before(const Node& a, const Node& b) {
    return a.due != b.due ? a.due < b.due : a.task->order_key() < b.task->order_key();
  }

  void place(std::size_t slot, const Node& node) {
    nodes_[slot] = node;
    node.task->queue_slot = static_cast<std::uint32_t>(slot);
  }

  // Puts `node` where another one was, and from there up or down.
  void reseat(std::size_t slot, const Node& node) {
    if (slot > 0 && goes_before(node, nodes_[(slot - 1) / 2])) return sift_up(slot, node);
    sift_down(slot, node);
  }

  void sift_up(std::size_t slot, const Node& node) {
    for (; slot > 0 && goes_before(node, nodes_[(slot - 1) / 2]); slot = (slot - 1) / 2)
      place(slot, nodes_[(slot - 1) / 2]);
    place(slot, node);
  }

  void sift_down(std::size_t slot, const Node& node) {
    for (std::size_t child = 2 * slot + 1; child < nodes_.size(); child = 2 * slot + 1) {
      if (child + 1 < nodes_.size() && goes_before(nodes_[child + 1], nodes_[child])) ++child;
      if (!goes_before(nodes_[child], node)) break;
      place(slot, nodes_[child]);
      slot = child;
    }
    place(slot, node);
  }

  std::vector<Node> nodes_;
};

}  // namespace netrig::transport
