#include "netrig/loadgen/report/seeds_result.h"

#include <algorithm>

namespace netrig::loadgen {

std::optional<Spread> spread_of(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return Spread{values.front(), median, values.back()};
}

std::vector<ThresholdSpread> threshold_spreads(const std::vector<RunResult>& runs) {
  std::vector<ThresholdSpread> spreads;
  if (runs.empty()) return spreads;
  for (std::size_t i = 0; i < runs.front().thresholds.size(); ++i) {
    const ThresholdResult& first = runs.front().thresholds[i];
    ThresholdSpread spread{.metric = first.metric, .expression = first.expression, .state = first.state};
    std::vector<double> values;
    for (const RunResult& run : runs) {
      const ThresholdResult& here = run.thresholds.at(i);
      if (here.value) values.push_back(*here.value);
      const bool fails = here.state == ThresholdState::failed || here.state == ThresholdState::no_data;
      if (fails) ++spread.failing;
      if (fails && spread.state != ThresholdState::no_data) spread.state = here.state;
    }
    spread.values = spread_of(std::move(values));
    spreads.push_back(std::move(spread));
  }
  return spreads;
}

ExitCode exit_code_of(const SeedsResult& result, bool interrupted) {
  ExitCode code = interrupted ? ExitCode::interrupted : ExitCode::pass;
  if (!result.lost.empty()) code = worst(code, ExitCode::worker_lost);
  for (const RunResult& run : result.runs) code = worst(code, run.exit_code);
  return code;
}

}  // namespace netrig::loadgen
