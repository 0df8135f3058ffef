// `loadgen run SCENARIO --seeds A..B`: one run for each seed, several at a time, and what they say together.
#pragma once

#include "netrig/loadgen/commands/run.h"

namespace netrig::loadgen {

// `options.seeds` is set. Exit codes: the worst of the runs', of the comparison's and of the files';
// worker_lost when a run ended without a result; interrupted, with the results of the runs that had finished.
ExitCode run_seeds_command(const RunOptions& options, const GameRegistry& games, const RunControls& controls,
                           Console& console);

}  // namespace netrig::loadgen
