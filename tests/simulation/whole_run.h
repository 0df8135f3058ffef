// Whole runs in a test: a scenario as text, run to its end.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/loadgen/arena/arena_game.h"
#include "netrig/loadgen/run/run.h"
#include "netrig/loadgen/scenario/scenario_file.h"

namespace netrig::loadgen::testing {

// With the built-in game.
inline const GameRegistry& arena_games() {
  static const GameRegistry* const games = [] {
    auto* made = new GameRegistry;
    register_arena(*made);
    return made;
  }();
  return *games;
}

// The scenario, which must be valid.
inline Scenario scenario_of(std::string_view text) {
  const Environment no_variables = [](std::string_view) -> std::optional<std::string> { return {}; };
  const LoadedScenario loaded = parse_scenario(text, "test.yaml", {}, no_variables, arena_games());
  for (const Diagnostic& diagnostic : loaded.diagnostics)
    if (diagnostic.severity == Severity::error) BOOST_FAIL(netrig::loadgen::text(diagnostic));
  return *loaded.scenario;
}

inline const Summary& latency(const Named<Summary>& named, std::string_view name) {
  const auto found = std::ranges::find(named, name, &std::pair<std::string, Summary>::first);
  if (found == named.end()) BOOST_FAIL("no sample of " << name);
  return found->second;
}

// One of the catalogue's.
inline std::uint64_t counter(const RunResult& result, std::string_view name) {
  const auto found = std::ranges::find(result.metrics, name, &std::pair<std::string, MetricValue>::first);
  if (found == result.metrics.end()) BOOST_FAIL("no metric " << name);
  return std::get<std::uint64_t>(found->second);
}

}  // namespace netrig::loadgen::testing
