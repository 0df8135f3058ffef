// The parts of the report for people, one function for each. A part without anything to say prints nothing;
// the others print an empty line, a title and their lines.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "netrig/loadgen/io/text_table.h"
#include "netrig/loadgen/report/run_result.h"

namespace netrig::loadgen {

void write_title(std::ostream& out, std::string_view title, std::string_view remark, const Style& style);

void write_thresholds(std::ostream& out, const RunResult& result, const Style& style);
void write_baseline(std::ostream& out, const BaselineComparison& comparison, const Style& style);
void write_proxy(std::ostream& out, const RunResult& result, const Style& style);
void write_bandwidth(std::ostream& out, const RunResult& result, const Style& style);
void write_latency(std::ostream& out, const RunResult& result, const Style& style);
void write_ticks(std::ostream& out, const RunResult& result, const Style& style);
void write_network(std::ostream& out, const RunResult& result, const Style& style);
void write_streams(std::ostream& out, const RunResult& result, const Style& style);
void write_errors(std::ostream& out, const RunResult& result, const Style& style);
void write_app_messages(std::ostream& out, const RunResult& result, const Style& style);
void write_cohorts(std::ostream& out, const RunResult& result, const Style& style);
void write_sessions(std::ostream& out, const RunResult& result, const Style& style);
void write_generator(std::ostream& out, const RunResult& result, const Style& style);

// One clause about what the comparison found: "no byte more than the baseline".
std::string comparison_clause(const BaselineComparison& comparison);

// The heaviest first; equal ones by name.
std::vector<std::pair<std::string, MessageTotals>> by_weight(const TrafficTotals& totals);

// "ok" and "FAIL" with a check mark or a cross where the terminal has them.
Cell passed_cell(const Style& style);
Cell failed_cell(std::string_view word, const Style& style);
Cell threshold_cell(ThresholdState state, const Style& style);

}  // namespace netrig::loadgen
