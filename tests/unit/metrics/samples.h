// Seeded samples of several shapes, and the seeds to try.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/metrics/histogram.h"

namespace netrig::metrics::testing {

// Three fixed seeds, and NETRIG_SEED when it is set.
inline std::vector<std::uint64_t> seeds() {
  std::vector<std::uint64_t> all{1, 2, 3};
  if (const char* extra = std::getenv("NETRIG_SEED")) all.push_back(std::stoull(extra));
  return all;
}

enum class Distribution { constant, small, uniform, powers_of_two, heavy_tail };
inline constexpr std::array kDistributions{Distribution::constant, Distribution::small, Distribution::uniform,
                                           Distribution::powers_of_two, Distribution::heavy_tail};

inline std::uint64_t draw(Distribution distribution, Random& random) {
  switch (distribution) {
    case Distribution::constant:
      return 123'456'789;
    case Distribution::small:
      return random.below(300);
    case Distribution::uniform:
      return 5'000'000'000 + random.below(5'000'000'000);
    case Distribution::powers_of_two:
      return (std::uint64_t{1} << random.below(63)) - random.below(2);  // on both sides of every bucket edge
    case Distribution::heavy_tail:
      return random.bits() >> (1 + random.below(60));
  }
  return 0;
}

inline std::vector<std::uint64_t> samples(Distribution distribution, std::size_t count, Random random) {
  std::vector<std::uint64_t> drawn(count);
  for (std::uint64_t& value : drawn) value = draw(distribution, random);
  return drawn;
}

inline void record_all(Histogram& histogram, const std::vector<std::uint64_t>& values) {
  for (const std::uint64_t value : values) histogram.record(value);
}

}  // namespace netrig::metrics::testing
