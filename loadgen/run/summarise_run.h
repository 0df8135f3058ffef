// From what a shard recorded to the result that reports are written from.
#pragma once

#include <cstdint>

#include "netrig/loadgen/report/run_result.h"
#include "netrig/loadgen/run/shard.h"
#include "netrig/loadgen/scenario/scenario.h"

namespace netrig::loadgen {

// What is known before the run: identity, description and the cohorts' links. For the report's header.
RunResult describe_run(const Scenario& scenario, std::uint64_t seed, std::uint64_t file_digest);

// `shard` is done. `host`: what the caller measured of this machine; tick times are filled in here.
RunResult summarise_run(const Scenario& scenario, const Shard& shard, std::uint64_t seed, bool interrupted,
                        const HostResult& host);

}  // namespace netrig::loadgen
