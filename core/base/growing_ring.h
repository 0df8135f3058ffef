// A first-in, first-out queue in one block of memory that is kept: no allocation once it has grown to its
// peak.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "netrig/core/base/assert.h"

namespace netrig {

template <class T>
class GrowingRing {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t index) { return slots_[(first_ + index) & (slots_.size() - 1)]; }
  const T& operator[](std::size_t index) const { return slots_[(first_ + index) & (slots_.size() - 1)]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  T& push_back(T value) {
    if (size_ == slots_.size()) grow();
    ++size_;
    return back() = std::move(value);
  }

  // Takes the oldest out. A T that was moved from refers to nothing any more.
  T pop_front() {
    NETRIG_ASSERT(size_ > 0);
    T taken = std::move(front());
    first_ = (first_ + 1) & (slots_.size() - 1);
    --size_;
    return taken;
  }

  void clear() { size_ = 0; }  // for a T that owns nothing

  // Inserts before those at the back that `goes_before(value, other)`. Costs one move for each of them.
  template <class GoesBefore>
  void insert_sorted(T value, GoesBefore goes_before) {
    push_back(T{});
    std::size_t at = size_ - 1;
    for (; at > 0 && goes_before(value, (*this)[at - 1]); --at) (*this)[at] = std::move((*this)[at - 1]);
    (*this)[at] = std::move(value);
  }

 private:
  static constexpr std::size_t kFirstCapacity = 8;

  void grow() {
    std::vector<T> larger(slots_.empty() ? kFirstCapacity : slots_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    slots_ = std::move(larger);
    first_ = 0;
  }

  std::vector<T> slots_;  // a power of two, or none
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace netrig
