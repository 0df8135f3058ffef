// Copies of the few bytes a type name or a component has: a call of memcpy costs more than the work. Within
// this layer only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace netrig::venture {

// Whatever 8-16 (or 4-7) bytes there are is two words that may overlap.
template <class Word>
void copy_two_words(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
  Word head, tail;
  std::memcpy(&head, from, sizeof head);
  std::memcpy(&tail, from + size - sizeof tail, sizeof tail);
  std::memcpy(to, &head, sizeof head);
  std::memcpy(to + size - sizeof tail, &tail, sizeof tail);
}

// The two do not overlap. Either may be null when `size` is 0. The commonest lengths are asked for first.
inline void copy_short(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
  if (size - 8 <= 8) {
    copy_two_words<std::uint64_t>(to, from, size);
  } else if (size - 4 < 4) {
    copy_two_words<std::uint32_t>(to, from, size);
  } else if (size > 16) {
    std::memcpy(to, from, size);
  } else if (size > 0) {
    to[0] = from[0];
    to[size / 2] = from[size / 2];
    to[size - 1] = from[size - 1];
  }
}

}  // namespace netrig::venture
