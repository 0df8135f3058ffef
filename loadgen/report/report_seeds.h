// The report of several seeds for people: the verdict over all, the spread of every threshold and of the
// bytes, and each failing seed with the command that repeats it.
#pragma once

#include <ostream>

#include "netrig/loadgen/report/report_text.h"
#include "netrig/loadgen/report/seeds_result.h"

namespace netrig::loadgen {

void write_seeds_header(std::ostream& out, const SeedsResult& result, const Style& style);
void write_seeds_report(std::ostream& out, const SeedsResult& result, const OutputNotes& outputs,
                        const Style& style);

// One sentence: "7 of 8 runs pass; 1 of 3 thresholds does not hold".
std::string seeds_reason(const SeedsResult& result);

}  // namespace netrig::loadgen
