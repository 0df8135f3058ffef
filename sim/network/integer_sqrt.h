// The square root, rounded down, in integers.
#pragma once

#include <bit>
#include <cstdint>

namespace netrig::sim {

// One binary digit of the root each round: 32 rounds at most.
constexpr std::uint64_t integer_sqrt(std::uint64_t value) {
  std::uint64_t root = 0;
  if (value == 0) return root;
  for (std::uint64_t digit = std::uint64_t{1} << ((63 - std::countl_zero(value)) & ~1); digit > 0;
       digit >>= 2) {
    const std::uint64_t tried = root + digit;
    root >>= 1;
    if (value >= tried) {
      value -= tried;
      root += digit;
    }
  }
  return root;
}

}  // namespace netrig::sim
