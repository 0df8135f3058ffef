// A bounded queue between two threads: when it is full the oldest goes, and is counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "netrig/core/base/growing_ring.h"

namespace netrig::transport {

template <class T>
class Mailbox {
 public:
  explicit Mailbox(std::size_t size_max) : size_max_(size_max) {}

  void put(T value) {
    const std::lock_guard lock{mutex_};
    if (queue_.size() >= size_max_) {
      queue_.pop_front();
      ++dropped_;
    }
    queue_.push_back(std::move(value));
  }
  // Everything that waits, the oldest first.
  std::vector<T> take() {
    const std::lock_guard lock{mutex_};
    std::vector<T> taken;
    taken.reserve(queue_.size());
    while (!queue_.empty()) taken.push_back(queue_.pop_front());
    return taken;
  }
  std::uint64_t dropped() const {
    const std::lock_guard lock{mutex_};
    return dropped_;
  }

 private:
  const std::size_t size_max_;
  mutable std::mutex mutex_;
  GrowingRing<T> queue_;
  std::uint64_t dropped_ = 0;
};

}  // namespace netrig::transport
