// Standard normal numbers of which each remembers the one before it: a first-order autoregressive process in
// integers.
#pragma once

#include <cstdint>

#include "netrig/core/base/random.h"

namespace netrig::sim {

constexpr std::uint32_t kCorrelationMax = 999'999;  // ppm; at 1 nothing would ever change

// x' = rho x + sqrt(1 - rho^2) e, with independent normal e: every x is standard normal, and two that are k
// draws apart correlate with rho^k.
class CorrelatedNormal {
 public:
  CorrelatedNormal(std::uint32_t correlation_ppm, Random random);

  std::int64_t draw();  // in millionths of a standard deviation, at most 4 standard deviations
  // The share of the normal distribution above such a draw, which is uniform, in 1 / 2^64: a Gaussian copula.
  // Two that are k draws apart correlate with (6 / pi) asin(rho^k / 2).
  std::uint64_t draw_bits();

 private:
  Random random_;
  std::int64_t correlation_ppm_;
  std::int64_t innovation_ppm_;
  std::int64_t x_;
};

}  // namespace netrig::sim
