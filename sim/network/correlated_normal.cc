#include "netrig/sim/network/correlated_normal.h"

#include <algorithm>

#include "netrig/core/base/assert.h"
#include "netrig/sim/network/integer_sqrt.h"
#include "netrig/sim/network/normal_table.h"

namespace netrig::sim {
namespace {

constexpr std::int64_t kOne = kPartsPerMillion;
constexpr std::int64_t kSigmasMax = 4 * kMicroSigma;

}  // namespace

CorrelatedNormal::CorrelatedNormal(std::uint32_t correlation_ppm, Random random)
    : random_(random),
      correlation_ppm_(correlation_ppm),
      innovation_ppm_(static_cast<std::int64_t>(
          integer_sqrt(static_cast<std::uint64_t>(kOne * kOne - correlation_ppm_ * correlation_ppm_)))),
      x_(normal_micro_sigma(random_.bits())) {
  NETRIG_ASSERT(correlation_ppm <= kCorrelationMax);
}

std::int64_t CorrelatedNormal::draw() {
  x_ = (correlation_ppm_ * x_ + innovation_ppm_ * normal_micro_sigma(random_.bits())) / kOne;
  x_ = std::clamp(x_, -kSigmasMax, kSigmasMax);
  return x_;
}

std::uint64_t CorrelatedNormal::draw_bits() {
  const std::int64_t x = draw();
  return x >= 0 ? normal_tail(x) : ~normal_tail(-x);
}

}  // namespace netrig::sim
