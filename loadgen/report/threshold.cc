#include "netrig/loadgen/report/threshold.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <variant>

#include "netrig/core/base/assert.h"

namespace netrig::loadgen {
namespace {

using metrics::Histogram;
using metrics::Kind;
using metrics::Metric;
using metrics::Trait;

constexpr std::string_view kOperators = "<, <=, >, >=, == or !=";

struct AggregateName {
  std::string_view name;
  Aggregate aggregate;
};
constexpr std::array kAggregateNames{
    AggregateName{"avg", Aggregate::avg},     AggregateName{"min", Aggregate::min},
    AggregateName{"med", Aggregate::med},     AggregateName{"max", Aggregate::max},
    AggregateName{"count", Aggregate::count}, AggregateName{"rate", Aggregate::rate},
    AggregateName{"value", Aggregate::value},
};

struct OperatorName {
  std::string_view name;
  Comparison comparison;
};
// The longer ones first, so that "<=" is not read as "<".
constexpr std::array kOperatorNames{
    OperatorName{"<=", Comparison::less_equal}, OperatorName{">=", Comparison::greater_equal},
    OperatorName{"==", Comparison::equal},      OperatorName{"!=", Comparison::not_equal},
    OperatorName{"<", Comparison::less},        OperatorName{">", Comparison::greater},
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// A finite decimal number and nothing after it.
std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

Result<ThresholdExpression, std::string> parse_percentile(std::string_view aggregate) {
  const std::optional<double> percent = number_in(trimmed(aggregate.substr(2, aggregate.size() - 3)));
  if (!percent || *percent < 0 || *percent > 100)
    return fmt::format("\"{}\": a percentile is a number from 0 to 100, as in p(99.9)", aggregate);
  const double parts_per_million = *percent * 10'000;
  if (std::abs(parts_per_million - std::round(parts_per_million)) > 1e-6)
    return fmt::format("\"{}\": a percentile has at most 4 decimals", aggregate);
  return ThresholdExpression{.aggregate = Aggregate::percentile,
                             .percentile_ppm = static_cast<std::uint32_t>(std::lround(parts_per_million))};
}

Result<ThresholdExpression, std::string> parse_aggregate(std::string_view aggregate) {
  if (aggregate.starts_with("p(") && aggregate.ends_with(")")) return parse_percentile(aggregate);
  const auto found = std::ranges::find(kAggregateNames, aggregate, &AggregateName::name);
  if (found == kAggregateNames.end())
    return fmt::format("\"{}\" is not an aggregate; allowed are p(N), avg, min, med, max, count, rate, value",
                       aggregate);
  return ThresholdExpression{.aggregate = found->aggregate};
}

bool has_aggregate(Kind kind, Aggregate aggregate) {
  switch (kind) {
    case Kind::counter:
      return aggregate == Aggregate::count || aggregate == Aggregate::rate || aggregate == Aggregate::value;
    case Kind::gauge:
      return aggregate == Aggregate::value;
    case Kind::histogram:
      return aggregate != Aggregate::rate && aggregate != Aggregate::value;
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

std::string_view aggregates_of(Kind kind) {
  switch (kind) {
    case Kind::counter:
      return "a counter has count, rate or value";
    case Kind::gauge:
      return "a gauge has value";
    case Kind::histogram:
      return "a histogram has p(N), avg, min, med, max or count";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

bool holds(double value, Comparison comparison, double limit) {
  switch (comparison) {
    case Comparison::less:
      return value < limit;
    case Comparison::less_equal:
      return value <= limit;
    case Comparison::greater:
      return value > limit;
    case Comparison::greater_equal:
      return value >= limit;
    case Comparison::equal:
      return value == limit;
    case Comparison::not_equal:
      return value != limit;
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

std::optional<double> histogram_value(const Histogram& histogram, const ThresholdExpression& expression,
                                      double steps_per_unit) {
  if (expression.aggregate == Aggregate::count) return static_cast<double>(histogram.count());
  if (histogram.count() == 0) return std::nullopt;
  const auto quantile = [&](std::uint32_t ppm) { return static_cast<double>(*histogram.quantile(ppm)); };
  switch (expression.aggregate) {
    case Aggregate::percentile:
      return quantile(expression.percentile_ppm) / steps_per_unit;
    case Aggregate::min:
      return quantile(0) / steps_per_unit;
    case Aggregate::med:
      return quantile(500'000) / steps_per_unit;
    case Aggregate::max:
      return quantile(1'000'000) / steps_per_unit;
    case Aggregate::avg:
      return histogram.sum().to_double() / static_cast<double>(histogram.count()) / steps_per_unit;
    default:
      NETRIG_ASSERT(false);  // refused by parse_threshold
  }
}

std::optional<double> measured_value(const Threshold& threshold, const metrics::RegistryView& view,
                                     Duration measured) {
  const metrics::Value value = view.value(*threshold.metric);
  const double steps = metrics::steps_per_unit(threshold.metric->unit);
  if (const auto* histogram = std::get_if<Histogram>(&value))
    return histogram_value(*histogram, threshold.expression, steps);
  const double number = std::holds_alternative<std::uint64_t>(value)
                            ? static_cast<double>(std::get<std::uint64_t>(value))
                            : static_cast<double>(std::get<std::int64_t>(value));
  if (threshold.expression.aggregate != Aggregate::rate) return number / steps;
  if (measured <= Duration::zero()) return std::nullopt;
  return number / steps / seconds(measured);
}

}  // namespace

Result<ThresholdExpression, std::string> parse_threshold(std::string_view text) {
  const std::size_t at = text.find_first_of("<>=!");
  const std::string_view rest = at == std::string_view::npos ? "" : text.substr(at);
  const auto found = std::ranges::find_if(
      kOperatorNames, [&](const OperatorName& each) { return rest.starts_with(each.name); });
  if (found == kOperatorNames.end())
    return fmt::format("\"{}\" compares nothing; write AGGREGATE OPERATOR NUMBER with {}", text, kOperators);
  auto expression = parse_aggregate(trimmed(text.substr(0, at)));
  if (!expression) return expression.error();
  const std::string_view limit = trimmed(rest.substr(found->name.size()));
  const std::optional<double> number = number_in(limit);
  if (!number)
    return fmt::format("\"{}\" is not a number; a limit is in the metric's base unit, without one", limit);
  expression->comparison = found->comparison;
  expression->limit = *number;
  return expression;
}

Result<ThresholdExpression, std::string> parse_threshold(std::string_view text, Kind kind) {
  auto expression = parse_threshold(text);
  if (!expression || has_aggregate(kind, expression->aggregate)) return expression;
  return fmt::format("\"{}\" does not fit this metric: {}", trimmed(text), aggregates_of(kind));
}

std::string threshold_pattern(Kind kind) {
  std::string aggregates;
  for (const AggregateName& each : kAggregateNames)
    if (has_aggregate(kind, each.aggregate))
      aggregates.append(aggregates.empty() ? "" : "|").append(each.name);
  if (has_aggregate(kind, Aggregate::percentile))
    aggregates += R"(|p\([ \t]*(100(\.0*)?|[0-9]{1,2}(\.[0-9]*)?|\.[0-9]+)[ \t]*\))";
  std::string operators;
  for (const OperatorName& each : kOperatorNames)
    operators.append(operators.empty() ? "" : "|").append(each.name);
  constexpr std::string_view kNumber = R"(-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?)";
  return fmt::format("^[ \\t]*({})[ \\t]*({})[ \\t]*{}[ \\t]*$", aggregates, operators, kNumber);
}

std::optional<std::string_view> why_not_applicable(const Metric& metric, const RunConditions& conditions) {
  constexpr std::array<std::string_view, 3> kZeroWithoutPace{
      metrics::catalog::kTickOverrunsTotal.metric().name, metrics::catalog::kTicksSkippedTotal.metric().name,
      metrics::catalog::kTickLatenessSeconds.metric().name};
  constexpr std::array<std::string_view, 2> kZeroUnderVirtualClock{
      metrics::catalog::kGeneratorLatenessSeconds.metric().name,
      metrics::catalog::kGeneratorLateTicksTotal.metric().name};
  if (metric.traits.has(Trait::own_server) && !conditions.own_server) return "the server is not ours";
  if (metric.traits.has(Trait::netrig_dialect) && !conditions.netrig_dialect)
    return "the venture dialect cannot measure it";
  if (metric.traits.has(Trait::venture_dialect) && conditions.netrig_dialect)
    return "only the venture dialect measures it";
  if (metric.traits.has(Trait::server_clock) && !conditions.own_server && !conditions.netrig_dialect)
    return "the venture dialect does not tell the server's time";
  if (metric.traits.has(Trait::simulated_network) && !conditions.simulated_network)
    return "the network is not simulated";
  const bool is_zero = std::ranges::count(kZeroUnderVirtualClock, metric.name) > 0 ||
                       (!conditions.slow_server && std::ranges::count(kZeroWithoutPace, metric.name) > 0);
  if (!conditions.virtual_clock || !is_zero) return std::nullopt;
  return "always 0 under the virtual clock";
}

ThresholdResult evaluate(const Threshold& threshold, const metrics::RegistryView& view, Duration measured,
                         const RunConditions& conditions) {
  ThresholdResult result{.metric = std::string{threshold.metric->name}, .expression = threshold.text};
  if (const auto reason = why_not_applicable(*threshold.metric, conditions)) {
    result.state = ThresholdState::not_applicable;
    result.reason = *reason;
    return result;
  }
  result.value = measured_value(threshold, view, measured);
  if (!result.value) return result;
  const bool passed = holds(*result.value, threshold.expression.comparison, threshold.expression.limit);
  result.state = passed ? ThresholdState::passed : ThresholdState::failed;
  return result;
}

ExitCode exit_code_of(const std::vector<ThresholdResult>& results) {
  const bool failed = std::ranges::any_of(results, [](const ThresholdResult& each) {
    return each.state == ThresholdState::failed || each.state == ThresholdState::no_data;
  });
  return failed ? ExitCode::threshold_failed : ExitCode::pass;
}

bool none_applies(const std::vector<Threshold>& thresholds, const RunConditions& conditions) {
  return !thresholds.empty() && std::ranges::all_of(thresholds, [&](const Threshold& each) {
    return why_not_applicable(*each.metric, conditions).has_value();
  });
}

std::string_view text(ThresholdState state) {
  switch (state) {
    case ThresholdState::passed:
      return "passed";
    case ThresholdState::failed:
      return "failed";
    case ThresholdState::no_data:
      return "no_data";
    case ThresholdState::not_applicable:
      return "not_applicable";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

std::optional<ThresholdState> threshold_state_from(std::string_view name) {
  for (const ThresholdState state : {ThresholdState::passed, ThresholdState::failed, ThresholdState::no_data,
                                     ThresholdState::not_applicable})
    if (text(state) == name) return state;
  return std::nullopt;
}

metrics::Unit unit_of(const ThresholdResult& threshold) {
  const metrics::Metric* metric = metrics::catalog::find(threshold.metric);
  const auto expression = parse_threshold(threshold.expression);
  if (metric == nullptr || !expression) return metrics::Unit::count;
  const bool counts_samples =
      metric->kind == metrics::Kind::histogram && expression->aggregate == Aggregate::count;
  if (counts_samples) return metrics::Unit::count;
  const bool is_byte_rate = expression->aggregate == Aggregate::rate && metric->unit == metrics::Unit::bytes;
  return is_byte_rate ? metrics::Unit::bytes_per_second : metric->unit;
}

}  // namespace netrig::loadgen
