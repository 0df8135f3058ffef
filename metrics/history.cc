#include "netrig/metrics/history.h"

#include <algorithm>

#include "netrig/metrics/exposition.h"

namespace netrig::metrics {

History::History(const Registry& registry) : registry_(registry) {
  for (const Metric& metric : catalog::all()) {
    if (metric.traits.has(Trait::host)) continue;
    for (std::size_t index = 0; index < shape().series_count(metric); ++index) {
      series_.push_back({&metric, index, width_});
      width_ += width_of(metric);
    }
  }
  const std::size_t affordable = kBytesMax / (width_ * sizeof(std::uint64_t));
  rows_max_ = std::clamp(affordable / 2 * 2, kRowsMin, kRowsMax);
  at_.reserve(rows_max_ + 1);  // the last row of a run may come beyond them
  values_.reserve((rows_max_ + 1) * width_);
}

std::size_t History::width_of(const Metric& metric) const {
  return metric.kind == Kind::histogram ? exposed_bounds(metric).size() + 2 : 1;
}

std::span<const std::uint64_t> History::values(std::size_t row, const Series& series) const {
  return std::span{values_}.subspan(row * width_ + series.first, width_of(*series.metric));
}

void History::end(Instant now) {
  advance(now);
  if (now - at_.back() < 1ms) {  // two rows of one millisecond would be two values of one time
    at_.pop_back();
    values_.resize(at_.size() * width_);
  }
  add_row(now);
  next_ = Instant::max();
}

void History::take() {
  if (at_.size() == rows_max_) forget_every_second();
  add_row(next_);
  next_ += step_;
}

// Row 0 stays, so the rows that are left are `step_` apart.
void History::forget_every_second() {
  for (std::size_t row = 0; row < at_.size() / 2; ++row) {
    at_[row] = at_[2 * row];
    std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(2 * row * width_), width_,
                values_.begin() + static_cast<std::ptrdiff_t>(row * width_));
  }
  at_.resize(at_.size() / 2);
  values_.resize(at_.size() * width_);
  step_ *= 2;
  next_ = at_.back() + step_;
}

void History::add_row(Instant at) {
  at_.push_back(at);
  for (const Series& series : series_) {
    const Metric& metric = *series.metric;
    switch (metric.kind) {
      case Kind::counter:
        values_.push_back(registry_.counters(CounterId{metric})[series.index]);
        break;
      case Kind::gauge:
        values_.push_back(static_cast<std::uint64_t>(
            std::max<std::int64_t>(0, registry_.gauges(GaugeId{metric})[series.index])));
        break;
      case Kind::histogram: {
        const Histogram& histogram = registry_.histograms(HistogramId{metric})[series.index];
        for (const std::uint64_t count : cumulative_counts(histogram, exposed_bounds(metric)))
          values_.push_back(count);
        values_.push_back(histogram.count());
        values_.push_back(static_cast<std::uint64_t>(histogram.sum().to_double()));
        break;
      }
    }
  }
}

}  // namespace netrig::metrics
