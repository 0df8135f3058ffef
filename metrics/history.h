// What a scrape each second would have seen of a registry, from the start of a run to its end, in fixed
// memory: when there is no more room, every second row is forgotten. Rows hold totals since the start, so
// what is left stays true. Without the times of this machine: one seed, one history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "netrig/core/base/time.h"
#include "netrig/metrics/catalog.h"
#include "netrig/metrics/registry.h"

namespace netrig::metrics {

class History {
 public:
  static constexpr std::size_t kRowsMax = 600;  // even: ten minutes of seconds
  static constexpr std::size_t kRowsMin = 60;
  // 64 cohorts have about 31,000 values of 8 B in a row: 270 rows of them.
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20;

  // One series of the registry as it was at each row.
  struct Series {
    const Metric* metric;
    std::size_t index;  // as the shape numbers it
    std::size_t first;  // its first value in a row: one of a counter or a gauge. Of a histogram the
                        // cumulative count to each exposed bound, then count and sum
  };

  // The registry stays where it is.
  explicit History(const Registry& registry);

  // Takes a row for every whole second up to `now`, 0 included. Call before anything is recorded that happens
  // at `now`.
  void advance(Instant now) {
    while (now >= next_) take();
  }
  // The last row, where the run ends; nothing after it.
  void end(Instant now);

  const Shape& shape() const { return registry_.shape(); }
  std::span<const Series> series() const { return series_; }
  std::size_t rows() const { return at_.size(); }
  Instant at(std::size_t row) const { return at_[row]; }
  std::span<const std::uint64_t> values(std::size_t row, const Series& series) const;

 private:
  std::size_t width_of(const Metric& metric) const;
  void take();
  void add_row(Instant at);
  void forget_every_second();

  const Registry& registry_;
  std::vector<Series> series_;
  std::size_t width_ = 0;  // values of a row
  std::size_t rows_max_ = kRowsMax;
  std::vector<Instant> at_;
  std::vector<std::uint64_t> values_;  // rows one after the other
  Duration step_ = 1s;
  Instant next_{};
};

}  // namespace netrig::metrics
