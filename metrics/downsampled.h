// Numbers that come one a second, for a run of any length in fixed memory: when there is no more room, each
// two neighbours become one that keeps their least, greatest, mean and count.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace netrig::metrics {

// A day of seconds added up stays in 64 bits: 2^46 x 86,400 < 2^63. 2^46 is 19 hours of nanoseconds, or 70
// TB.
constexpr std::uint64_t kSampleMax = std::uint64_t{1} << 46;

// The samples of one or more seconds.
struct Point {
  std::uint64_t min = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t max = 0;
  std::uint64_t sum = 0;
  std::uint64_t count = 0;  // 0: no second had a sample, and the others say nothing

  // Greater values count as kSampleMax.
  void add(std::uint64_t value) {
    merge({.min = bounded(value), .max = bounded(value), .sum = bounded(value), .count = 1});
  }
  void merge(const Point& other) {
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    sum += other.sum;
    count += other.count;
  }

  // Of the same seconds: each second's value is the sum of the two.
  void add_beside(const Point& other) {
    min += other.min;
    max += other.max;
    sum += other.sum;
  }
  // Of a count above 0.
  double mean() const { return static_cast<double>(sum) / static_cast<double>(count); }

  friend bool operator==(const Point&, const Point&) = default;

 private:
  static std::uint64_t bounded(std::uint64_t value) { return std::min(value, kSampleMax); }
};

// So many seconds, each of which counted nothing.
constexpr Point zeros(std::uint64_t seconds) {
  return seconds == 0 ? Point{} : Point{.min = 0, .max = 0, .sum = 0, .count = seconds};
}

// Halves the number of points, which is even: each two neighbours become one.
inline void merge_pairs(std::vector<Point>& points) {
  for (std::size_t i = 0; i < points.size() / 2; ++i) {
    Point pair = points[2 * i];
    pair.merge(points[2 * i + 1]);
    points[i] = pair;
  }
  points.resize(points.size() / 2);
}

}  // namespace netrig::metrics
