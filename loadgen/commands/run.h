// `loadgen run SCENARIO`: runs it, reports, writes what was asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/commands/outputs.h"
#include "netrig/loadgen/exit_code.h"
#include "netrig/loadgen/io/text_table.h"
#include "netrig/loadgen/report/live_view.h"
#include "netrig/loadgen/report/progress.h"
#include "netrig/loadgen/run/live_metrics.h"
#include "netrig/loadgen/run/run.h"
#include "netrig/loadgen/run/run_mode.h"
#include "netrig/loadgen/run/sockets.h"
#include "netrig/loadgen/scenario/scenario_file.h"

namespace netrig::loadgen {

// Both ends included.
struct SeedRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  std::uint64_t count() const { return last - first + 1; }
};
constexpr std::uint64_t kSeedsMax = 1'000;  // 15 MB of results
std::string text(const SeedRange& seeds);   // "1..8"
// The error is a sentence.
Result<SeedRange, std::string> parse_seeds(std::string_view text);

enum class LogFormat : std::uint8_t {
  text,  // the report on stdout, progress on stderr
  json,  // progress and the verdict as one JSON object a line on stderr; no report
};

struct RunOptions {
  std::string program = "loadgen";  // as a person calls this one
  std::string scenario;
  std::vector<Override> overrides;  // --set, and what --seed, --duration and --transport are short for
  std::vector<std::string> replay_arguments;  // the options as given that change the run
  bool real_clock = false;
  Dialect dialect = Dialect::netrig;
  std::optional<transport::EndpointUrl> target;  // a server elsewhere; needs the real clock
  transport::TlsOptions tls{};                   // of the target
  std::string token_key;                         // a file; empty: none. The next two need the real clock
  std::vector<std::string> tokens;               // files, one for each client
  std::vector<OutputRequest> outputs;
  std::string baseline;            // empty: none
  std::string save_baseline;       // empty: none
  ScrapeOptions scrapes{};         // and how long after the report
  std::optional<SeedRange> seeds;  // one run for each
  std::uint32_t jobs = 1;          // runs at a time, with seeds
  bool quiet = false;              // no progress and no report: exit code and files only, and errors
  LogFormat log = LogFormat::text;
};

// Where a command speaks, and how.
struct Console {
  std::ostream& out;
  std::ostream& err;
  Style out_style;
  Style err_style;
  ProgressLine::Mode progress = ProgressLine::Mode::plain;
  std::function<TerminalSize()>
      terminal_size{};  // of err; empty: it cannot move its cursor, so one line must do
};

// What `run` and `verify` were asked to run, and what repeats it.
struct RunnableScenario {
  Scenario scenario;
  std::uint64_t file_digest = 0;
  // The variables of the environment that the file asked for and found, as a shell sets them: "CLIENTS=8".
  std::vector<std::string> variables;
};

// Nothing after the scenario's diagnostics were printed. Also refuses, with `usage`, what a scenario may say
// and this build cannot run.
std::optional<RunnableScenario> load_or_explain(const std::string& path,
                                                const std::vector<Override>& overrides,
                                                const GameRegistry& games, const RunMode& mode,
                                                std::ostream& err, ExitCode& code);

ExitCode run_command(const RunOptions& options, const GameRegistry& games, const RunControls& controls,
                     Console& console);

// Words as a shell would read them again, each with a blank before it.
std::string quoted_words(const std::vector<std::string>& words);
// The one command that repeats a run, quoted for a shell. `command`: "loadgen run".
std::string replay_command(const std::vector<std::string>& variables, const std::string& command,
                           const std::string& scenario, const std::vector<std::string>& arguments);

}  // namespace netrig::loadgen
