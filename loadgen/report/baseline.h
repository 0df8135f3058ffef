// The exact byte and message totals of a run, kept in a file, and what has changed since. Only integers that
// a virtual run repeats to the last digit: a gate on them needs no tolerance.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/report/run_result.h"
#include "netrig/metrics/catalog.h"

namespace netrig::loadgen {

struct Baseline {
  RunIdentity identity;
  std::vector<std::uint64_t> seeds;  // ascending; the totals are those of all of them together
  TrafficTotals downstream;
  TrafficTotals upstream;
  // Of results only: counters added up over the seeds, figures of histograms averaged.
  Named<MetricValue> metrics{};
};

// The error is a sentence: runs that were cut short, or runs of different scenarios, make no baseline.
Result<Baseline, std::string> make_baseline(std::span<const RunResult> runs);

// "netrig-baseline/1": stable, so that it reads well in a diff.
std::string baseline_json(const Baseline& baseline);

// Reads a baseline, a result ("netrig-result/1") or several results ("netrig-results/1"). Strict: every key
// that is needed is there once, with its type, and the totals add up. The error names the place in the file,
// and read_baseline's the file too.
Result<Baseline, std::string> parse_baseline(std::string_view json);
Result<Baseline, std::string> read_baseline(const std::string& path);

// Growth that passes: up to this share of the old value. Of message_bytes_total and wire_bytes_total, which
// are gated at 0 otherwise, for each message type and for each layer and direction; any other metric is gated
// by having a tolerance at all.
struct Tolerance {
  std::uint32_t parts_per_million = 0;
  std::string_view metric;    // of the catalogue
  std::string_view figure{};  // of a histogram: "p95"
};
Result<Tolerance, std::string> parse_tolerance(std::string_view text);  // "rtt_seconds.p95=0.5%"
// How a metric is named there: "joins_total=", "rtt_seconds.p95=".
std::string tolerance_name(const metrics::Metric& metric);

// `baseline` is a file's name. Whatever is wrong with it stands in the answer as `unusable`.
BaselineComparison compare(const std::string& baseline, const Baseline& before, const Baseline& now,
                           std::span<const Tolerance> tolerances);
BaselineComparison compare_files(const std::string& baseline, const std::string& result,
                                 std::span<const Tolerance> tolerances);
BaselineComparison compare_with_file(const std::string& baseline, std::span<const RunResult> runs,
                                     std::span<const Tolerance> tolerances = {});

ExitCode exit_code_of(ComparisonState state);
std::string_view text(ComparisonState state);  // as result files spell it: "grew"
std::string_view text(ByteChange::Kind kind);  // "message"

}  // namespace netrig::loadgen
