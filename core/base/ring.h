// A first-in first-out queue with a bound: a full queue is an answer. Memory grows to what it has held at
// once, never beyond the bound, and is kept: bounds are for the worst link of a deployment, and most links
// are better.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "netrig/core/base/assert.h"

namespace netrig {

template <class T>
class Ring {
 public:
  explicit Ring(std::size_t capacity) : capacity_(capacity) { NETRIG_ASSERT(capacity > 0); }

  bool push(const T& value) {  // false: full, nothing taken
    if (full()) return false;
    if (size_ == slots_.size()) grow();
    slots_[(first_ + size_) % slots_.size()] = value;
    ++size_;
    return true;
  }
  void pop() {
    NETRIG_ASSERT(size_ > 0);
    first_ = (first_ + 1) % slots_.size();
    --size_;
  }
  void clear() { size_ = 0; }

  const T& front() const { return (*this)[0]; }
  const T& back() const { return (*this)[size_ - 1]; }
  const T& operator[](std::size_t index) const {  // 0 is the oldest
    NETRIG_ASSERT(index < size_);
    return slots_[(first_ + index) % slots_.size()];
  }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == capacity_; }

 private:
  static constexpr std::size_t kFirstSlots = 4;

  void grow() {
    std::vector<T> larger(std::min(capacity_, std::max(kFirstSlots, 2 * slots_.size())));
    for (std::size_t i = 0; i < size_; ++i) larger[i] = (*this)[i];
    slots_ = std::move(larger);
    first_ = 0;
  }

  std::size_t capacity_;
  std::vector<T> slots_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace netrig
