// Seeded random numbers as a value. Every consumer owns a named fork, so one more consumer shifts no other.
// Generator: xoshiro256** (Blackman and Vigna, https://prng.di.unimi.it/), seeded through SplitMix64.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace netrig {

constexpr std::uint32_t kPartsPerMillion = 1'000'000;

class Random {
 public:
  explicit Random(std::uint64_t seed);

  // An independent stream named by (this stream's seed, `stream`, `index`). Does not advance this one, and
  // does not depend on how far this one has advanced.
  Random fork(std::string_view stream, std::uint64_t index) const;

  std::uint64_t bits();                      // 64 uniform bits
  std::uint64_t below(std::uint64_t bound);  // uniform in [0, bound), without bias; bound > 0
  std::int64_t between(std::int64_t low, std::int64_t high);  // uniform in [low, high]; low <= high
  bool chance(std::uint32_t parts_per_million);               // 0 is never, 1,000,000 and above is always

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_;
};

}  // namespace netrig
