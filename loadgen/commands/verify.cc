#include "netrig/loadgen/commands/verify.h"

#include <algorithm>

#include "netrig/core/base/digest.h"
#include "netrig/sim/time/trace.h"

namespace netrig::loadgen {
namespace {

std::string event_text(std::span<const sim::TraceEvent> events, std::size_t index) {
  return index < events.size() ? sim::describe(events[index]) : "nothing: the run was over";
}

// Runs the diverging window twice more, keeping its events. The runs are not repeatable, so the parting may
// have moved: then only the window can be named.
void name_divergence(const Scenario& scenario, const sim::Divergence& divergence, const RunControls& controls,
                     std::ostream& out) {
  out << "  the runs part after event " << divergence.window.first << ", at "
      << seconds(divergence.after.time_since_epoch()) << " s of simulated time\n";
  const FinishedRun a = run_virtual(scenario, scenario.seed, controls, divergence.window);
  const FinishedRun b = run_virtual(scenario, scenario.seed, controls, divergence.window);
  const auto index = sim::first_difference(a.trace().captured(), b.trace().captured());
  if (!index) {
    out << "  two more runs agreed there: what differs does not differ every time\n";
    return;
  }
  out << "  first diverging event: number " << divergence.window.first + *index << '\n'
      << "    one run:   " << event_text(a.trace().captured(), *index) << '\n'
      << "    the other: " << event_text(b.trace().captured(), *index) << '\n';
}

}  // namespace

ExitCode verify_command(const VerifyOptions& options, const GameRegistry& games, const RunControls& controls,
                        Console& console) {
  RunControls spoken = controls;
  spoken.dialect = options.dialect;
  ExitCode code = ExitCode::pass;
  const std::optional<RunnableScenario> loaded = load_or_explain(
      options.scenario, options.overrides, games, {.dialect = options.dialect}, console.err, code);
  if (!loaded) return code;
  const Scenario& scenario = loaded->scenario;

  const FinishedRun first = run_virtual(scenario, scenario.seed, spoken);
  const FinishedRun second = run_virtual(scenario, scenario.seed, spoken);
  if (worst(first.result().exit_code, second.result().exit_code) == ExitCode::interrupted) {
    console.err << "loadgen: interrupted before both runs were over\n";
    return ExitCode::interrupted;
  }

  const std::optional<sim::Divergence> divergence = sim::compare(first.trace(), second.trace());
  const bool same_world = first.result().world_digest == second.result().world_digest;
  const bool same = !divergence && same_world;
  if (!options.quiet) {
    console.out << (same ? "identical" : "DIFFERENT") << ": two runs of " << scenario.name << ", seed "
                << scenario.seed << ", " << first.trace().events() << " recorded events each\n"
                << "  digest " << digest_text(first.trace().digest()) << " and "
                << digest_text(second.trace().digest()) << ", world "
                << digest_text(*first.result().world_digest) << " and "
                << digest_text(*second.result().world_digest) << '\n';
  }
  if (divergence && !options.quiet) name_divergence(scenario, *divergence, spoken, console.out);
  if (!options.quiet) {
    console.out << "  repeat with: "
                << replay_command(loaded->variables, options.program + " verify", options.scenario,
                                  options.replay_arguments)
                << '\n';
  }
  return same ? ExitCode::pass : ExitCode::nondeterministic;
}

}  // namespace netrig::loadgen
