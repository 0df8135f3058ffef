// `loadgen compare BASELINE RESULT`: has a later run sent more bytes?
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "netrig/loadgen/exit_code.h"
#include "netrig/loadgen/io/text_table.h"
#include "netrig/loadgen/report/baseline.h"

namespace netrig::loadgen {

struct CompareOptions {
  std::string baseline;  // files: each a baseline, a result or several results
  std::string result;
  std::vector<Tolerance> tolerances;
};

// Prints what differs. Exit codes: pass, baseline_unusable (either file is bad, or the two are not
// comparable), regression.
ExitCode compare_command(const CompareOptions& options, std::ostream& out, const Style& style);

}  // namespace netrig::loadgen
