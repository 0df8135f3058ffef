#include "netrig/loadgen/commands/proxy.h"

#include <algorithm>
#include <map>
#include <utility>

#include "netrig/core/base/digest.h"
#include "netrig/loadgen/commands/inspect.h"
#include "netrig/loadgen/commands/scraping.h"
#include "netrig/loadgen/io/json_writer.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/report_proxy.h"
#include "netrig/loadgen/report/report_text.h"
#include "netrig/loadgen/run/proxy_run.h"
#include "netrig/transport/asio/factory.h"

namespace netrig::loadgen {
namespace {

constexpr Duration kLook = 50ms;  // between two looks at the signals and at the counters
constexpr std::sig_atomic_t kSignalsThatEnd = 1;
constexpr Duration kSameProblem = 1s;      // is not told again for so long
constexpr std::size_t kProblemsMax = 100;  // different ones that are remembered

// Everything that is said while it runs, on stderr: lines for people, or JSON.
class ProxyLog {
 public:
  ProxyLog(const ProxyCommand& command, Console& console)
      : json_(command.log == LogFormat::json),
        quiet_(command.quiet),
        err_(console.err),
        line_(console.err, quiet_ || json_ ? ProgressLine::Mode::quiet : console.progress,
              console.err_style) {}

  void progress(const ProxyFacts& facts) {
    line_.update(facts);
    if (!json_ || quiet_ || facts.running < next_json_) return;
    next_json_ = facts.running + ProgressLine::kPlainInterval;
    event("progress", [&](JsonWriter& json) {
      json.member("seconds", seconds(facts.running));
      json.member("clients", facts.clients);
      json.member("clients_came", facts.clients_came);
      json.member("up_bytes", facts.up_bytes);
      json.member("down_bytes", facts.down_bytes);
      json.member("dropped", facts.dropped);
      json.member("late_seconds_p99", facts.late_seconds_p99);
    });
  }

  // At most once a second each.
  void problem(std::string_view what, Duration now) {
    if (quiet_) return;
    if (told_.size() >= kProblemsMax) told_.clear();
    const auto [known, is_new] = told_.try_emplace(std::string{what}, now);
    if (!is_new && now - known->second < kSameProblem) return;
    known->second = now;
    say("problem", "problem", what);
  }

  // One sentence; in JSON, a member `name` of an event.
  void say(std::string_view kind, std::string_view name, std::string_view what) {
    line_.clear();
    if (json_) return event(kind, [&](JsonWriter& json) { json.member(name, what); });
    err_ << "loadgen: " << printable(what) << '\n' << std::flush;
  }

  // What is wrong with a link; `kept`: and the one before goes on.
  void refuse_link(const std::vector<Diagnostic>& diagnostics, bool kept) {
    line_.clear();
    if (!json_)
      for (const Diagnostic& diagnostic : diagnostics) print(diagnostic, err_);
    else
      for (const Diagnostic& diagnostic : diagnostics) say("link_refused", "error", text(diagnostic));
    if (kept && !json_) err_ << "loadgen: the link stays as it was\n" << std::flush;
  }

  template <class Fill>
  void event(std::string_view kind, Fill fill) {
    JsonWriter json;
    json.begin_object(JsonWriter::Layout::one_line);
    json.member("event", kind);
    fill(json);
    json.end_object();
    err_ << json.finish() << std::flush;
  }
  void clear() { line_.clear(); }
  bool tells() const { return !quiet_; }
  bool is_json() const { return json_; }

 private:
  const bool json_;
  const bool quiet_;
  std::ostream& err_;
  ProxyLine line_;
  Duration next_json_ = ProgressLine::kPlainInterval;
  std::map<std::string, Duration, std::less<>> told_;
};

ProxySetting setting_of(const ProxyCommand& command) {
  return {.listen = command.listen,
          .to = command.to,
          .congestion = command.congestion,
          .seed = command.seed,
          .limits = command.limits};
}

void say_beginning(const ProxyCommand& command, const transport::EndpointUrl& listening,
                   const CohortLink& link, std::ostream& out) {
  out << "listening on " << text(listening) << '\n';
  if (!command.quiet)
    out << "  passes on to " << text(command.to) << " over " << printable(brief(link)) << ", seed "
        << command.seed << "; SIGHUP reads the link again\n";
  out.flush();
}

// Reads the link again while everything goes on.
class Reloading {
 public:
  Reloading(const ProxyCommand& command, ProxyRun& run, CohortLink link, ProxyLog& log)
      : command_(command), run_(run), link_(std::move(link)), log_(log) {}

  void reload() {
    LoadedLink loaded = load_link(command_.link, process_environment());
    if (!loaded.link) {
      ++refused_;
      return log_.refuse_link(loaded.diagnostics, true);
    }
    ++changes_;
    link_ = *std::move(loaded.link);
    run_.change_link(link_);
    if (log_.tells()) log_.say("link_changed", "link", "the link is now: " + describe(link_));
  }
  const CohortLink& link() const { return link_; }
  void fill_in(ProxyResult& result) const {
    result.link_changes = changes_;
    result.link_changes_refused = refused_;
  }

 private:
  const ProxyCommand& command_;
  ProxyRun& run_;
  CohortLink link_;
  ProxyLog& log_;
  std::uint64_t changes_ = 0;
  std::uint64_t refused_ = 0;
};

void publish(const ProxyRun& run, metrics::RunState state, std::optional<LiveMetrics>& live) {
  if (live) live->publish(run.recorder().registry(), {.state = state, .simulated = run.running()});
}

void run_until_over(const ProxyCommand& command, const ProxySignals& signals, ProxyRun& run,
                    Reloading& reloading, ProxyLog& log, std::optional<LiveMetrics>& live) {
  Duration next_publish{};
  while (signals.interrupted == nullptr || *signals.interrupted == 0) {
    Duration time = kLook;
    if (command.duration) time = std::min(time, *command.duration - run.running());
    if (time <= Duration::zero()) return;
    run.run_for(time);
    if (run.running() >= next_publish) {
      publish(run, metrics::RunState::measuring, live);
      next_publish = run.running() + LiveMetrics::kInterval;
    }
    if (signals.reload != nullptr && *signals.reload != 0) {
      *signals.reload = 0;
      reloading.reload();
    }
    if (log.tells()) log.progress(run.facts());
  }
}

ExitCode tell_result(const ProxyCommand& command, RunResult& result, ProxyLog& log, Console& console) {
  const OutputNotes notes = write_files(command.outputs, {}, result);
  const bool reports = !command.quiet && !log.is_json();
  if (reports) write_report(console.out, result, notes, console.out_style);
  if (!reports) report_failures(notes, console.err);
  if (command.quiet && result.process_code() != ExitCode::pass)
    write_verdict(console.err, result.exit_code, verdict_reason(result), console.err_style,
                  result.output_failed);
  if (log.is_json() && !command.quiet)
    log.event("finished", [&](JsonWriter& json) {
      json.member("verdict", text(result.verdict()));
      json.member("exit_code", status(result.process_code()));
      json.member("replay", result.replay);
    });
  return result.process_code();
}

}  // namespace

ExitCode proxy_command(const ProxyCommand& command, const ProxySignals& signals, Console& console) {
  ProxyLog log{command, console};
  LoadedLink loaded = load_link(command.link, process_environment());
  if (!loaded.link) {
    log.refuse_link(loaded.diagnostics, false);
    return ExitCode::invalid_scenario;
  }
  ProxySetting setting = setting_of(command);
  if (const std::string problem = transport::why_unresolvable(setting.to.address); !problem.empty()) {
    log.say("failed", "problem", "--to " + text(setting.to) + ": " + problem);
    return ExitCode::target_unreachable;
  }
  const std::size_t possible = ProxyRun::clients_possible(setting);
  if (possible < setting.limits.clients_max && log.tells())
    log.say("fewer_clients", "problem",
            "this process may not open as many files: at most " + std::to_string(possible) + " clients");
  setting.limits.clients_max = possible;

  const HostUse before = host_use();
  ProxyRun* running = nullptr;
  ProxyRun run{setting, *loaded.link, [&](std::string_view what) { log.problem(what, running->running()); }};
  running = &run;
  const auto listening = run.listen();
  if (!listening) {
    log.say("failed", "problem", listening.error());
    return ExitCode::usage;
  }
  std::optional<LiveMetrics> live;
  const Voice voice{console.err, command.quiet, command.log};
  if (!open_or_explain(command.scrapes, run.info(), run.recorder().registry().shape(), voice, live))
    return ExitCode::usage;
  if (log.is_json() && log.tells()) log.say("listening", "url", text(*listening));
  if (!log.is_json()) say_beginning(command, *listening, *loaded.link, console.out);

  Reloading reloading{command, run, *loaded.link, log};
  run_until_over(command, signals, run, reloading, log, live);
  run.end_counting();
  RunResult result = run.result(reloading.link(), host_since(before));
  run.stop();
  publish(run, metrics::RunState::finished, live);
  if (live) live->judge(text(result.verdict()));
  log.clear();
  if (loaded.file_digest != 0) result.scenario.file_digest = digest_text(loaded.file_digest);
  result.proxy->listening = text(*listening);
  reloading.fill_in(*result.proxy);
  result.replay = command.program + " proxy" + quoted_words(command.replay_arguments);
  const ExitCode code = tell_result(command, result, log, console);
  console.out.flush();
  const bool by_signal = signals.interrupted != nullptr && *signals.interrupted != 0;
  hold(command.scrapes, live, voice, signals.interrupted, by_signal ? kSignalsThatEnd : 0);
  return code;
}

}  // namespace netrig::loadgen
