// What the modelled streams of each cohort did, from the facts of each stream.
#pragma once

#include <optional>

#include "netrig/loadgen/report/run_result.h"
#include "netrig/loadgen/run/summarise_run.h"

namespace netrig::loadgen {

// Nothing when the scenario's streams have no windows.
std::optional<StreamsResult> summarise_streams(const Scenario& scenario, const RunFacts& run);

}  // namespace netrig::loadgen
