#include "netrig/loadgen/commands/outputs.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/io/output_file.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/report/report_csv.h"
#include "netrig/loadgen/report/report_json.h"
#include "netrig/loadgen/report/report_junit.h"
#include "netrig/loadgen/report/report_markdown.h"

namespace netrig::loadgen {
namespace {

std::string render(OutputKind kind, const RunResult& result) {
  switch (kind) {
    case OutputKind::json:
      return result_json(result);
    case OutputKind::junit:
      return result_junit(result);
    case OutputKind::markdown:
      return result_markdown(result);
    case OutputKind::csv:
      return result_csv(result);
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

std::string render(OutputKind kind, const SeedsResult& result) {
  switch (kind) {
    case OutputKind::json:
      return results_json(result.exit_code, result.documents, result.comparison);
    case OutputKind::junit:
      return result_junit(result);
    case OutputKind::markdown:
      return result_markdown(result);
    case OutputKind::csv:
      break;
  }
  NETRIG_ASSERT(false);  // not an enumerator, or of one run
}

void write_file(OutputNotes& notes, std::string_view what, const std::string& path,
                std::string_view contents) {
  if (std::optional<OutputError> error = write_output(path, contents)) {
    notes.failed.push_back(*std::move(error));
  } else {
    notes.written.push_back(std::string{what} + " to " + path);
  }
}

void save_baseline(OutputNotes& notes, const std::string& path, std::span<const RunResult> runs) {
  if (runs.empty()) return notes.failed.push_back({path, "no run finished"});
  const auto baseline = make_baseline(runs);
  if (!baseline) {
    notes.failed.push_back({path, baseline.error()});
  } else {
    write_file(notes, "baseline", path, baseline_json(*baseline));
  }
}

template <class Result>
void write_all(OutputNotes& notes, std::span<const OutputRequest> requests, const Result& result) {
  for (const OutputRequest& request : requests) {
    const auto info = std::ranges::find(kOutputKinds, request.kind, &OutputKindInfo::kind);
    write_file(notes, info->called, request.path, render(request.kind, result));
  }
}

}  // namespace

OutputNotes write_files(std::span<const OutputRequest> requests, const std::string& baseline_path,
                        const RunResult& result) {
  OutputNotes notes;
  write_all(notes, requests, result);
  if (!baseline_path.empty()) save_baseline(notes, baseline_path, {&result, 1});
  return notes;
}

OutputNotes write_files(std::span<const OutputRequest> requests, const std::string& baseline_path,
                        const SeedsResult& result) {
  OutputNotes notes;
  write_all(notes, requests, result);
  if (baseline_path.empty()) return notes;
  if (result.runs.size() < result.planned())
    notes.failed.push_back({baseline_path, "not every run finished, so there is no baseline of all"});
  else
    save_baseline(notes, baseline_path, result.runs);
  return notes;
}

void report_failures(const OutputNotes& notes, std::ostream& err) {
  for (const OutputError& error : notes.failed)
    err << "loadgen: cannot write " << error.path << ": " << error.reason << '\n';
}

}  // namespace netrig::loadgen
