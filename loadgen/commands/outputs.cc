#include "netrig/loadgen/commands/outputs.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/io/output_file.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/report/report_csv.h"
#include "netrig/loadgen/report/report_json.h"
#include "netrig/loadgen/report/report_junit.h"
#include "netrig/loadgen/report/report_markdown.h"

namespace netrig::loadgen {
namespace {

std::string render(OutputKind kind, const RunResult& result, const RunHistory& history) {
  switch (kind) {
    case OutputKind::json:
      return result_json(result);
    case OutputKind::junit:
      return result_junit(result);
    case OutputKind::markdown:
      return result_markdown(result);
    case OutputKind::csv:
      return result_csv(result);
    case OutputKind::openmetrics:
      NETRIG_ASSERT(history.rows != nullptr);
      return run_openmetrics(history.info, *history.rows, history.measuring_since, text(result.verdict()));
    case OutputKind::inputs:
      break;
  }
  NETRIG_ASSERT(false);  // not an enumerator, or not of a result
}

std::string render(OutputKind kind, const SeedsResult& result) {
  switch (kind) {
    case OutputKind::json:
      return results_json(result);
    case OutputKind::junit:
      return result_junit(result);
    case OutputKind::markdown:
      return result_markdown(result);
    case OutputKind::csv:
    case OutputKind::inputs:
    case OutputKind::openmetrics:
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

// A gate that fails must not move its own baseline.
bool may_replace(OutputNotes& notes, const std::string& path,
                 const std::optional<BaselineComparison>& comparison) {
  if (!comparison || comparison->state != ComparisonState::grew) return true;
  std::error_code ignored;
  if (comparison->baseline != path && !std::filesystem::equivalent(comparison->baseline, path, ignored))
    return true;
  notes.kept.push_back(path + ", the baseline: this run sends more bytes than it says");
  return false;
}

std::string called(OutputKind kind) {
  std::string name{std::ranges::find(kOutputKinds, kind, &OutputKindInfo::kind)->called};
  if (kind == OutputKind::openmetrics)
    name.append(" (simulated time 0 is ").append(kOpenMetricsEpoch).append(")");
  return name;
}

// JSON last, because it holds the exit code.
template <typename Result, typename Contents>
void write_in_order(OutputNotes& notes, std::span<const OutputRequest> requests, Result& result,
                    Contents contents) {
  std::vector<OutputRequest> in_order{requests.begin(), requests.end()};
  std::stable_partition(in_order.begin(), in_order.end(),
                        [](const OutputRequest& each) { return each.kind != OutputKind::json; });
  for (const OutputRequest& request : in_order) {
    result.output_failed = !notes.failed.empty();
    write_file(notes, called(request.kind), request.path, contents(request.kind));
  }
  result.output_failed = !notes.failed.empty();
}

}  // namespace

bool wants(std::span<const OutputRequest> requests, OutputKind kind) {
  return std::ranges::find(requests, kind, &OutputRequest::kind) != requests.end();
}

OutputNotes write_files(std::span<const OutputRequest> requests, const std::string& baseline_path,
                        RunResult& result, std::string_view inputs, const RunHistory& history) {
  OutputNotes notes;
  if (!baseline_path.empty() && may_replace(notes, baseline_path, result.comparison))
    save_baseline(notes, baseline_path, {&result, 1});
  write_in_order(notes, requests, result, [&](OutputKind kind) {
    return kind == OutputKind::inputs ? std::string{inputs} : render(kind, result, history);
  });
  return notes;
}

OutputNotes write_files(std::span<const OutputRequest> requests, const std::string& baseline_path,
                        SeedsResult& result) {
  OutputNotes notes;
  if (!baseline_path.empty() && may_replace(notes, baseline_path, result.comparison)) {
    if (result.runs.size() < result.planned())
      notes.failed.push_back({baseline_path, "not every run finished, so there is no baseline of all"});
    else
      save_baseline(notes, baseline_path, result.runs);
  }
  write_in_order(notes, requests, result, [&](OutputKind kind) { return render(kind, result); });
  return notes;
}

void report_failures(const OutputNotes& notes, std::ostream& err) {
  for (const OutputError& error : notes.failed)
    err << "loadgen: cannot write " << error.path << ": " << error.reason << '\n';
}

}  // namespace netrig::loadgen
