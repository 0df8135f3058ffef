// How the metrics of a registry went over the measured window, second by second: what each counter grew by,
// what each gauge was, and the quantiles of what each histogram got in that second. Over all cohorts. Looks
// at the registry once a second; recording pays nothing for it.
//
// Memory is fixed: when a column has kPointsMax points, each two neighbours become one (downsampled.h), so an
// hour is told in steps of 8 s and a day in steps of 256 s. A column takes memory from its first value on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "netrig/core/base/time.h"
#include "netrig/metrics/catalog.h"
#include "netrig/metrics/downsampled.h"
#include "netrig/metrics/histogram_window.h"
#include "netrig/metrics/registry.h"

namespace netrig::metrics {

class Timeline {
 public:
  static constexpr std::size_t kPointsMax = 600;  // ten minutes of seconds
  static_assert(kPointsMax % 2 == 0);

  enum class Figure : std::uint8_t {
    value,  // a counter's growth in the second, or a gauge at its end
    count,  // the others are of a histogram: its samples of the second
    p50,
    p95,
    p99,
  };

  struct Column {
    const Metric* metric;
    Selection series;  // all of the metric's labels but the cohort
    Figure figure;
    std::vector<Point> points;  // of step() seconds each, the last one perhaps of fewer; empty: always 0
  };

  // The registry stays where it is.
  explicit Timeline(const Registry& registry);

  // What is recorded from now on counts.
  void begin(Instant now);
  // Counts every second that is over. Call before anything is recorded that happens at `now`.
  void advance(Instant now) {
    while (running_ && now >= second_ends_) close_second();
  }
  // Counts the last whole second; what is left of another is left out.
  void end(Instant now);
  // Adds what `other`, of a registry of the same shape, counted in the same seconds. Both have ended. Of what
  // both counted, a step of several seconds has bounds of the least and the greatest, and a quantile the mean
  // of both.
  void merge(const Timeline& other);

  Instant began() const { return began_; }
  std::uint64_t seconds() const { return seconds_; }
  std::uint64_t step() const { return step_; }  // seconds of a point
  // Those that had a value, in the catalogue's order.
  std::vector<const Column*> columns() const;

 private:
  // What one series of the registry, over all cohorts, makes columns of: one of a counter or a gauge, four of
  // a histogram.
  struct Source {
    // By kind one of the three: the metric's series from that of the first cohort on.
    std::span<const std::uint64_t> counters{};
    std::span<const std::int64_t> gauges{};
    std::span<const Histogram> histograms{};
    std::size_t stride = 1;    // from one cohort to the next
    std::size_t column = 0;    // its first
    std::uint64_t seen = 0;    // of a counter, at the last second's end
    HistogramWindow window{};  // of a histogram
  };

  void add_columns(const Metric& metric);
  // What the source counted since the last call goes to the points in progress.
  void look(Source& source);
  void look_at_histogram(Source& source);
  void close_second();
  void close_point();
  bool is_blank(std::size_t column) const;
  Point blank(const Column& column) const;

  const Registry& registry_;
  std::vector<Column> columns_;
  std::vector<Point> open_;  // the point in progress of each column
  std::vector<Source> sources_;
  bool running_ = false;
  Instant began_;
  Instant second_ends_;
  std::uint64_t seconds_ = 0;
  std::uint64_t step_ = 1;
  std::uint64_t in_open_ = 0;  // seconds of the points in progress
  std::size_t points_ = 0;     // closed
};

// "message_bytes_total.downstream.state_update", "rtt_seconds.p95": the name of a column in files.
std::string column_name(const Timeline::Column& column, const Shape& shape);

}  // namespace netrig::metrics
