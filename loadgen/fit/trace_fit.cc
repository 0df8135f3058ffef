#include "netrig/loadgen/fit/trace_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/loadgen/fit/series_facts.h"

namespace netrig::loadgen {
namespace {

constexpr std::array<std::uint32_t, 13> kShares{0,       10'000,  50'000,   100'000, 200'000,
                                                350'000, 500'000, 650'000,  800'000, 900'000,
                                                950'000, 990'000, 1'000'000};

// Values with how long they held, the smallest first.
template <class T>
using Weighed = std::vector<std::pair<T, Duration>>;

Duration length_of(const sim::LinkTrace& trace, std::size_t row) {
  const bool is_last = row + 1 == trace.rows.size();
  return (is_last ? trace.period : trace.rows[row + 1].at) - trace.rows[row].at;
}

template <class T>
Weighed<T> weighed(const sim::LinkTrace& trace, T sim::LinkTrace::Row::*column) {
  Weighed<T> values;
  for (std::size_t row = 0; row < trace.rows.size(); ++row)
    values.emplace_back(trace.rows[row].*column, length_of(trace, row));
  std::ranges::sort(values);
  return values;
}

// The smallest value that held, with all below it, for this share of the time.
template <class T>
T quantile(const Weighed<T>& values, Duration whole, std::uint32_t share_ppm) {
  const auto wanted = static_cast<double>(whole.count()) * share_ppm / 1e6;
  double so_far = 0;
  for (const auto& [value, length] : values) {
    so_far += static_cast<double>(length.count());
    if (so_far >= wanted) return value;
  }
  return values.back().first;
}

sim::Delay delay_of(const sim::LinkTrace& trace) {
  const auto values = weighed(trace, &sim::LinkTrace::Row::delay);
  if (values.front().first == values.back().first) return sim::ConstantDelay{values.front().first};
  auto points = std::make_shared<std::vector<sim::DelayPoint>>();
  for (const std::uint32_t share : kShares) points->push_back({share, quantile(values, trace.period, share)});
  points->back().delay = values.back().first;
  return sim::TableDelay{std::move(points)};
}

double mean_of(const sim::LinkTrace& trace, auto&& value_of) {
  double sum = 0;
  for (std::size_t row = 0; row < trace.rows.size(); ++row)
    sum += value_of(trace.rows[row]) * static_cast<double>(length_of(trace, row).count());
  return sum / static_cast<double>(trace.period.count());
}

double row_correlation(const sim::LinkTrace& trace) {
  std::vector<double> delays;
  for (const auto& row : trace.rows) delays.push_back(static_cast<double>(row.delay.count()));
  return rank_correlation({delays.begin(), delays.end() - 1}, {delays.begin() + 1, delays.end()});
}

// From row to row, to packet to packet: the n-th root of what n packets leave.
std::uint32_t packet_correlation_ppm(double rows, std::size_t pairs, Duration row_length) {
  if (!is_beyond_chance(rows, pairs)) return 0;
  const double packets = std::max(1.0, static_cast<double>(row_length.count()) /
                                           static_cast<double>(Duration{kTracePacketInterval}.count()));
  return static_cast<std::uint32_t>(std::lround(std::min(std::pow(rows, 1 / packets), 0.999) * 1000)) * 1'000;
}

void fit_delay(const sim::LinkTrace& trace, TraceFit& fit) {
  fit.each_way.delay = delay_of(trace);
  fit.mean_delay = Duration{
      std::llround(mean_of(trace, [](const auto& row) { return static_cast<double>(row.delay.count()); }))};
  if (std::holds_alternative<sim::ConstantDelay>(fit.each_way.delay)) return;
  fit.rank_correlation = row_correlation(trace);
  fit.each_way.correlation_ppm =
      packet_correlation_ppm(fit.rank_correlation, trace.rows.size() - 1, fit.row_length);
}

void fit_rate(const sim::LinkTrace& trace, TraceFit& fit) {
  const auto rates = weighed(trace, &sim::LinkTrace::Row::rate_bits_per_second);
  fit.each_way.rate_bits_per_second = quantile(rates, trace.period, 500'000);
  fit.rate_min = rates.front().first;
  fit.rate_max = rates.back().first;
}

}  // namespace

TraceFit fit_trace(const sim::LinkTrace& trace) {
  TraceFit fit;
  fit.row_length = trace.period / static_cast<std::int64_t>(trace.rows.size());
  if (trace.has_delay) fit_delay(trace, fit);
  if (trace.has_rate) fit_rate(trace, fit);
  if (trace.has_loss) {
    fit.mean_loss = mean_of(trace, [](const auto& row) { return row.loss_ppm / 1e6; });
    fit.each_way.loss_ppm = static_cast<std::uint32_t>(std::lround(fit.mean_loss * 1e6));
  }
  return fit;
}

}  // namespace netrig::loadgen
