#include "netrig/sim/network/timed_bursts.h"

#include "netrig/core/base/assert.h"
#include "netrig/sim/network/power_table.h"

namespace netrig::sim {
namespace {

constexpr std::uint64_t kLn2Q24 = 11'629'080;  // round(ln(2) * 2^24)

// Of an exponential distribution: -ln(u) = ln(2) * -log2(u), which is below 64 ln(2), as a multiple of the
// mean in 1 / 2^16. The mean is at most an hour's burst in a million of its lengths, 2^62 ns, and what is
// drawn of it is cut off there: nobody waits for so long.
Duration exponential(Duration mean, std::uint64_t bits) {
  const std::uint64_t multiple_q16 = ((minus_log2_q32(bits) >> 8) * kLn2Q24) >> 32;
  constexpr std::uint64_t kMeanMax = std::uint64_t{1} << 56;  // 2 years
  const auto ns = static_cast<std::uint64_t>(mean.count());
  const std::uint64_t cut = ns < kMeanMax ? ns : kMeanMax;
  const std::uint64_t drawn = (cut >> 16) * multiple_q16 + (((cut & 0xFFFF) * multiple_q16) >> 16);
  return Duration{static_cast<std::int64_t>(drawn) + 1};
}

}  // namespace

TimedBurstModel::TimedBurstModel(const TimedBursts& bursts, Random random)
    : random_(random), mean_bad_(bursts.mean_length) {
  NETRIG_ASSERT(bursts.mean_ppm > 0 && bursts.mean_ppm < kPartsPerMillion);
  mean_good_ = mean_bad_ * (kPartsPerMillion - bursts.mean_ppm) / bursts.mean_ppm;
  is_bad_ = random_.chance(bursts.mean_ppm);
  until_ += drawn_length();  // what is left of an exponential time is exponential
}

void TimedBurstModel::turn() {
  is_bad_ = !is_bad_;
  until_ += drawn_length();
}

Duration TimedBurstModel::drawn_length() {
  return exponential(is_bad_ ? mean_bad_ : mean_good_, random_.bits());
}

}  // namespace netrig::sim
