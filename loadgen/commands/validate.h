// `loadgen validate FILE...`: everything that is wrong with scenario files, at once.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "netrig/loadgen/exit_code.h"
#include "netrig/loadgen/game/game.h"
#include "netrig/loadgen/scenario/scenario_tree.h"

namespace netrig::loadgen {

struct ValidateOptions {
  std::vector<std::string> files;
  std::vector<Override> overrides;  // applied to every file
  Environment environment;
  bool json = false;  // diagnostics as one JSON array on `out`, nothing else
};

// Diagnostics go to `err`, one line for each good file to `out`. invalid_scenario when any file has an error.
ExitCode validate_command(const ValidateOptions& options, const GameRegistry& games, std::ostream& out,
                          std::ostream& err);

}  // namespace netrig::loadgen
