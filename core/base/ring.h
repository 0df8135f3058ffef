// A first-in first-out queue of fixed capacity: memory is taken once, and a full queue is an answer.
#pragma once

#include <cstddef>
#include <vector>

#include "netrig/core/base/assert.h"

namespace netrig {

template <class T>
class Ring {
 public:
  explicit Ring(std::size_t capacity) : slots_(capacity) { NETRIG_ASSERT(capacity > 0); }

  bool push(const T& value) {  // false: full, nothing taken
    if (full()) return false;
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
  std::size_t capacity() const { return slots_.size(); }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == slots_.size(); }

 private:
  std::vector<T> slots_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace netrig
