// The files that a run was asked for: `--out KIND=FILE` and `--save-baseline FILE`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "netrig/loadgen/report/report_openmetrics.h"
#include "netrig/loadgen/report/report_text.h"
#include "netrig/loadgen/report/run_result.h"
#include "netrig/loadgen/report/seeds_result.h"

namespace netrig::loadgen {

enum class OutputKind : std::uint8_t { json, junit, markdown, csv, openmetrics, inputs };

struct OutputKindInfo {
  OutputKind kind;
  std::string_view name;    // as on the command line
  std::string_view called;  // "wrote JSON to FILE"
  bool of_one_run = false;  // several seeds have no such file
};
constexpr std::array<OutputKindInfo, 6> kOutputKinds{
    {{OutputKind::json, "json", "JSON"},
     {OutputKind::junit, "junit", "JUnit XML"},
     {OutputKind::markdown, "markdown", "Markdown"},
     {OutputKind::csv, "csv", "CSV", true},
     {OutputKind::openmetrics, "openmetrics", "OpenMetrics", true},
     {OutputKind::inputs, "inputs", "inputs", true}}};

struct OutputRequest {
  OutputKind kind = OutputKind::json;
  std::string path;
};
bool wants(std::span<const OutputRequest> requests, OutputKind kind);

// What OpenMetrics is written from.
struct RunHistory {
  metrics::RunInfo info{};
  const metrics::History* rows = nullptr;  // not null when that was asked for
  std::optional<Instant> measuring_since{};
};

// Writes all that can be written; what could not stands in the notes, and `result` is told of it. JSON comes
// last, because it holds the exit code. `inputs`: the
// recording as a file, when one is asked for.
OutputNotes write_files(std::span<const OutputRequest> requests, const std::string& save_baseline,
                        RunResult& result, std::string_view inputs = {}, const RunHistory& history = {});
// No kind that is of one run: the command line refuses it.
OutputNotes write_files(std::span<const OutputRequest> requests, const std::string& save_baseline,
                        SeedsResult& result);

// For a run without a report.
void report_failures(const OutputNotes& notes, std::ostream& err);

}  // namespace netrig::loadgen
