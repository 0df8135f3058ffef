// How long packets travel, as a distribution: constant, uniform, normal, Pareto, or measured quantiles.
// Integers only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "netrig/core/base/time.h"

namespace netrig::sim {

constexpr Duration kDelayMax = 10s;          // one way: twice what a round trip of 10 s needs
constexpr std::size_t kDelayPointsMax = 64;  // of a table; a measured distribution needs about 12
constexpr std::uint32_t kParetoShapeMin =
    500;  // thousandths: below 0.5 hardly a draw stays under any maximum
constexpr std::uint32_t kParetoShapeMax = 100'000;  // 100: an exponential distribution to within 1 %

struct ConstantDelay {
  Duration delay{0};
  friend bool operator==(const ConstantDelay&, const ConstantDelay&) = default;
};
struct UniformDelay {
  Duration min{0};
  Duration max{0};  // inclusive
  friend bool operator==(const UniformDelay&, const UniformDelay&) = default;
};
struct NormalDelay {
  Duration mean{0};
  Duration stddev{0};  // draws below 0 count as 0
  friend bool operator==(const NormalDelay&, const NormalDelay&) = default;
};
// A Pareto distribution shifted to `min` (Lomax, Pareto type II):
//   P(delay > min + x) = (1 + x / scale) ^ -shape
// The classic type I is the case scale = min. Mean: min + scale / (shape - 1), for a shape above 1. Heavy
// tails of delay: Paxson and Floyd, "Why we don't know how to simulate the Internet", 1997.
struct ParetoDelay {
  Duration min{0};
  Duration scale{0};
  std::uint32_t shape_milli = 2'000;
  Duration max = kDelayMax;  // draws above it count as this
  friend bool operator==(const ParetoDelay&, const ParetoDelay&) = default;
};
// `share_ppm` of the packets take at most `delay`.
struct DelayPoint {
  std::uint32_t share_ppm = 0;
  Duration delay{0};
  friend bool operator==(const DelayPoint&, const DelayPoint&) = default;
};
// Quantiles as they were measured, straight lines between them. From 0 to 1,000,000 ppm, shares ascending,
// delays not descending.
struct TableDelay {
  std::shared_ptr<const std::vector<DelayPoint>> points;
  friend bool operator==(const TableDelay& a, const TableDelay& b) {
    return a.points == b.points || (a.points && b.points && *a.points == *b.points);
  }
};
using Delay = std::variant<ConstantDelay, UniformDelay, NormalDelay, ParetoDelay, TableDelay>;

enum class DelayError : std::uint8_t { out_of_range, min_above_max, shape_out_of_range, bad_table };

// The first thing wrong with `delay`, or nothing.
std::optional<DelayError> validate_delay(const Delay& delay);

// The delay at `bits` / 2^64 of the distribution; for a normal one at this many bits' draw of the table.
Duration delay_at(const Delay& delay, std::uint64_t bits);

// The delay in the middle: the constant, the centre of the range, the mean of a normal distribution, the
// median of the others. Two of them make the nominal RTT.
Duration nominal_delay(const Delay& delay);

// No draw lies above it.
Duration largest_delay(const Delay& delay);

// "delay 100 ms", "delay uniform from 1 ms to 2 ms".
std::string describe_delay(const Delay& delay);

}  // namespace netrig::sim
