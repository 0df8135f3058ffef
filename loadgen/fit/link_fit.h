// A link that behaves as a measurement did. Pure: round trips in, a link and how well it fits out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "netrig/core/base/result.h"
#include "netrig/core/base/time.h"
#include "netrig/loadgen/fit/ping_log.h"
#include "netrig/loadgen/fit/series_facts.h"
#include "netrig/sim/network/conditions.h"

namespace netrig::loadgen {

constexpr std::size_t kFitAnswersMin = 20;  // below it no quantile but the median means anything

// Of each way, when both lose alike and know nothing of each other.
struct LossFit {
  std::uint32_t mean_ppm = 0;
  std::uint32_t burst_milli = 0;      // thousandths of a packet; 0: each packet by itself, or
  Duration burst_length{0};           // in bursts that last so long
  bool is_rounded_to_single = false;  // there are bursts, rarer than a link can count
};

struct LinkFit {
  sim::LinkConditions up;
  sim::LinkConditions down;
  LossFit loss;
  std::size_t too_late = 0;  // answers after more than a link can take; they count as lost
  SeriesFacts measured;
  SeriesFacts simulated;      // of many pings over that link
  double worst_quantile = 0;  // the largest distance of two quantiles from 5 % to 95 %, relative
  double gap = 0;             // of the two distributions
};

// Losses of round trips to losses of each way. Bursts, by maximum likelihood of a Markov chain of first order
// (the simple Gilbert model), where a chain of order 0 is refused at 0.1 % by the likelihood ratio (Bartlett,
// 1951). With the time between two pings, they are bursts in time: what pings are to them is the same
// process, looked at now and then.
LossFit fit_loss(const SeriesFacts& measured, std::optional<Duration> interval);

// Which way a ping lost its time nobody knows: the shortest round trip is split in half, and what varies is
// put on the way down, so that the round trip is as it was measured. The error is a sentence.
Result<LinkFit, std::string> fit_link(const PingSeries& series);

}  // namespace netrig::loadgen
