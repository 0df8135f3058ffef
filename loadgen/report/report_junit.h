// Results as JUnit XML, as CI systems read it: one test case for each threshold and each gate.
#pragma once

#include <string>

#include "netrig/loadgen/report/run_result.h"
#include "netrig/loadgen/report/seeds_result.h"

namespace netrig::loadgen {

// One test suite: that the run came to its end, every threshold, the baseline. A threshold that does not hold
// or had no data is a failure, one that does not apply is skipped; what kept the run from its end is an
// error.
std::string result_junit(const RunResult& result);

// One test suite for each seed, and one for what concerns all of them: lost runs and the baseline.
std::string result_junit(const SeedsResult& result);

}  // namespace netrig::loadgen
