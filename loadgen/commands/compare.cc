#include "netrig/loadgen/commands/compare.h"

#include "netrig/loadgen/report/report_text.h"

namespace netrig::loadgen {

ExitCode compare_command(const CompareOptions& options, std::ostream& out, const Style& style) {
  const BaselineComparison comparison = compare_files(options.baseline, options.result, options.tolerances);
  write_comparison(out, comparison, style);
  return exit_code_of(comparison.state);
}

}  // namespace netrig::loadgen
