// The result as "netrig-result/1": every key that scripts may depend on, in a stable order.
#pragma once

#include <span>
#include <string>

#include "netrig/loadgen/report/run_result.h"

namespace netrig::loadgen {

std::string result_json(const RunResult& result);

// "netrig-results/1": the runs of several seeds, in this order.
std::string results_json(std::span<const RunResult> runs);

}  // namespace netrig::loadgen
