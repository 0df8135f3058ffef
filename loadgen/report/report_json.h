// The result as "netrig-result/1": every key that scripts may depend on, in a stable order.
#pragma once

#include <string>

#include "netrig/loadgen/report/run_result.h"
#include "netrig/loadgen/report/seeds_result.h"

namespace netrig::loadgen {

std::string result_json(const RunResult& result);

// "netrig-results/1": the runs of several seeds, each as result_json wrote it, in this order.
std::string results_json(const SeedsResult& result);

}  // namespace netrig::loadgen
