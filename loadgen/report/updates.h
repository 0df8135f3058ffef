// What clients of the venture dialect saw of their server, and what that means in plain words.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "netrig/loadgen/io/text_table.h"
#include "netrig/loadgen/report/run_result.h"

namespace netrig::loadgen {

// Sentences, those of each cohort in turn; what nothing can be said about comes last.
std::vector<std::string> diagnose(const UpdatesResult& updates);

// The part of the report; nothing in the netrig dialect.
void write_updates(std::ostream& out, const RunResult& result, const Style& style);

}  // namespace netrig::loadgen
