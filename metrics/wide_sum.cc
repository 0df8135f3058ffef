#include "netrig/metrics/wide_sum.h"

namespace netrig::metrics {

void WideSum::add_product(std::uint64_t a, std::uint64_t b) {
  // Long multiplication with 32-bit digits: each partial product and its carry fit 64 bits, since
  // (2^32 - 1)^2 + 2 * (2^32 - 1) = 2^64 - 1.
  constexpr std::uint64_t kDigit = 0xFFFFFFFFu;
  const std::uint64_t a_low = a & kDigit, a_high = a >> 32;
  const std::uint64_t b_low = b & kDigit, b_high = b >> 32;
  const std::uint64_t first = a_low * b_low;
  const std::uint64_t second = a_high * b_low + (first >> 32);
  const std::uint64_t third = a_low * b_high + (second & kDigit);
  add(third << 32 | (first & kDigit));
  high_ += a_high * b_high + (second >> 32) + (third >> 32);
}

}  // namespace netrig::metrics
