// `loadgen inspect SCENARIO`: what a run would do, before it does it.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "netrig/loadgen/exit_code.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/loadgen/scenario/scenario_tree.h"

namespace netrig::loadgen {

struct InspectOptions {
  std::string file;
  std::vector<Override> overrides;
  Environment environment;
};

ExitCode inspect_command(const InspectOptions& options, const GameRegistry& games, std::ostream& out,
                         std::ostream& err);

// The resolved plan: header, cohorts with their links in words, clients over time, bandwidth forecast,
// thresholds. Plain text, at most 100 columns where names allow.
void print_plan(const Scenario& scenario, std::uint64_t seed, std::ostream& out);

// A link in words, both directions at once where they are equal: "RTT 200 ms to 5 s, jitter 10 ms, loss 1 %".
std::string describe(const CohortLink& link);
// The same in a few words: a profile is named.
std::string brief(const CohortLink& link);

}  // namespace netrig::loadgen
