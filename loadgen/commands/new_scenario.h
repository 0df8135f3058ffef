// `loadgen new FILE`: a scenario to begin with, commented and valid.
#pragma once

#include <array>
#include <ostream>
#include <string>
#include <string_view>

#include "netrig/loadgen/exit_code.h"
#include "netrig/loadgen/game/game.h"

namespace netrig::loadgen {

struct ScenarioTemplate {
  std::string_view name;
  std::string_view meaning;
};
constexpr std::array<ScenarioTemplate, 3> kScenarioTemplates{{
    {"starter", "two cohorts, every section, explained"},
    {"minimal", "the fewest keys that make a scenario"},
    {"lag", "32 players on lines of 200 ms to 5 s"},
}};

struct NewOptions {
  std::string program = "loadgen";
  std::string file;
  std::string from = "starter";  // of kScenarioTemplates
};

// Writes the file and says what to do next. A file that exists is left alone: output_unwritable, as for one
// that cannot be written.
ExitCode new_command(const NewOptions& options, const GameRegistry& games, std::ostream& out,
                     std::ostream& err);

// For the first game of the registry, under this name.
std::string scenario_text(std::string_view from, const std::string& name, const GameRegistry& games);

}  // namespace netrig::loadgen
