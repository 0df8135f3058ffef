// `loadgen verify SCENARIO`: is a run repeated to the bit? Runs it twice, compares, and names the first event
// in which the two differ.
#pragma once

#include <string>
#include <vector>

#include "netrig/loadgen/commands/run.h"
#include "netrig/loadgen/exit_code.h"

namespace netrig::loadgen {

struct VerifyOptions {
  std::string program = "loadgen";
  std::string scenario;
  Dialect dialect = Dialect::netrig;
  std::vector<Override> overrides;
  std::vector<std::string> replay_arguments;
  bool quiet = false;
};

// Exit codes: pass; nondeterministic; interrupted; invalid_scenario. Thresholds play no part.
ExitCode verify_command(const VerifyOptions& options, const GameRegistry& games, const RunControls& controls,
                        Console& console);

}  // namespace netrig::loadgen
