// Exponentially distributed durations in integers, the same on every machine: times between arrivals, lengths
// of stay. Source: J. von Neumann, "Various techniques used in connection with random digits" (1951), which
// needs comparisons only, no logarithm and no table; D. Knuth, The Art of Computer Programming, 3.4.1.
#pragma once

#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"

namespace netrig {

// A greater draw comes once in e^64 and counts as this many means.
constexpr std::int64_t kExponentialMeansMax = 64;
// kExponentialMeansMax of them stay below 2^63 ns: 4.5 years.
constexpr Duration kExponentialMeanMax = std::chrono::hours{24 * 365 * 4};
static_assert(kExponentialMeanMax.count() < INT64_MAX / kExponentialMeansMax);

// One draw, in [0, kExponentialMeansMax x mean). Advances `random` by a varying number of draws, 4 on
// average. Asserts that the mean is not negative and at most kExponentialMeanMax.
Duration draw_exponential(Duration mean, Random& random);

}  // namespace netrig
