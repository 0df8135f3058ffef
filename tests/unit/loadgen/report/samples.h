// Results made up for tests of reports and baselines. Every number is chosen; none was measured.
#pragma once

#include "netrig/loadgen/report/run_result.h"

namespace netrig::loadgen::testing {

// 32 clients at 20 Hz for 60 s, everything in place, passed.
RunResult sample_result();

// The same with a failed threshold, one without data, one that does not apply, errors, losses of every kind
// and a baseline that was exceeded.
RunResult troubled_result();

}  // namespace netrig::loadgen::testing
