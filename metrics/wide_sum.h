// A sum of 64-bit numbers that never wraps: 128 bits in two words, because standard C++ has no such integer.
#pragma once

#include <cstdint>

namespace netrig::metrics {

class WideSum {
 public:
  void add(std::uint64_t value) {
    low_ += value;
    high_ += low_ < value ? 1 : 0;
  }
  void add(WideSum other) {
    add(other.low_);
    high_ += other.high_;
  }
  void add_product(std::uint64_t a, std::uint64_t b);

  std::uint64_t high() const { return high_; }  // in units of 2^64
  std::uint64_t low() const { return low_; }
  // Within two roundings of the exact sum; exact below 2^53.
  double to_double() const {
    constexpr double kTwoTo64 = 18446744073709551616.0;
    return static_cast<double>(high_) * kTwoTo64 + static_cast<double>(low_);
  }

  friend bool operator==(const WideSum&, const WideSum&) = default;

 private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

}  // namespace netrig::metrics
