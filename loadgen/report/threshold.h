// Limits on metrics, in k6's grammar: `p(95)<100000`, `avg<=0.05`, `count==0`. Limits are in the metric's
// base unit: seconds, bytes, bytes per second.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "netrig/core/base/result.h"
#include "netrig/core/base/time.h"
#include "netrig/loadgen/report/run_result.h"
#include "netrig/metrics/catalog.h"
#include "netrig/metrics/registry_view.h"

namespace netrig::loadgen {

enum class Aggregate : std::uint8_t {
  percentile,  // p(N)
  avg,
  min,
  med,  // p(50)
  max,
  count,  // of a histogram: its samples
  rate,   // a counter per second of the measured window
  value,
};

enum class Comparison : std::uint8_t { less, less_equal, greater, greater_equal, equal, not_equal };

struct ThresholdExpression {
  Aggregate aggregate = Aggregate::value;
  std::uint32_t percentile_ppm = 0;  // aggregate percentile: p(99.9) is 999,000
  Comparison comparison = Comparison::less;
  double limit = 0;

  friend bool operator==(const ThresholdExpression&, const ThresholdExpression&) = default;
};

// The error is a sentence that lists what is allowed. The second form also refuses an aggregate that the
// metric's kind does not have.
Result<ThresholdExpression, std::string> parse_threshold(std::string_view text);
Result<ThresholdExpression, std::string> parse_threshold(std::string_view text, metrics::Kind kind);
// What the second form takes, as a regular expression (ECMA-262); it lets more than 4 decimals of a
// percentile pass.
std::string threshold_pattern(metrics::Kind kind);

// What a run is, as far as it decides which metrics can be measured in it. Known before it starts.
struct RunConditions {
  bool virtual_clock = true;
  bool own_server = true;  // false: a target elsewhere
  bool netrig_dialect = true;
  bool simulated_network = true;
  bool slow_server = false;  // by server.stalls or server.tick_cost: without them ticks take no virtual time
};

// Why a threshold on this metric says nothing in such a run; nullopt when it applies.
std::optional<std::string_view> why_not_applicable(const metrics::Metric& metric,
                                                   const RunConditions& conditions);

// A scenario's threshold, checked: `metric` is an element of the catalogue, `text` what `expression` was
// parsed from.
struct Threshold {
  const metrics::Metric* metric = nullptr;
  std::string text;
  ThresholdExpression expression;
};

// Over all series of the metric. `measured` is the length of the measured window, for `rate`. A metric
// without samples is no_data, which fails a run.
ThresholdResult evaluate(const Threshold& threshold, const metrics::RegistryView& view, Duration measured,
                         const RunConditions& conditions);

// Of all thresholds together: pass or threshold_failed.
ExitCode exit_code_of(const std::vector<ThresholdResult>& results);

// True when thresholds were declared and none applies: such a scenario is invalid, because it would always
// pass.
bool none_applies(const std::vector<Threshold>& thresholds, const RunConditions& conditions);

std::string_view text(ThresholdState state);  // as result files spell it: "no_data"
std::optional<ThresholdState> threshold_state_from(std::string_view text);

// Of the value that is compared; a count of samples and of things has none.
metrics::Unit unit_of(const ThresholdResult& threshold);

}  // namespace netrig::loadgen
