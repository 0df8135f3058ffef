#include "netrig/loadgen/commands/run_seeds.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "netrig/core/base/digest.h"
#include "netrig/loadgen/commands/outputs.h"
#include "netrig/loadgen/io/json_writer.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/report/report_json.h"
#include "netrig/loadgen/report/report_seeds.h"
#include "netrig/loadgen/report/result_parse.h"
#include "netrig/loadgen/run/summarise_run.h"
#include "netrig/loadgen/run/workers.h"

namespace netrig::loadgen {
namespace {

using HostClock = std::chrono::steady_clock;

// The options as given but for the seeds, which one run has one of.
std::string replay_of(const RunOptions& options, const RunnableScenario& loaded, std::uint64_t seed) {
  std::vector<std::string> arguments = options.replay_arguments;
  arguments.insert(arguments.end(), {"--seed", std::to_string(seed)});
  return replay_command(loaded.variables, options.program + " run", options.scenario, arguments);
}

std::string replay_of(const RunOptions& options, const RunnableScenario& loaded) {
  std::vector<std::string> arguments = options.replay_arguments;
  arguments.insert(arguments.end(), {"--seeds", text(*options.seeds)});
  return replay_command(loaded.variables, options.program + " run", options.scenario, arguments);
}

// In a worker: one run, as its result file.
std::string run_one(const RunOptions& options, const RunnableScenario& loaded, std::uint64_t seed,
                    const RunControls& controls, const ReportShare& report) {
  RunControls here = controls;
  here.dialect = options.dialect;
  here.on_progress = [&](const RunProgress& now) {
    if (now.planned > Duration::zero()) report(seconds(now.simulated) / seconds(now.planned));
  };
  FinishedRun run = run_virtual(loaded.scenario, seed, here);
  run.result().scenario.file_digest = digest_text(loaded.file_digest);
  run.result().replay = replay_of(options, loaded, seed);
  run.result().series.reset();  // as much as all the rest, for each of up to kSeedsMax runs
  return result_json(run.result());
}

void say_json(std::ostream& err, const WorkersProgress& now, Duration wall) {
  JsonWriter json;
  json.begin_object(JsonWriter::Layout::one_line);
  json.member("event", "progress");
  json.member("runs_finished", std::uint64_t{now.finished});
  json.member("runs_planned", std::uint64_t{now.total});
  json.member("share", now.share);
  json.member("wall_seconds", seconds(wall));
  json.end_object();
  err << json.finish();
}

void say_json(std::ostream& err, const SeedsResult& result) {
  JsonWriter json;
  json.begin_object(JsonWriter::Layout::one_line);
  json.member("event", "finished");
  json.member("verdict", text(result.verdict()));
  json.member("exit_code", status(result.process_code()));
  json.member("runs_planned", result.planned());
  json.member("runs_finished", std::uint64_t{result.runs.size()});
  json.key("failing_seeds");
  json.begin_array();
  for (const LostRun& lost : result.lost) json.value(lost.seed);
  for (const RunResult& run : result.runs)
    if (run.exit_code != ExitCode::pass) json.value(run.seed);
  json.end_array();
  json.member("replay", result.replay);
  json.end_object();
  err << json.finish();
}

// The line of progress, or the JSON object that stands for it.
class SeedsProgress {
 public:
  SeedsProgress(const RunOptions& options, Console& console)
      : log_(options.log),
        quiet_(options.quiet),
        err_(console.err),
        line_(console.err, quiet_ || log_ == LogFormat::json ? ProgressLine::Mode::quiet : console.progress,
              console.err_style) {}

  void operator()(const WorkersProgress& now) {
    const Duration wall = this->wall();
    if (log_ == LogFormat::text)
      return line_.update(
          {.wall = wall, .runs = now.finished, .runs_planned = now.total, .share = now.share});
    if (quiet_ || wall < next_json_) return;
    say_json(err_, now, wall);
    next_json_ = wall + ProgressLine::kPlainInterval;
  }
  void clear() { line_.clear(); }
  Duration wall() const { return HostClock::now() - began_; }

 private:
  LogFormat log_;
  bool quiet_;
  std::ostream& err_;
  ProgressLine line_;
  HostClock::time_point began_ = HostClock::now();
  Duration next_json_ = ProgressLine::kPlainInterval;
};

void take(SeedsResult& result, const WorkerOutcome& outcome, std::uint64_t seed, std::string replay) {
  if (outcome.state == WorkerOutcome::State::not_run) return;
  if (outcome.state == WorkerOutcome::State::lost)
    return result.lost.push_back({seed, outcome.text, std::move(replay)});
  std::string problem;
  std::optional<RunResult> run = parse_result(outcome.text, problem);
  if (!run) return result.lost.push_back({seed, "its result is broken: " + problem, std::move(replay)});
  if (run->exit_code == ExitCode::interrupted)
    return;  // by the signal that this process got too: part of a run
  result.runs.push_back(*std::move(run));
  result.documents.push_back(outcome.text);
}

}  // namespace

ExitCode run_seeds_command(const RunOptions& options, const GameRegistry& games, const RunControls& controls,
                           Console& console) {
  ExitCode code = ExitCode::pass;
  const std::optional<RunnableScenario> loaded = load_or_explain(
      options.scenario, options.overrides, games, {.dialect = options.dialect}, console.err, code);
  if (!loaded) return code;
  const SeedRange seeds = *options.seeds;

  SeedsResult result;
  result.described =
      describe_run(loaded->scenario, {.dialect = options.dialect}, seeds.first, loaded->file_digest);
  result.first_seed = seeds.first;
  result.last_seed = seeds.last;
  result.jobs = std::min<std::uint64_t>(options.jobs, seeds.count());
  result.replay = replay_of(options, *loaded);
  const bool reports = !options.quiet && options.log == LogFormat::text;
  if (reports) write_seeds_header(console.out, result, console.out_style);
  console.out.flush();  // nothing may stand in a buffer that a worker inherits
  console.err.flush();

  SeedsProgress progress{options, console};
  const std::vector<WorkerOutcome> outcomes = run_in_workers(
      seeds.count(), result.jobs,
      [&](std::size_t index, const ReportShare& report) {
        return run_one(options, *loaded, seeds.first + index, controls, report);
      },
      [&](const WorkersProgress& now) { progress(now); }, controls.interrupted);
  progress.clear();
  result.wall_seconds = seconds(progress.wall());

  for (std::size_t i = 0; i < outcomes.size(); ++i)
    take(result, outcomes[i], seeds.first + i, replay_of(options, *loaded, seeds.first + i));
  const bool was_interrupted = controls.interrupted != nullptr && *controls.interrupted != 0;
  result.exit_code = exit_code_of(result, was_interrupted);
  if (!options.baseline.empty() && !result.runs.empty()) {
    result.comparison = compare_with_file(options.baseline, result.runs);
    result.exit_code = worst(result.exit_code, exit_code_of(result.comparison->state));
  }
  const OutputNotes notes = write_files(options.outputs, options.save_baseline, result);
  if (reports) write_seeds_report(console.out, result, notes, console.out_style);
  if (!reports) report_failures(notes, console.err);
  if (options.quiet && result.process_code() != ExitCode::pass) {
    write_verdict(console.err, result.exit_code, seeds_reason(result), console.err_style,
                  result.output_failed);
    console.err << result.replay << '\n';
  }
  if (options.log == LogFormat::json && !options.quiet) say_json(console.err, result);
  return result.process_code();
}

}  // namespace netrig::loadgen
