// A run's time series as a table: `--out csv=FILE`.
#pragma once

#include <string>

#include "netrig/loadgen/report/run_result.h"

namespace netrig::loadgen {

// RFC 4180 but for its line ends, which are \n. One row a step: when it began, in simulated seconds; of how
// many seconds it is; and of each column the mean, under its name, the least and the greatest. Empty where
// there was no sample. Columns of this machine's times come last, and begin with `host.`; all others are the
// same for the same seed. Only the heading without series.
std::string result_csv(const RunResult& result);

}  // namespace netrig::loadgen
