// The report for people. Read from either end it starts with the verdict: the first line after the header,
// and again just before the last line, which is the command that repeats the run.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/loadgen/io/output_file.h"
#include "netrig/loadgen/io/text_table.h"
#include "netrig/loadgen/report/run_result.h"

namespace netrig::loadgen {

// What became of the files, which the result itself cannot know.
struct OutputNotes {
  std::vector<std::string> written;  // "JSON to r.json"
  std::vector<std::string> kept{};   // files that were left as they are, on purpose, with the reason
  std::vector<OutputError> failed;
};

// What is going to run; needs version, scenario, seed, description and cohorts only. No line is wider than
// the style's width, but for a path, a URL or a command, which stay whole to be copied.
void write_header(std::ostream& out, const RunResult& result, const Style& style);
// With something else in place of the seed.
void write_header(std::ostream& out, const RunResult& result, std::string_view seed, const Style& style);

// Everything after the run.
void write_report(std::ostream& out, const RunResult& result, const OutputNotes& outputs, const Style& style);

// What the verdict comes from, in a sentence: "9 of 9 thresholds hold; no byte more than the baseline".
std::string verdict_reason(const RunResult& result);
// The line that says it: "✓ PASSED  9 of 9 thresholds hold".
// `output_failed`: the process ends with 92, unless with worse; the verdict stands.
void write_verdict(std::ostream& out, ExitCode code, std::string_view reason, const Style& style,
                   bool output_failed = false);
void write_outputs(std::ostream& out, const OutputNotes& outputs, const Style& style);

// What `compare` prints: the verdict, the totals that differ, the verdict's reason.
void write_comparison(std::ostream& out, const BaselineComparison& comparison, const Style& style);

}  // namespace netrig::loadgen
