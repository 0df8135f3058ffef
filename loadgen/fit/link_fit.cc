#include "netrig/loadgen/fit/link_fit.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "netrig/core/base/random.h"
#include "netrig/loadgen/fit/ping_links.h"

namespace netrig::loadgen {
namespace {

constexpr std::array<std::uint32_t, 20> kShares{
    0,       10'000,  20'000,  50'000,  100'000, 200'000, 300'000, 400'000, 500'000, 600'000,
    700'000, 800'000, 900'000, 950'000, 980'000, 990'000, 995'000, 998'000, 999'000, 1'000'000};
static_assert(kShares.size() <= sim::kDelayPointsMax);

// Pings of the comparison: enough to tell of the link and not of chance, and a second of work at most.
constexpr std::size_t kSimulatedMin = 20'000;
constexpr std::size_t kSimulatedMax = 1'000'000;

constexpr double kOrderZeroRefused = 10.83;  // chi squared, 1 degree of freedom, 0.1 %

// A quantile that one sample in a handful decides is left out; the ends stand as they are.
bool is_supported(std::uint32_t share_ppm, std::size_t samples) {
  constexpr double kBeyondMin = 5;
  const double beyond =
      std::min(share_ppm, kPartsPerMillion - share_ppm) / 1e6 * static_cast<double>(samples);
  return share_ppm == 0 || share_ppm == kPartsPerMillion || beyond >= kBeyondMin;
}

Duration to_microseconds(Duration duration) {
  return std::chrono::round<std::chrono::microseconds>(duration);
}

// The quantiles of the round trip, less the way up.
sim::Delay varying_way(const std::vector<Duration>& sorted, Duration up) {
  auto points = std::make_shared<std::vector<sim::DelayPoint>>();
  for (const std::uint32_t share : kShares) {
    if (!is_supported(share, sorted.size())) continue;
    points->push_back({share, to_microseconds(quantile(sorted, share)) - up});
  }
  if (points->front().delay == points->back().delay) return sim::ConstantDelay{points->front().delay};
  return sim::TableDelay{std::move(points)};
}

// count * log(count / expected), which is 0 for none.
double evidence(std::size_t count, double expected) {
  return count == 0 ? 0 : static_cast<double>(count) * std::log(static_cast<double>(count) / expected);
}

// Twice the logarithm of how much likelier the pairs are when a loss depends on the one before it.
double likelihood_ratio(const LossPairs& pairs) {
  const auto after_kept = static_cast<double>(pairs.kept_kept + pairs.kept_lost);
  const auto after_lost = static_cast<double>(pairs.lost_kept + pairs.lost_lost);
  const double lost = static_cast<double>(pairs.kept_lost + pairs.lost_lost) / (after_kept + after_lost);
  return 2 *
         (evidence(pairs.kept_kept, after_kept * (1 - lost)) + evidence(pairs.kept_lost, after_kept * lost) +
          evidence(pairs.lost_kept, after_lost * (1 - lost)) + evidence(pairs.lost_lost, after_lost * lost));
}

// How likely a loss is after another one, against after none.
bool comes_in_bursts(const LossPairs& pairs) {
  const auto after_kept = static_cast<double>(pairs.kept_kept + pairs.kept_lost);
  const auto after_lost = static_cast<double>(pairs.lost_kept + pairs.lost_lost);
  return static_cast<double>(pairs.lost_lost) * after_kept >
             static_cast<double>(pairs.kept_lost) * after_lost &&
         likelihood_ratio(pairs) > kOrderZeroRefused;
}

// A state that is bad for `mean` of the time, looked at each `interval`, turns bad with the chance
// mean (1 - exp(-interval / t)), where t = length (1 - mean). 0 for a length that no link has.
Duration burst_length(double mean, double enter, Duration interval) {
  if (enter <= 0 || enter >= mean) return Duration{0};
  const double t = static_cast<double>(interval.count()) / -std::log(1 - enter / mean);
  const double length = t / (1 - mean);
  if (length > static_cast<double>(sim::kBurstLengthMax.count())) return Duration{0};
  const Duration rounded = std::chrono::round<std::chrono::milliseconds>(Duration{std::llround(length)});
  return rounded < sim::kBurstLengthMin ? Duration{0} : rounded;
}

void set_loss(sim::LinkConditions& way, const LossFit& loss) {
  if (loss.burst_length > Duration{0})
    way.timed_bursts = sim::TimedBursts{.mean_length = loss.burst_length, .mean_ppm = loss.mean_ppm};
  else if (loss.burst_milli == 0)
    way.loss_ppm = loss.mean_ppm;
  else
    way.bursts = sim::bursts_of(loss.mean_ppm, loss.burst_milli);
}

// Answers that no link could give count as lost.
RoundTrips without_late(const PingSeries& series, std::size_t& too_late) {
  RoundTrips trips = series.round_trips;
  for (auto& trip : trips) {
    if (!trip || *trip <= sim::kDelayMax) continue;
    trip.reset();
    ++too_late;
  }
  return trips;
}

void compare(LinkFit& fit) {
  for (const std::uint32_t share : kShares) {
    if (share < 50'000 || share > 950'000) continue;
    const auto measured = static_cast<double>(quantile(fit.measured.answers, share).count());
    const auto simulated = static_cast<double>(quantile(fit.simulated.answers, share).count());
    if (measured > 0) fit.worst_quantile = std::max(fit.worst_quantile, std::abs(simulated / measured - 1));
  }
  fit.gap = largest_gap(fit.measured.answers, fit.simulated.answers);
}

}  // namespace

LossFit fit_loss(const SeriesFacts& measured, std::optional<Duration> interval) {
  LossFit fit;
  // A round trip survives when both ways do.
  const double each = 1 - std::sqrt(1 - measured.loss);
  fit.mean_ppm = static_cast<std::uint32_t>(std::lround(each * 1e6));
  if (fit.mean_ppm == 0 || !comes_in_bursts(measured.pairs)) return fit;
  // After a ping that survived, both ways were good, and the next one is lost when either enters a burst.
  const auto after_kept = static_cast<double>(measured.pairs.kept_kept + measured.pairs.kept_lost);
  const double enter = 1 - std::sqrt(1 - static_cast<double>(measured.pairs.kept_lost) / after_kept);
  fit.burst_length = interval ? burst_length(each, enter, *interval) : Duration{0};
  if (fit.burst_length > Duration{0}) return fit;
  const double burst = std::clamp(each / ((1 - each) * enter), 1.0, 1e6);
  const auto burst_milli = static_cast<std::uint32_t>(std::lround(burst * 1e3));
  fit.is_rounded_to_single = !sim::bursts_of(fit.mean_ppm, burst_milli);
  if (!fit.is_rounded_to_single) fit.burst_milli = burst_milli;
  return fit;
}

Result<LinkFit, std::string> fit_link(const PingSeries& series) {
  LinkFit fit;
  fit.measured = facts_of(without_late(series, fit.too_late));
  const std::vector<Duration>& answers = fit.measured.answers;
  if (answers.size() < kFitAnswersMin)
    return std::to_string(answers.size()) + " answers within 10s; at least " +
           std::to_string(kFitAnswersMin) + " are needed to fit a link";
  const Duration up = to_microseconds(answers.front() / 2);
  fit.up.delay = sim::ConstantDelay{up};
  fit.down.delay = varying_way(answers, up);
  if (!std::holds_alternative<sim::ConstantDelay>(fit.down.delay))
    fit.down.correlation_ppm = link_correlation_ppm(fit.measured.rank_correlation, fit.measured.neighbours);
  fit.loss = fit_loss(fit.measured, series.interval);
  set_loss(fit.up, fit.loss);
  set_loss(fit.down, fit.loss);
  const Pinging pinging{std::clamp(fit.measured.sent, kSimulatedMin, kSimulatedMax),
                        std::max<Duration>(series.interval.value_or(1s), 1ms)};
  fit.simulated = facts_of(ping_links(fit.up, fit.down, pinging, Random{1}));
  compare(fit);
  return fit;
}

}  // namespace netrig::loadgen
