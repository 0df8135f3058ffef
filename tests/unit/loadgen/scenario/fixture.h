// A small valid scenario to bend, and the whole output of a check as one text.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/loadgen/arena/arena_game.h"
#include "netrig/loadgen/scenario/scenario_file.h"

namespace netrig::loadgen::testing {

// Seven lines; what a test appends begins on line 8.
inline const std::string kSmall =
    "netrig: 1\n"
    "name: small\n"
    "duration: 10s\n"
    "transport: memory\n"
    "clients:\n"
    "  - name: a\n"
    "    count: 2\n";

inline Environment variables(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional{found->second};
  };
}

// The arena's.
inline const GameRegistry& games() {
  static const GameRegistry* const registry = [] {
    auto* made = new GameRegistry;
    register_arena(*made);
    return made;
  }();
  return *registry;
}

// "wander" and its like.
inline const BehaviourKind* behaviour(std::string_view name) {
  return find_behaviour(*games().all().front(), name);
}

inline LoadedScenario parse(std::string_view text, std::vector<Override> overrides = {},
                            const Environment& environment = variables({})) {
  return parse_scenario(text, "s.yaml", overrides, environment, games());
}

// Every diagnostic as it is printed.
inline std::string problems(std::string_view text, std::vector<Override> overrides = {},
                            const Environment& environment = variables({})) {
  std::string all;
  for (const Diagnostic& diagnostic : parse(text, std::move(overrides), environment).diagnostics)
    all += netrig::loadgen::text(diagnostic);
  return all;
}

// The scenario, which must be valid.
inline Scenario valid(std::string_view text, std::vector<Override> overrides = {},
                      const Environment& environment = variables({})) {
  const LoadedScenario loaded = parse(text, std::move(overrides), environment);
  std::string all;
  for (const Diagnostic& diagnostic : loaded.diagnostics) all += netrig::loadgen::text(diagnostic);
  if (!loaded.scenario) throw std::runtime_error("not valid:\n" + all);
  return *loaded.scenario;
}

}  // namespace netrig::loadgen::testing
