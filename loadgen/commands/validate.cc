#include "netrig/loadgen/commands/validate.h"

#include "netrig/loadgen/scenario/scenario_file.h"

namespace netrig::loadgen {
namespace {

void print_valid(const std::string& file, const Scenario& scenario, std::ostream& out) {
  const std::uint32_t clients = client_count(scenario);
  out << file << ": valid: " << scenario.name << ", " << clients
      << (clients == 1 ? " client, " : " clients, ") << sim::duration_text(scenario.duration) << '\n';
}

}  // namespace

ExitCode validate_command(const ValidateOptions& options, const GameRegistry& games, std::ostream& out,
                          std::ostream& err) {
  std::vector<Diagnostic> all;
  for (const std::string& file : options.files) {
    const LoadedScenario loaded = load_scenario(file, options.overrides, options.environment, games);
    all.insert(all.end(), loaded.diagnostics.begin(), loaded.diagnostics.end());
    if (options.json) continue;
    for (const Diagnostic& diagnostic : loaded.diagnostics) print(diagnostic, err);
    if (loaded.scenario) print_valid(file, *loaded.scenario, out);
  }
  if (options.json) out << json(all) << '\n';
  return has_error(all) ? ExitCode::invalid_scenario : ExitCode::pass;
}

}  // namespace netrig::loadgen
