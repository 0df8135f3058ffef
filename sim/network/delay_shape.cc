#include "netrig/sim/network/delay_shape.h"

#include <algorithm>

#include "netrig/core/base/random.h"
#include "netrig/sim/network/normal_table.h"
#include "netrig/sim/network/power_table.h"
#include "netrig/sim/network/words.h"

namespace netrig::sim {
namespace {

// Each standard deviation counts up to here: normal_micro_sigma() ends at 3.965.
constexpr int kNormalSigmasMax = 4;

// value * bits / 2^32, without the 96 bits in between.
std::uint64_t scaled(std::uint64_t value, std::uint32_t bits) {
  return (value >> 32) * bits + (((value & 0xFFFF'FFFF) * bits) >> 32);
}

Duration uniform_at(const UniformDelay& uniform, std::uint64_t bits) {
  const auto width = static_cast<std::uint64_t>((uniform.max - uniform.min).count()) + 1;
  return uniform.min + Duration{scaled(width, static_cast<std::uint32_t>(bits >> 32))};
}

Duration normal_at(const NormalDelay& normal, std::uint64_t bits) {
  const std::int64_t deviation = normal.stddev.count() * normal_micro_sigma(bits) / kMicroSigma;
  return std::max(normal.mean + Duration{deviation}, Duration{0});
}

// The inverse of the distribution: min + scale * (u ^ (-1 / shape) - 1), as a power of two.
Duration pareto_at(const ParetoDelay& pareto, std::uint64_t bits) {
  constexpr std::uint64_t kShiftMax = 28;  // scale * 2 < 2^35, and 2^(35 + 28) fits 64 bits
  const std::uint64_t exponent_q32 = minus_log2_q32(bits) * 1'000 / pareto.shape_milli;
  const std::uint64_t doublings = exponent_q32 >> 32;
  if (doublings > kShiftMax) return pareto.max;
  const auto scale = static_cast<std::uint64_t>(pareto.scale.count());
  const std::uint64_t below_two = (scale * exp2_q28(static_cast<std::uint32_t>(exponent_q32))) >> 28;
  const auto grown = static_cast<std::int64_t>(below_two << doublings);
  return std::min(pareto.min + Duration{grown} - pareto.scale, pareto.max);
}

Duration table_at(const TableDelay& table, std::uint64_t bits) {
  constexpr int kFractionBits = 8;  // of one part per million; 2^34 ns * 2^28 fits 64 bits
  const std::uint64_t at = ((bits >> 32) * kPartsPerMillion) >> (32 - kFractionBits);
  const auto position = [](const DelayPoint& point) {
    return std::uint64_t{point.share_ppm} << kFractionBits;
  };
  const auto above = std::upper_bound(
      table.points->begin(), table.points->end(), at,
      [&](std::uint64_t wanted, const DelayPoint& point) { return wanted < position(point); });
  const auto below = std::prev(above);  // the first point is at 0, the last beyond every draw
  const auto rise = static_cast<std::uint64_t>((above->delay - below->delay).count());
  return below->delay + Duration{rise * (at - position(*below)) / (position(*above) - position(*below))};
}

bool in_range(Duration delay) {
  return delay >= Duration{0} && delay <= kDelayMax;
}

std::optional<DelayError> validate_pareto(const ParetoDelay& pareto) {
  if (!in_range(pareto.min) || !in_range(pareto.scale) || !in_range(pareto.max))
    return DelayError::out_of_range;
  if (pareto.min > pareto.max) return DelayError::min_above_max;
  if (pareto.shape_milli < kParetoShapeMin || pareto.shape_milli > kParetoShapeMax)
    return DelayError::shape_out_of_range;
  return std::nullopt;
}

std::optional<DelayError> validate_table(const TableDelay& table) {
  if (!table.points || table.points->size() < 2 || table.points->size() > kDelayPointsMax)
    return DelayError::bad_table;
  const std::vector<DelayPoint>& points = *table.points;
  if (points.front().share_ppm != 0 || points.back().share_ppm != kPartsPerMillion)
    return DelayError::bad_table;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!in_range(points[i].delay)) return DelayError::out_of_range;
    if (i > 0 && (points[i].share_ppm <= points[i - 1].share_ppm || points[i].delay < points[i - 1].delay))
      return DelayError::bad_table;
  }
  return std::nullopt;
}

struct Validate {
  using Found = std::optional<DelayError>;
  static Found when(bool wrong, DelayError error) { return wrong ? Found{error} : std::nullopt; }

  Found operator()(const ConstantDelay& constant) const {
    return when(!in_range(constant.delay), DelayError::out_of_range);
  }
  Found operator()(const UniformDelay& uniform) const {
    if (!in_range(uniform.min) || !in_range(uniform.max)) return DelayError::out_of_range;
    return when(uniform.min > uniform.max, DelayError::min_above_max);
  }
  Found operator()(const NormalDelay& normal) const {
    return when(!in_range(normal.mean) || !in_range(normal.stddev), DelayError::out_of_range);
  }
  Found operator()(const ParetoDelay& pareto) const { return validate_pareto(pareto); }
  Found operator()(const TableDelay& table) const { return validate_table(table); }
};

struct DelayAt {
  std::uint64_t bits;

  Duration operator()(const ConstantDelay& constant) const { return constant.delay; }
  Duration operator()(const UniformDelay& uniform) const { return uniform_at(uniform, bits); }
  Duration operator()(const NormalDelay& normal) const { return normal_at(normal, bits); }
  Duration operator()(const ParetoDelay& pareto) const { return pareto_at(pareto, bits); }
  Duration operator()(const TableDelay& table) const { return table_at(table, bits); }
};

constexpr std::uint64_t kMedian = std::uint64_t{1} << 63;

struct Nominal {
  Duration operator()(const ConstantDelay& constant) const { return constant.delay; }
  Duration operator()(const UniformDelay& uniform) const { return (uniform.min + uniform.max) / 2; }
  Duration operator()(const NormalDelay& normal) const { return normal.mean; }
  Duration operator()(const ParetoDelay& pareto) const { return pareto_at(pareto, kMedian); }
  Duration operator()(const TableDelay& table) const { return table_at(table, kMedian); }
};

struct Largest {
  Duration operator()(const ConstantDelay& constant) const { return constant.delay; }
  Duration operator()(const UniformDelay& uniform) const { return uniform.max; }
  Duration operator()(const NormalDelay& normal) const {
    return normal.mean + kNormalSigmasMax * normal.stddev;
  }
  Duration operator()(const ParetoDelay& pareto) const { return pareto.max; }
  Duration operator()(const TableDelay& table) const { return table.points->back().delay; }
};

struct Describe {
  std::string operator()(const ConstantDelay& constant) const {
    return "delay " + duration_text(constant.delay);
  }
  std::string operator()(const UniformDelay& uniform) const {
    return "delay uniform from " + duration_text(uniform.min) + " to " + duration_text(uniform.max);
  }
  std::string operator()(const NormalDelay& normal) const {
    return "delay normal with mean " + duration_text(normal.mean) + " and deviation " +
           duration_text(normal.stddev);
  }
  std::string operator()(const ParetoDelay& pareto) const {
    return "delay Pareto from " + duration_text(pareto.min) + " with scale " + duration_text(pareto.scale) +
           " and shape " + thousandths_text(pareto.shape_milli) + ", at most " + duration_text(pareto.max);
  }
  std::string operator()(const TableDelay& table) const {
    return "delay as measured, " + duration_text(table.points->front().delay) + " to " +
           duration_text(table.points->back().delay) + " with median " +
           duration_text(table_at(table, kMedian));
  }
};

}  // namespace

std::optional<DelayError> validate_delay(const Delay& delay) {
  return std::visit(Validate{}, delay);
}

Duration delay_at(const Delay& delay, std::uint64_t bits) {
  return std::visit(DelayAt{bits}, delay);
}

Duration nominal_delay(const Delay& delay) {
  return std::visit(Nominal{}, delay);
}

Duration largest_delay(const Delay& delay) {
  return std::visit(Largest{}, delay);
}

std::string describe_delay(const Delay& delay) {
  return std::visit(Describe{}, delay);
}

}  // namespace netrig::sim
