#include "netrig/loadgen/fit/series_facts.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace netrig::loadgen {
namespace {

std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    for (std::size_t i = first; i < end; ++i) ranks[order[i]] = static_cast<double>(first + end - 1) / 2;
    first = end;
  }
  return ranks;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void add_successions(const RoundTrips& series, SeriesFacts& facts) {
  std::vector<double> before;
  std::vector<double> after;
  double difference_ns = 0;
  for (std::size_t i = 1; i < series.size(); ++i) {
    if (!series[i - 1] || !series[i]) continue;
    before.push_back(static_cast<double>(series[i - 1]->count()));
    after.push_back(static_cast<double>(series[i]->count()));
    difference_ns += std::abs(after.back() - before.back());
  }
  facts.neighbours = before.size();
  if (before.empty()) return;
  facts.mean_difference = Duration{std::llround(difference_ns / static_cast<double>(before.size()))};
  facts.rank_correlation = rank_correlation(before, after);
}

void add_losses(const RoundTrips& series, SeriesFacts& facts) {
  std::size_t bursts = series.front() ? 0 : 1;
  for (std::size_t i = 1; i < series.size(); ++i) {
    const bool was_kept = series[i - 1].has_value();
    const bool is_kept = series[i].has_value();
    ++(was_kept ? (is_kept ? facts.pairs.kept_kept : facts.pairs.kept_lost)
                : (is_kept ? facts.pairs.lost_kept : facts.pairs.lost_lost));
    if (was_kept && !is_kept) ++bursts;
  }
  const auto lost = static_cast<double>(facts.sent - facts.answers.size());
  facts.loss = lost / static_cast<double>(facts.sent);
  if (bursts > 0) facts.mean_burst = lost / static_cast<double>(bursts);
}

}  // namespace

SeriesFacts facts_of(const RoundTrips& series) {
  SeriesFacts facts;
  facts.sent = series.size();
  for (const auto& trip : series)
    if (trip) facts.answers.push_back(*trip);
  std::ranges::sort(facts.answers);
  add_successions(series, facts);
  if (!series.empty()) add_losses(series, facts);
  return facts;
}

Duration quantile(const std::vector<Duration>& sorted, std::uint32_t share_ppm) {
  const double position = share_ppm / 1e6 * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double between = position - static_cast<double>(below);
  return sorted[below] + std::chrono::round<Duration>((sorted[above] - sorted[below]) * between);
}

double largest_gap(const std::vector<Duration>& a, const std::vector<Duration>& b) {
  double largest = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const Duration at = std::min(a[i], b[j]);
    while (i < a.size() && a[i] <= at) ++i;
    while (j < b.size() && b[j] <= at) ++j;
    largest = std::max(largest, std::abs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                         static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return largest;
}

double rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() < 3) return 0;
  const std::vector<double> ranks_a = ranks_of(a);
  const std::vector<double> ranks_b = ranks_of(b);
  const double mean_a = mean_of(ranks_a);
  const double mean_b = mean_of(ranks_b);
  double both = 0;
  double square_a = 0;
  double square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += (ranks_a[i] - mean_a) * (ranks_b[i] - mean_b);
    square_a += (ranks_a[i] - mean_a) * (ranks_a[i] - mean_a);
    square_b += (ranks_b[i] - mean_b) * (ranks_b[i] - mean_b);
  }
  return square_a > 0 && square_b > 0 ? both / std::sqrt(square_a * square_b) : 0;
}

bool is_beyond_chance(double ranks, std::size_t pairs) {
  return ranks * std::sqrt(static_cast<double>(pairs)) >= 2;
}

std::uint32_t link_correlation_ppm(double ranks, std::size_t pairs) {
  if (!is_beyond_chance(ranks, pairs)) return 0;
  const double rho = std::min(2 * std::sin(std::numbers::pi / 6 * ranks), 0.99);
  return static_cast<std::uint32_t>(std::lround(rho * 100)) * 10'000;
}

}  // namespace netrig::loadgen
