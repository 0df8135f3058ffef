#include "netrig/core/base/exponential.h"

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

// mean x fraction / 2^32, rounded down; the product itself would not fit.
std::int64_t share_of(std::int64_t mean, std::uint64_t fraction) {
  const auto whole = static_cast<std::uint64_t>(mean);
  return static_cast<std::int64_t>((whole >> 32) * fraction + (((whole & 0xFFFF'FFFFu) * fraction) >> 32));
}

}  // namespace

// A run of falling uniform draws that begins at x has an odd length with probability e^-x. So the first draw
// of such a run is an exponential draw below one mean, and each run of even length before it adds a mean.
Duration draw_exponential(Duration mean, Random& random) {
  NETRIG_ASSERT(mean >= Duration{0} && mean <= kExponentialMeanMax);
  for (std::int64_t means = 0;; ++means) {
    const std::uint64_t first = random.bits();
    bool odd = true;
    for (std::uint64_t previous = first, next = random.bits(); next < previous; next = random.bits()) {
      previous = next;
      odd = !odd;
    }
    if (odd || means + 1 == kExponentialMeansMax)
      return Duration{means * mean.count() + share_of(mean.count(), first >> 32)};
  }
}

}  // namespace netrig
