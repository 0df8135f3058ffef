#include "netrig/sim/network/conditions.h"

#include <algorithm>
#include <tuple>

#include "netrig/core/base/random.h"

namespace netrig::sim {
namespace {

bool in_range(Duration duration, Duration max) {
  return duration >= Duration{0} && duration <= max;
}

ConditionsError error_of(DelayError error) {
  switch (error) {
    case DelayError::out_of_range:
      return ConditionsError::delay_out_of_range;
    case DelayError::min_above_max:
      return ConditionsError::delay_min_above_max;
    case DelayError::shape_out_of_range:
      return ConditionsError::delay_shape_out_of_range;
    case DelayError::bad_table:
      break;
  }
  return ConditionsError::delay_table_invalid;
}

std::optional<ConditionsError> validate_shares(const LinkConditions& link) {
  const GilbertElliott bursts = link.bursts.value_or(GilbertElliott{});
  for (const std::uint32_t share : {link.loss_ppm, link.corrupt_ppm, link.duplicate_ppm, link.reorder_ppm,
                                    bursts.enter_ppm, bursts.leave_ppm, bursts.loss_good_ppm,
                                    bursts.loss_bad_ppm, link.loss_by_delay.value_or(LossByDelay{}).loss_ppm})
    if (share > kPartsPerMillion) return ConditionsError::share_above_one;
  return std::nullopt;
}

bool is_valid(const LossByDelay& loss) {
  constexpr Duration kTotalMax = 10 * kDelayMax;  // from end to end, waiting included
  return in_range(loss.from, kTotalMax) && in_range(loss.to, kTotalMax) && loss.from < loss.to;
}

bool is_valid(const TimedBursts& bursts) {
  return bursts.mean_length >= kBurstLengthMin && bursts.mean_length <= kBurstLengthMax &&
         bursts.mean_ppm > 0 && bursts.mean_ppm < kPartsPerMillion;
}

bool is_valid(const CoDelConditions& codel) {
  const auto is_time = [](Duration time) { return time > Duration{0} && time <= kCodelTimeMax; };
  return is_time(codel.target) && is_time(codel.interval);
}

// Of two chances that know nothing of each other.
std::uint32_t either_ppm(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint32_t>(a + b - a * b / kPartsPerMillion);
}

std::optional<ConditionsError> schedule_error(const LinkConditions& link) {
  if (!link.schedule) return std::nullopt;
  return validate_schedule(*link.schedule) ? std::optional{ConditionsError::schedule_invalid} : std::nullopt;
}

}  // namespace

bool operator==(const LinkConditions& a, const LinkConditions& b) {
  const auto plain = [](const LinkConditions& link) {
    return std::tie(link.delay, link.jitter, link.correlation_ppm, link.jitter_may_reorder, link.loss_ppm,
                    link.bursts, link.timed_bursts, link.loss_by_delay, link.corrupt_ppm, link.duplicate_ppm,
                    link.reorder_ppm, link.reorder_delay, link.rate_bits_per_second, link.queue_bytes_max,
                    link.codel);
  };
  const bool same_schedule =
      a.schedule == b.schedule || (a.schedule && b.schedule && *a.schedule == *b.schedule);
  return same_schedule && plain(a) == plain(b);
}

std::string_view text(ConditionsError error) {
  switch (error) {
    case ConditionsError::delay_out_of_range:
      return "a delay is between 0 and 10 s";
    case ConditionsError::delay_min_above_max:
      return "the smallest delay is above the largest";
    case ConditionsError::delay_shape_out_of_range:
      return "the shape of a Pareto delay is between 0.5 and 100";
    case ConditionsError::delay_table_invalid:
      return "a delay table has 2 to 64 points from 0 % to 100 %, in ascending order";
    case ConditionsError::jitter_out_of_range:
      return "jitter is between 0 and 10 s";
    case ConditionsError::correlation_out_of_range:
      return "a correlation is below 100 %";
    case ConditionsError::reorder_delay_out_of_range:
      return "the delay of reordering is between 0 and 10 s";
    case ConditionsError::reorder_without_delay:
      return "reordering needs a delay above 0";
    case ConditionsError::share_above_one:
      return "a share of packets is at most 100 %";
    case ConditionsError::timed_bursts_out_of_range:
      return "bursts of loss last 10 ms to 1 h on average, and not all the time";
    case ConditionsError::loss_by_delay_out_of_range:
      return "loss by delay rises from a smaller to a larger delay, of 100 s at most";
    case ConditionsError::rate_out_of_range:
      return "a rate is between 1 kbit/s and 100 Gbit/s";
    case ConditionsError::queue_out_of_range:
      return "a queue behind a rate holds 1,500 B to 1 GiB";
    case ConditionsError::codel_out_of_range:
      return "CoDel's times are above 0 and at most 10 s";
    case ConditionsError::schedule_invalid:
      return "the schedule is not valid";
  }
  return "unknown";
}

std::optional<ConditionsError> validate(const LinkConditions& link) {
  if (const auto error = validate_delay(link.delay)) return error_of(*error);
  if (!in_range(link.jitter, kDelayMax)) return ConditionsError::jitter_out_of_range;
  if (link.correlation_ppm >= kPartsPerMillion) return ConditionsError::correlation_out_of_range;
  if (!in_range(link.reorder_delay, kDelayMax)) return ConditionsError::reorder_delay_out_of_range;
  if (link.reorder_ppm > 0 && link.reorder_delay == Duration{0})
    return ConditionsError::reorder_without_delay;
  if (const auto error = validate_shares(link)) return error;
  if (link.timed_bursts && !is_valid(*link.timed_bursts)) return ConditionsError::timed_bursts_out_of_range;
  if (link.loss_by_delay && !is_valid(*link.loss_by_delay))
    return ConditionsError::loss_by_delay_out_of_range;
  if (const auto error = schedule_error(link)) return error;
  if (link.rate_bits_per_second == 0) return std::nullopt;
  return validate_queue(QueueConditions{link.rate_bits_per_second, link.queue_bytes_max, link.codel});
}

std::optional<ConditionsError> validate_queue(const QueueConditions& queue) {
  if (queue.rate_bits_per_second < kRateMin || queue.rate_bits_per_second > kRateMax)
    return ConditionsError::rate_out_of_range;
  if (queue.bytes_max < kQueueBytesMin || queue.bytes_max > kQueueBytesMax)
    return ConditionsError::queue_out_of_range;
  if (queue.codel && !is_valid(*queue.codel)) return ConditionsError::codel_out_of_range;
  return std::nullopt;
}

// Mean m = p / (p + r) and burst b = 1 / r, so p = r m / (1 - m).
std::optional<GilbertElliott> bursts_of(std::uint32_t mean_ppm, std::uint32_t mean_burst_milli) {
  constexpr std::uint64_t kOne = kPartsPerMillion;
  if (mean_ppm == 0 || mean_ppm >= kOne || mean_burst_milli < 1'000) return std::nullopt;
  const std::uint64_t leave = (kOne * 1'000 + mean_burst_milli / 2) / mean_burst_milli;
  const std::uint64_t good = kOne - mean_ppm;
  const std::uint64_t enter = (leave * mean_ppm + good / 2) / good;
  if (leave == 0 || enter == 0 || enter > kOne) return std::nullopt;
  const std::uint64_t reached = enter * kOne / (enter + leave);
  const std::uint64_t wanted = mean_ppm;
  const std::uint64_t off = reached > wanted ? reached - wanted : wanted - reached;
  if (off > 1 && off * 100 > wanted) return std::nullopt;
  return GilbertElliott{static_cast<std::uint32_t>(enter), static_cast<std::uint32_t>(leave)};
}

std::uint32_t mean_loss_ppm(const LinkConditions& link) {
  const std::uint32_t beside = either_ppm(link.loss_ppm, link.timed_bursts ? link.timed_bursts->mean_ppm : 0);
  if (!link.bursts) return beside;
  const GilbertElliott& bursts = *link.bursts;
  const std::uint64_t moves = std::max<std::uint64_t>(1, std::uint64_t{bursts.enter_ppm} + bursts.leave_ppm);
  const std::uint64_t in_bursts = (std::uint64_t{bursts.enter_ppm} * bursts.loss_bad_ppm +
                                   std::uint64_t{bursts.leave_ppm} * bursts.loss_good_ppm + moves / 2) /
                                  moves;
  return either_ppm(static_cast<std::uint32_t>(in_bursts), beside);
}

Duration largest_delay(const LinkConditions& link) {
  const Duration shape = largest_delay(link.delay);
  if (!link.schedule) return shape;
  // The schedule moves the middle; what lies above the middle moves with it.
  const Duration above_middle = shape - nominal_delay(link.delay);
  return std::max(shape, largest_delay(*link.schedule) + above_middle);
}

}  // namespace netrig::sim
