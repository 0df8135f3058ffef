#include "netrig/metrics/timeline.h"

#include <algorithm>
#include <array>

namespace netrig::metrics {
namespace {

using Figure = Timeline::Figure;

constexpr std::array kOfHistogram{Figure::count, Figure::p50, Figure::p95, Figure::p99};

constexpr std::uint32_t share_ppm(Figure figure) {
  return figure == Figure::p50 ? 500'000 : figure == Figure::p95 ? 950'000 : 990'000;
}

constexpr bool is_quantile(Figure figure) {
  return figure != Figure::value && figure != Figure::count;
}

template <class T>
std::uint64_t total_of(std::span<const T> all, std::size_t stride) {
  T total = 0;
  for (std::size_t i = 0; i < all.size(); i += stride) total += all[i];
  return total > 0 ? static_cast<std::uint64_t>(total) : 0;
}

}  // namespace

Timeline::Timeline(const Registry& registry) : registry_(registry) {
  for (const Metric& metric : catalog::all()) add_columns(metric);
  open_.resize(columns_.size());
}

// Series are numbered with the cohort running slowest.
void Timeline::add_columns(const Metric& metric) {
  const Shape& shape = registry_.shape();
  const std::size_t cohorts = metric.labels.has(Label::cohort) ? shape.values(Label::cohort).size() : 1;
  const std::size_t stride = shape.series_count(metric) / cohorts;
  for (std::size_t first = 0; first < stride; ++first) {
    Source& source = sources_.emplace_back();
    source.stride = stride;
    source.column = columns_.size();
    Selection series = shape.series_at(metric, first);
    series.cohort.reset();
    switch (metric.kind) {
      case Kind::counter:
        source.counters = registry_.counters(CounterId{metric}).subspan(first);
        columns_.push_back({&metric, series, Figure::value, {}});
        break;
      case Kind::gauge:
        source.gauges = registry_.gauges(GaugeId{metric}).subspan(first);
        columns_.push_back({&metric, series, Figure::value, {}});
        break;
      case Kind::histogram:
        source.histograms = registry_.histograms(HistogramId{metric}).subspan(first);
        for (const Figure figure : kOfHistogram) columns_.push_back({&metric, series, figure, {}});
        break;
    }
  }
}

void Timeline::begin(Instant now) {
  for (Source& source : sources_) look(source);
  std::ranges::fill(open_, Point{});
  running_ = true;
  began_ = now;
  second_ends_ = now + 1s;
}

void Timeline::end(Instant now) {
  advance(now);
  running_ = false;
  if (in_open_ > 0) close_point();
}

void Timeline::look(Source& source) {
  if (!source.counters.empty()) {
    const std::uint64_t total = total_of(source.counters, source.stride);
    open_[source.column].add(total - source.seen);
    source.seen = total;
  } else if (!source.gauges.empty()) {
    open_[source.column].add(total_of(source.gauges, source.stride));
  } else {
    look_at_histogram(source);
  }
}

void Timeline::look_at_histogram(Source& source) {
  source.window.look(source.histograms, source.stride);
  for (std::size_t i = 0; i < kOfHistogram.size(); ++i) {
    Point& open = open_[source.column + i];
    if (!is_quantile(kOfHistogram[i])) {
      open.add(source.window.count());
    } else if (const auto value = source.window.quantile(share_ppm(kOfHistogram[i]))) {
      open.add(*value);
    }
  }
}

void Timeline::close_second() {
  for (Source& source : sources_) look(source);
  second_ends_ += 1s;
  ++seconds_;
  if (++in_open_ == step_) close_point();
}

void Timeline::close_point() {
  if (points_ == kPointsMax) {
    for (Column& column : columns_) merge_pairs(column.points);
    points_ /= 2;
    step_ *= 2;
    if (in_open_ < step_ && running_) return;  // the point in progress goes on for as long again
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    if (!column.points.empty() || !is_blank(i)) {
      if (column.points.empty()) column.points.assign(points_, blank(column));
      column.points.push_back(open_[i]);
    }
    open_[i] = {};
  }
  in_open_ = 0;
  ++points_;
}

void Timeline::merge(const Timeline& other) {
  NETRIG_ASSERT(!running_ && !other.running_ && columns_.size() == other.columns_.size());
  if (other.seconds_ != seconds_) return;  // one of the two never began, or ended elsewhere
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::vector<Point>& points = columns_[i].points;
    const std::vector<Point>& more = other.columns_[i].points;
    if (points.empty())
      points = more;
    else if (!more.empty())
      for (std::size_t point = 0; point < points.size(); ++point) {
        if (is_quantile(columns_[i].figure))
          points[point].merge(more[point]);
        else
          points[point].add_beside(more[point]);
      }
  }
}

bool Timeline::is_blank(std::size_t column) const {
  return is_quantile(columns_[column].figure) ? open_[column].count == 0 : open_[column].max == 0;
}

Point Timeline::blank(const Column& column) const {
  return is_quantile(column.figure) ? Point{} : zeros(step_);
}

std::vector<const Timeline::Column*> Timeline::columns() const {
  std::vector<const Column*> had_a_value;
  for (const Column& column : columns_)
    if (!column.points.empty()) had_a_value.push_back(&column);
  return had_a_value;
}

std::string_view text(Timeline::Figure figure) {
  switch (figure) {
    case Figure::value:
      return "value";
    case Figure::count:
      return "count";
    case Figure::p50:
      return "p50";
    case Figure::p95:
      return "p95";
    case Figure::p99:
      return "p99";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

std::string column_name(const Timeline::Column& column, const Shape& shape) {
  std::string name{column.metric->name};
  for_each_label([&](Label label) {
    if (const auto value = column.series.at(label)) name.append(".").append(shape.values(label)[*value]);
  });
  if (column.figure != Figure::value) name.append(".").append(text(column.figure));
  return name;
}

}  // namespace netrig::metrics
