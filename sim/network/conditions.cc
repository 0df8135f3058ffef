#include "netrig/sim/network/conditions.h"

#include <span>

#include "netrig/core/base/random.h"

namespace netrig::sim {
namespace {

bool in_range(Duration duration, Duration max) {
  return duration >= Duration{0} && duration <= max;
}

std::optional<ConditionsError> validate_delay(const Delay& delay) {
  const auto out_of_range = [](Duration duration) { return !in_range(duration, kDelayMax); };
  bool wrong = false;
  if (const auto* constant = std::get_if<ConstantDelay>(&delay)) {
    wrong = out_of_range(constant->delay);
  } else if (const auto* normal = std::get_if<NormalDelay>(&delay)) {
    wrong = out_of_range(normal->mean) || out_of_range(normal->stddev);
  } else {
    const auto& uniform = std::get<UniformDelay>(delay);
    wrong = out_of_range(uniform.min) || out_of_range(uniform.max);
    if (!wrong && uniform.min > uniform.max) return ConditionsError::delay_min_above_max;
  }
  if (wrong) return ConditionsError::delay_out_of_range;
  return std::nullopt;
}

struct Unit {
  std::uint64_t size;
  std::string_view name;
};

// `value` in the largest unit that is not larger than it: exact, without trailing zeros. Units descend, each
// a power of ten; the last is 1.
std::string in_units(std::uint64_t value, std::span<const Unit> units) {
  std::size_t at = 0;
  while (at + 1 < units.size() && value < units[at].size) ++at;
  const auto [size, name] = units[at];
  std::string written = std::to_string(value / size);
  if (value % size != 0) {
    std::string fraction = std::to_string(size + value % size);  // a leading 1 keeps the zeros
    fraction.erase(fraction.find_last_not_of('0') + 1);
    written.append(".").append(fraction, 1);
  }
  return written.append(" ").append(name);
}

constexpr Unit kTimeUnits[] = {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}, {1, "ns"}};
constexpr Unit kRateUnits[] = {
    {1'000'000'000, "Gbit/s"}, {1'000'000, "Mbit/s"}, {1'000, "kbit/s"}, {1, "bit/s"}};
constexpr Unit kSizeUnits[] = {{1'000'000'000, "GB"}, {1'000'000, "MB"}, {1'000, "kB"}, {1, "B"}};
constexpr Unit kPercent[] = {{kPartsPerMillion / 100, "%"}};

std::string delay_text(const Delay& delay) {
  if (const auto* constant = std::get_if<ConstantDelay>(&delay))
    return "delay " + duration_text(constant->delay);
  if (const auto* uniform = std::get_if<UniformDelay>(&delay))
    return "delay uniform from " + duration_text(uniform->min) + " to " + duration_text(uniform->max);
  const auto& normal = std::get<NormalDelay>(delay);
  return "delay normal with mean " + duration_text(normal.mean) + " and deviation " +
         duration_text(normal.stddev);
}

std::string share_text(std::string_view what, std::uint32_t ppm) {
  return std::string{", "}.append(what).append(" ").append(in_units(ppm, kPercent));
}

}  // namespace

std::string_view text(ConditionsError error) {
  switch (error) {
    case ConditionsError::delay_out_of_range:
      return "a delay is between 0 and 10 s";
    case ConditionsError::delay_min_above_max:
      return "the smallest delay is above the largest";
    case ConditionsError::jitter_out_of_range:
      return "jitter is between 0 and 10 s";
    case ConditionsError::reorder_delay_out_of_range:
      return "the delay of reordering is between 0 and 10 s";
    case ConditionsError::reorder_without_delay:
      return "reordering needs a delay above 0";
    case ConditionsError::share_above_one:
      return "a share of packets is at most 100 %";
    case ConditionsError::rate_out_of_range:
      return "a rate is between 1 kbit/s and 100 Gbit/s";
    case ConditionsError::queue_out_of_range:
      return "a queue behind a rate holds 1,500 B to 1 GiB";
  }
  return "unknown";
}

std::optional<ConditionsError> validate(const LinkConditions& link) {
  if (const auto error = validate_delay(link.delay)) return error;
  if (!in_range(link.jitter, kDelayMax)) return ConditionsError::jitter_out_of_range;
  if (!in_range(link.reorder_delay, kDelayMax)) return ConditionsError::reorder_delay_out_of_range;
  if (link.reorder_ppm > 0 && link.reorder_delay == Duration{0})
    return ConditionsError::reorder_without_delay;
  for (const std::uint32_t share : {link.loss_ppm, link.duplicate_ppm, link.reorder_ppm})
    if (share > kPartsPerMillion) return ConditionsError::share_above_one;
  if (link.rate_bits_per_second == 0) return std::nullopt;
  if (link.rate_bits_per_second < kRateMin || link.rate_bits_per_second > kRateMax)
    return ConditionsError::rate_out_of_range;
  if (link.queue_bytes_max < kQueueBytesMin || link.queue_bytes_max > kQueueBytesMax)
    return ConditionsError::queue_out_of_range;
  return std::nullopt;
}

Duration nominal_delay(const Delay& delay) {
  if (const auto* constant = std::get_if<ConstantDelay>(&delay)) return constant->delay;
  if (const auto* uniform = std::get_if<UniformDelay>(&delay)) return (uniform->min + uniform->max) / 2;
  return std::get<NormalDelay>(delay).mean;
}

std::string duration_text(Duration duration) {
  const bool negative = duration < Duration{0};
  const auto magnitude = static_cast<std::uint64_t>(negative ? -duration.count() : duration.count());
  if (magnitude == 0) return "0 ms";
  return std::string{negative ? "-" : ""}.append(in_units(magnitude, kTimeUnits));
}

std::string describe(const LinkConditions& link) {
  std::string words = delay_text(link.delay);
  if (link.jitter > Duration{0}) words += " +-" + duration_text(link.jitter);
  if (link.jitter_may_reorder) words += " in any order";
  if (link.loss_ppm > 0) words += share_text("loss", link.loss_ppm);
  if (link.duplicate_ppm > 0) words += share_text("duplicates", link.duplicate_ppm);
  if (link.reorder_ppm > 0)
    words += share_text("reordering", link.reorder_ppm) + " by " + duration_text(link.reorder_delay);
  if (link.rate_bits_per_second > 0)
    words += ", " + in_units(link.rate_bits_per_second, kRateUnits) + " behind a queue of " +
             in_units(link.queue_bytes_max, kSizeUnits);
  return words;
}

}  // namespace netrig::sim
