// What a series of round trips is like, in numbers that two series can be compared by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"
#include "netrig/loadgen/fit/ping_log.h"

namespace netrig::loadgen {

// Pairs of a ping and the one after it: whether each was lost.
struct LossPairs {
  std::size_t kept_kept = 0;
  std::size_t kept_lost = 0;
  std::size_t lost_kept = 0;
  std::size_t lost_lost = 0;
};

struct SeriesFacts {
  std::size_t sent = 0;
  std::vector<Duration> answers;  // sorted
  Duration mean_difference{0};    // between one round trip and the next: jitter
  double rank_correlation = 0;    // of one round trip with the next (Spearman, 1904)
  std::size_t neighbours = 0;     // pairs that the last two are about
  double loss = 0;
  double mean_burst = 0;  // packets lost in a row; 0: none was lost
  LossPairs pairs;
};

SeriesFacts facts_of(const RoundTrips& series);

// Between the two samples around it (Hyndman and Fan, 1996, definition 7). `sorted` is not empty.
Duration quantile(const std::vector<Duration>& sorted, std::uint32_t share_ppm);

// The largest difference of the two shares below any delay (Kolmogorov and Smirnov).
double largest_gap(const std::vector<Duration>& sorted_a, const std::vector<Duration>& sorted_b);

// Of ranks, equal values sharing the middle of theirs; 0 for fewer than 3 pairs, or values that are all
// equal.
double rank_correlation(const std::vector<double>& a, const std::vector<double>& b);

// Whether `pairs` would hardly correlate so by chance: two standard errors above nothing.
bool is_beyond_chance(double rank_correlation, std::size_t pairs);

// What `correlation` of a link gives ranks that correlate so (Pearson, 1907), in whole percent; 0 for what
// may be chance.
std::uint32_t link_correlation_ppm(double rank_correlation, std::size_t pairs);

}  // namespace netrig::loadgen
