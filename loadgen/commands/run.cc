#include "netrig/loadgen/commands/run.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "netrig/core/base/digest.h"
#include "netrig/loadgen/commands/scraping.h"
#include "netrig/loadgen/io/json_writer.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/report/report_text.h"
#include "netrig/loadgen/run/live_facts.h"
#include "netrig/loadgen/run/real_run.h"
#include "netrig/loadgen/run/summarise_run.h"
#include "netrig/loadgen/run/tokens.h"
#include "netrig/metrics/recorder/recorder.h"

namespace netrig::loadgen {
namespace {

using HostClock = std::chrono::steady_clock;

std::string quoted(const std::string& argument) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";
  if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) return argument;
  std::string text(1, '\'');
  for (const char letter : argument) {
    if (letter == '\'') text.append("'\\'");
    text.push_back(letter);
  }
  text.push_back('\'');
  return text;
}

void say_json(std::ostream& err, const Progress& progress) {
  JsonWriter json;
  json.begin_object(JsonWriter::Layout::one_line);
  json.member("event", "progress");
  json.member("simulated_seconds", seconds(progress.simulated));
  json.member("planned_seconds", seconds(progress.total));
  json.member("wall_seconds", seconds(progress.wall));
  json.member("clients", progress.clients);
  json.end_object();
  err << json.finish();
}

void say_json(std::ostream& err, const RunResult& result) {
  JsonWriter json;
  json.begin_object(JsonWriter::Layout::one_line);
  json.member("event", "finished");
  json.member("verdict", text(result.verdict()));
  json.member("exit_code", status(result.process_code()));
  if (result.digest) json.member("digest", digest_text(*result.digest));
  json.member("replay", result.replay);
  json.end_object();
  err << json.finish();
}

// Turns the run's progress into whatever the console shows.
class ProgressReporter {
 public:
  ProgressReporter(const RunOptions& options, Console& console, std::uint64_t clients)
      : format_(options.log),
        quiet_(options.quiet),
        err_(console.err),
        line_(console.err, mode(options, console), console.err_style),
        view_(console.err, console.err_style, console.terminal_size),
        live_(mode(options, console) == ProgressLine::Mode::terminal && console.terminal_size),
        clients_(clients) {}

  void operator()(const RunProgress& now) {
    const Progress progress{now.simulated, now.planned, HostClock::now() - began_, now.clients, clients_};
    if (live_) return view_.update(progress.wall, [&] { return live_facts(now, progress); });
    if (format_ == LogFormat::text) return line_.update(progress);
    if (quiet_ || progress.wall < next_json_) return;
    say_json(err_, progress);
    next_json_ = progress.wall + ProgressLine::kPlainInterval;
  }
  // Then the run is to be watched.
  bool is_live() const { return live_; }
  void clear() {
    line_.clear();
    view_.clear();
  }

 private:
  static ProgressLine::Mode mode(const RunOptions& options, const Console& console) {
    return options.quiet || options.log == LogFormat::json ? ProgressLine::Mode::quiet : console.progress;
  }

  LogFormat format_;
  bool quiet_;
  std::ostream& err_;
  ProgressLine line_;
  LiveView view_;  // instead of the line, on a terminal that can
  bool live_;
  std::uint64_t clients_;
  HostClock::time_point began_ = HostClock::now();
  Duration next_json_ = ProgressLine::kPlainInterval;
};

}  // namespace

std::string quoted_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(" ").append(quoted(word));
  return text;
}

std::string replay_command(const std::vector<std::string>& variables, const std::string& command,
                           const std::string& scenario, const std::vector<std::string>& arguments) {
  std::string text;
  for (const std::string& variable : variables) {
    const std::size_t equals = variable.find('=');
    text.append(variable, 0, equals + 1).append(quoted(variable.substr(equals + 1))).append(" ");
  }
  return text.append(command).append(quoted_words({scenario})).append(quoted_words(arguments));
}

std::string text(const SeedRange& seeds) {
  return std::to_string(seeds.first) + ".." + std::to_string(seeds.last);
}

Result<SeedRange, std::string> parse_seeds(std::string_view text) {
  const std::string quoted_text = '"' + printable(text) + '"';
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return quoted_text + " is not A..B, such as 1..8";
  const auto first = parse_integer(text.substr(0, dots));
  const auto last = parse_integer(text.substr(dots + 2));
  if (!first) return quoted_text + ": " + first.error();
  if (!last) return quoted_text + ": " + last.error();
  const SeedRange seeds{static_cast<std::uint64_t>(*first), static_cast<std::uint64_t>(*last)};
  if (seeds.last < seeds.first) return quoted_text + ": the smaller seed comes first";
  if (seeds.last - seeds.first >= kSeedsMax)
    return quoted_text + ": more than " + std::to_string(kSeedsMax) + " seeds";
  return seeds;
}

std::optional<RunnableScenario> load_or_explain(const std::string& path,
                                                const std::vector<Override>& overrides,
                                                const GameRegistry& games, const RunMode& mode,
                                                std::ostream& err, ExitCode& code) {
  std::map<std::string, std::string, std::less<>> found;
  const Environment process = process_environment();
  const auto remembering = [&](std::string_view name) {
    std::optional<std::string> value = process(name);
    if (value) found.emplace(name, *value);
    return value;
  };
  LoadedScenario loaded = load_scenario(path, overrides, remembering, games);
  for (const Diagnostic& diagnostic : loaded.diagnostics) print(diagnostic, err);
  if (!loaded.scenario) {
    code = ExitCode::invalid_scenario;
    return std::nullopt;
  }
  if (mode.dialect == Dialect::venture && sim::delivery(loaded.scenario->transport) == Delivery::datagram) {
    err << path << ": the venture dialect needs a byte stream, and the transport is "
        << name_of(loaded.scenario->transport, kTransportNames)
        << "; --transport tcp is what it was made for\n";
    code = ExitCode::usage;
    return std::nullopt;
  }
  if (mode.real_clock && loaded.scenario->pace != ServerPace{}) {
    err << path << ": warning: server.stalls and server.tick_cost make a server slow under the virtual clock "
        << "only; in real time it is as fast as it is\n";
    loaded.scenario->pace = {};
  }
  if (none_applies(loaded.scenario->thresholds, conditions_of(*loaded.scenario, mode))) {
    const std::string_view kind = !mode.target.empty() ? "a run against a server elsewhere"
                                  : mode.real_clock    ? "a run under the real clock"
                                                       : "a run under the virtual clock";
    const std::string_view dialect = mode.dialect == Dialect::venture ? " in the venture dialect" : "";
    err << path << ": none of the thresholds applies to " << kind << dialect << ", so it would always pass\n";
    code = ExitCode::invalid_scenario;
    return std::nullopt;
  }
  if (mode.real_clock) expect_punctuality(*loaded.scenario);
  RunnableScenario runnable{*std::move(loaded.scenario), loaded.file_digest, {}};
  for (const auto& [name, value] : found) runnable.variables.push_back(name + '=' + value);
  return runnable;
}

namespace {

RunMode mode_of(const RunOptions& options) {
  RunMode mode;
  mode.real_clock = options.real_clock;
  mode.dialect = options.dialect;
  if (options.target) mode.target = text(*options.target);
  return mode;
}

metrics::Shape shape_of(const Scenario& scenario) {
  std::vector<std::string> cohorts;
  for (const Cohort& cohort : scenario.cohorts) cohorts.push_back(cohort.name);
  return metrics::Recorder::shape_of(std::move(cohorts));
}

RunHistory history_of(const Scenario& scenario, const std::optional<FinishedRun>& finished) {
  RunHistory history{run_info(scenario, {}, scenario.seed), nullptr, std::nullopt};
  if (!finished) return history;
  const Shard& shard = finished->shard();
  history.measuring_since = shard.measuring_since();
  if (shard.recorder().history()) history.rows = &*shard.recorder().history();
  return history;
}

// What is wrong with a file.
std::optional<std::string> read_tokens(const RunOptions& options, RealSetting& into) {
  if (!options.token_key.empty()) {
    const auto key = read_token_key(options.token_key);
    if (!key) return key.error();
    into.token_key = *key;
  }
  for (const std::string& path : options.tokens) {
    const auto token = read_client_token(path);
    if (!token) return token.error();
    into.tokens.push_back(*token);
  }
  return std::nullopt;
}

// Nothing after the reason was printed.
std::optional<RunResult> run_in_mode(const RunOptions& options, const RunMode& mode, const Scenario& scenario,
                                     const RunControls& controls, std::optional<FinishedRun>& finished,
                                     std::ostream& err) {
  if (!mode.real_clock) {
    finished.emplace(run_virtual(scenario, scenario.seed, controls));
    return finished->result();
  }
  const auto sockets = options.target ? Result<Sockets, Failure>{Sockets{options.target, options.tls}}
                                      : loopback_sockets(scenario.transport);
  if (!sockets) {
    err << "loadgen: " << sockets.error().reason << '\n';
    return std::nullopt;
  }
  RealSetting setting{.mode = mode, .sockets = *sockets, .inputs = controls.inputs};
  if (const auto problem = read_tokens(options, setting)) {
    err << *problem << '\n';
    return std::nullopt;
  }
  auto result = run_real(scenario, scenario.seed, setting, controls);
  if (result) return *std::move(result);
  err << "loadgen: " << result.error().reason << '\n';
  return std::nullopt;
}

// The file of the inputs that were recorded, if they were.
std::string inputs_text(const std::optional<InputRecorder>& inputs, std::uint64_t file_digest) {
  if (!inputs) return {};
  Recording recording = inputs->recording();
  recording.file_digest = file_digest;
  return recording_text(recording);
}

void say_outcome(const RunOptions& options, const RunResult& result, const OutputNotes& notes,
                 Console& console) {
  const bool reports = !options.quiet && options.log == LogFormat::text;
  if (reports) write_report(console.out, result, notes, console.out_style);
  if (!reports) report_failures(notes, console.err);
  if (options.quiet && result.process_code() != ExitCode::pass) {
    write_verdict(console.err, result.exit_code, verdict_reason(result), console.err_style,
                  result.output_failed);
    console.err << result.replay << '\n';
  }
  if (options.log == LogFormat::json && !options.quiet) say_json(console.err, result);
}

}  // namespace

ExitCode run_command(const RunOptions& options, const GameRegistry& games, const RunControls& controls,
                     Console& console) {
  ExitCode code = ExitCode::pass;
  const RunMode mode = mode_of(options);
  const std::optional<RunnableScenario> loaded =
      load_or_explain(options.scenario, options.overrides, games, mode, console.err, code);
  if (!loaded) return code;
  const Scenario& scenario = loaded->scenario;
  const Voice voice{console.err, options.quiet, options.log};
  std::optional<LiveMetrics> live;
  if (!open_or_explain(options.scrapes, run_info(scenario, mode, scenario.seed), shape_of(scenario), voice,
                       live))
    return ExitCode::usage;
  const bool reports = !options.quiet && options.log == LogFormat::text;
  if (reports) {
    write_header(console.out, describe_run(scenario, mode, scenario.seed, loaded->file_digest),
                 console.out_style);
    console.out.flush();
  }

  ProgressReporter progress{options, console, client_count(scenario)};
  RunControls with_progress = controls;
  std::optional<InputRecorder> inputs;
  if (wants(options.outputs, OutputKind::inputs))
    inputs.emplace(scenario, make_plan(scenario, scenario.seed));
  with_progress.inputs = inputs ? &*inputs : nullptr;
  with_progress.dialect = options.dialect;
  with_progress.on_progress = [&](const RunProgress& now) { progress(now); };
  with_progress.keep_history = wants(options.outputs, OutputKind::openmetrics);
  with_progress.watched = progress.is_live();
  if (live) {
    with_progress.on_publish = [&](const RunProgress& now) {
      live->publish(*now.registry, published_facts(now));
    };
  }
  std::optional<FinishedRun> finished;  // under the virtual clock
  std::optional<RunResult> ran = run_in_mode(options, mode, scenario, with_progress, finished, console.err);
  progress.clear();
  if (!ran) return ExitCode::usage;

  RunResult& result = *ran;
  result.scenario.file_digest = digest_text(loaded->file_digest);
  result.replay =
      replay_command(loaded->variables, options.program + " run", options.scenario, options.replay_arguments);
  if (!options.baseline.empty()) {
    result.comparison = compare_with_file(options.baseline, {&result, 1});
    result.exit_code = worst(result.exit_code, exit_code_of(result.comparison->state));
  }
  if (live) live->judge(text(result.verdict()));
  const RunHistory history = history_of(scenario, finished);
  const OutputNotes notes = write_files(options.outputs, options.save_baseline, result,
                                        inputs_text(inputs, loaded->file_digest), history);
  say_outcome(options, result, notes, console);
  console.out.flush();
  hold(options.scrapes, live, voice, controls.interrupted);
  return result.process_code();
}

}  // namespace netrig::loadgen
