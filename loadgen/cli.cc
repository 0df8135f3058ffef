#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "netrig/loadgen/commands/compare.h"
#include "netrig/loadgen/commands/inspect.h"
#include "netrig/loadgen/commands/run.h"
#include "netrig/loadgen/commands/validate.h"
#include "netrig/loadgen/commands/verify.h"
#include "netrig/loadgen/loadgen.h"
#include "netrig/loadgen/scenario/diagnostic.h"
#include "netrig/loadgen/version.h"

namespace netrig::loadgen {
namespace {

// --- the terminal and its signals

volatile std::sig_atomic_t interrupted = 0;

// The first signal ends the run at its next event; a second one ends the process as usual.
void on_signal(int) {
  interrupted = 1;
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away must not cost the output files
}

// A pipe's reader that closed its end, as `head` does, had read enough, and where stdout was closed from the
// start nobody wants the output. A full disk is another matter.
bool may_be_lost(int descriptor) {
  struct stat what {};
  return fstat(descriptor, &what) != 0 || S_ISFIFO(what.st_mode) || S_ISSOCK(what.st_mode);
}

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool speaks_utf8() {
  for (const char* const variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (!is_set(variable)) continue;
    const std::string locale = std::getenv(variable);
    return locale.find("UTF-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

Style style_of(int descriptor) {
  Style style;
  const bool terminal = isatty(descriptor) == 1;
  style.colour = terminal && !is_set("NO_COLOR");
  style.unicode = speaks_utf8();
  winsize size{};
  if (terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::max<std::size_t>(60, size.ws_col);
  }
  return style;
}

Console make_console() {
  const auto progress = isatty(STDERR_FILENO) == 1 ? ProgressLine::Mode::terminal : ProgressLine::Mode::plain;
  return {std::cout, std::cerr, style_of(STDOUT_FILENO), style_of(STDERR_FILENO), progress};
}

// --- options

// An empty value is nearly always a variable that was not set: a gate must not be switched off by it.
std::string refuse_empty(const std::string& value) {
  return value.empty() ? "must not be empty" : "";
}

// Options of commands that run a scenario, as typed.
struct ScenarioArguments {
  std::string scenario;
  std::string seed;
  std::string duration;
  std::string transport;
  std::vector<std::string> set;

  void add_to(CLI::App& command) {
    command.add_option("SCENARIO", scenario, "The scenario's YAML file")->required();
    command.add_option("--seed", seed, "Seed of everything random, instead of the scenario's")
        ->check(refuse_empty);
    command.add_option("--duration", duration, "Measured window, such as 10s, instead of the scenario's")
        ->check(refuse_empty);
    command.add_option("--transport", transport, "memory, tcp, tls, ws or wss, instead of the scenario's")
        ->check(refuse_empty);
    command.add_option("--set", set, "Any key of the scenario: --set server.tick_rate=60Hz")
        ->type_name("PATH=VALUE")
        ->take_all()
        ->allow_extra_args(false)
        ->check(refuse_empty);
  }

  std::vector<Override> overrides() const {
    std::vector<Override> all;
    for (const std::string& text : set) {
      const std::optional<Override> parsed = parse_override(text);
      if (!parsed) throw CLI::ValidationError("--set", "\"" + text + "\" is not PATH=VALUE");
      all.push_back(*parsed);
    }
    if (!seed.empty()) all.push_back({"seed", seed});
    if (!duration.empty()) all.push_back({"duration", duration});
    if (!transport.empty()) all.push_back({"transport", transport});
    return all;
  }

  std::vector<std::string> replay() const {
    std::vector<std::string> arguments;
    const auto add = [&](const char* flag, const std::string& value) {
      if (!value.empty()) arguments.insert(arguments.end(), {flag, value});
    };
    for (const std::string& text : set) add("--set", text);
    add("--seed", seed);
    add("--duration", duration);
    add("--transport", transport);
    return arguments;
  }
};

std::vector<OutputRequest> parse_outputs(const std::vector<std::string>& texts) {
  constexpr std::array<std::string_view, 6> kPlanned{"junit",       "markdown", "csv",
                                                     "openmetrics", "inputs",   "html"};
  std::vector<OutputRequest> outputs;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals + 1 == text.size()) {
      throw CLI::ValidationError("--out", "\"" + text + "\" is not KIND=FILE, such as json=result.json");
    }
    const std::string kind = text.substr(0, equals);
    const bool planned = std::find(kPlanned.begin(), kPlanned.end(), kind) != kPlanned.end();
    if (planned) throw CLI::ValidationError("--out", kind + " is not built yet; there is json");
    if (kind != "json")
      throw CLI::ValidationError("--out", "no kind of output is called \"" + kind + "\"; there is json");
    outputs.push_back({kind, text.substr(equals + 1)});
  }
  return outputs;
}

std::vector<Tolerance> parse_tolerances(const std::vector<std::string>& texts) {
  std::vector<Tolerance> all;
  for (const std::string& text : texts) {
    const auto parsed = parse_tolerance(text);
    if (!parsed) throw CLI::ValidationError("--tolerance", parsed.error());
    all.push_back(*parsed);
  }
  return all;
}

// --- commands: each adds itself to the parser and leaves what to do in `code`

class CommandLine {
 public:
  CommandLine(const GameRegistry& games, std::string program) : games_(games) {
    app_.name(program);
    run_.program = verify_.program = std::move(program);
    app_.require_subcommand(1);
    app_.set_version_flag("--version", std::string{"loadgen "} + std::string{kVersion});
    app_.footer(
        "Exit codes: 0 pass, 1 internal error, 2 usage, 92 output not written, 94 not deterministic,\n"
        "95 baseline missing or not comparable, 96 heavier than the baseline, 99 threshold failed,\n"
        "103 nobody in session, 104 invalid scenario, 105 interrupted.");
    add_run();
    add_validate();
    add_inspect();
    add_verify();
    add_compare();
    app_.add_subcommand("version", "Print the version")->callback([] {
      std::cout << "loadgen " << kVersion << '\n';
    });
  }

  int run(int argc, char** argv) {
    if (argc > 1 && is_unknown_command(argv[1])) return status(ExitCode::usage);
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) return app_.exit(error);  // help and version
      std::cerr << "loadgen: " << error.what() << "\nTry loadgen --help, or loadgen COMMAND --help.\n";
      return status(ExitCode::usage);
    }
    std::cout.flush();
    if (!std::cout && !may_be_lost(STDOUT_FILENO)) {
      std::cerr << "loadgen: cannot write to standard output\n";
      code_ = worst(code_, ExitCode::output_unwritable);
    }
    return status(code_);
  }

 private:
  // Says what is wrong with a first argument that is neither an option nor a command of this build.
  bool is_unknown_command(std::string_view word) const {
    constexpr std::array<std::string_view, 6> kPlanned{"serve",    "proxy", "token",
                                                       "fit-link", "new",   "schema"};
    if (word.starts_with('-')) return false;
    std::vector<std::string> commands;
    for (const CLI::App* const command : app_.get_subcommands({})) commands.push_back(command->get_name());
    if (std::find(commands.begin(), commands.end(), word) != commands.end()) return false;

    const std::vector<std::string_view> known{commands.begin(), commands.end()};
    const bool planned = std::find(kPlanned.begin(), kPlanned.end(), word) != kPlanned.end();
    std::cerr << "loadgen: " << (planned ? "not built yet: " : "no such command: ") << word
              << did_you_mean(word, known) << "\nThere are";
    for (const std::string& command : commands) std::cerr << ' ' << command;
    std::cerr << ". Try loadgen --help.\n";
    return true;
  }

  void add_run() {
    CLI::App* const command = app_.add_subcommand("run", "Run a scenario and report");
    scenario_.add_to(*command);
    add_mode_options(*command);
    command->add_option("--out", out_, "Write the result: json=FILE")
        ->type_name("KIND=FILE")
        ->take_all()
        ->allow_extra_args(false)
        ->check(refuse_empty);
    command->add_option("--baseline", run_.baseline, "Fail (96) when more bytes are sent than this file says")
        ->type_name("FILE")
        ->check(refuse_empty);
    command->add_option("--save-baseline", run_.save_baseline, "Write this run's exact totals")
        ->type_name("FILE")
        ->check(refuse_empty);
    command->add_flag("--quiet", run_.quiet, "No progress, no report");
    command->add_option("--log", log_, "text: a report; json: progress and verdict as JSON lines on stderr")
        ->check(CLI::IsMember({"text", "json"}));
    command->callback([this] {
      run_.scenario = scenario_.scenario;
      run_.overrides = scenario_.overrides();
      run_.replay_arguments = scenario_.replay();
      run_.outputs = parse_outputs(out_);
      run_.log = log_ == "json" ? LogFormat::json : LogFormat::text;
      catch_signals();
      Console console = make_console();
      code_ = run_command(run_, games_, {{}, &interrupted}, console);
    });
  }

  // What a run is by design and this build can only do one way so far.
  void add_mode_options(CLI::App& command) {
    command.add_option("--clock", clock_, "virtual: simulated time")->check([](const std::string& value) {
      if (value == "virtual") return std::string{};
      if (value == "real") return std::string{"the real clock is not built yet; there is virtual"};
      return "no clock is called \"" + value + "\"; there is virtual";
    });
    command.add_option("--dialect", dialect_, "netrig: the native protocol")
        ->check([](const std::string& value) {
          if (value == "netrig") return std::string{};
          if (value == "venture") return std::string{"the venture dialect is not built yet; there is netrig"};
          return "no dialect is called \"" + value + "\"; there is netrig";
        });
  }

  void add_validate() {
    CLI::App* const command = app_.add_subcommand("validate", "Check scenario files: all errors at once");
    command->add_option("FILE", validate_.files, "Scenario files")->required();
    command->add_flag("--json", validate_.json, "Print the errors as JSON");
    command->callback([this] {
      validate_.environment = process_environment();
      code_ = validate_command(validate_, games_, std::cout, std::cerr);
    });
  }

  void add_inspect() {
    CLI::App* const command = app_.add_subcommand("inspect", "Show what a scenario would do");
    scenario_.add_to(*command);
    command->callback([this] {
      inspect_.file = scenario_.scenario;
      inspect_.overrides = scenario_.overrides();
      inspect_.environment = process_environment();
      code_ = inspect_command(inspect_, games_, std::cout, std::cerr);
    });
  }

  void add_verify() {
    CLI::App* const command =
        app_.add_subcommand("verify", "Run a scenario twice: is it repeated to the bit?");
    scenario_.add_to(*command);
    command->add_flag("--quiet", verify_.quiet, "Exit code only");
    command->callback([this] {
      verify_.scenario = scenario_.scenario;
      verify_.overrides = scenario_.overrides();
      verify_.replay_arguments = scenario_.replay();
      catch_signals();
      Console console = make_console();
      code_ = verify_command(verify_, games_, {{}, &interrupted}, console);
    });
  }

  void add_compare() {
    CLI::App* const command = app_.add_subcommand("compare", "Compare a result with a baseline");
    command->add_option("BASELINE", compare_.baseline, "A baseline or a result")->required();
    command->add_option("RESULT", compare_.result, "A result or a baseline")->required();
    command->add_option("--tolerance", tolerance_, "Growth that passes: message_bytes_total=2%")
        ->type_name("METRIC=P%")
        ->take_all()
        ->allow_extra_args(false);
    command->callback([this] {
      compare_.tolerances = parse_tolerances(tolerance_);
      code_ = compare_command(compare_, std::cout, style_of(STDOUT_FILENO));
    });
  }

  const GameRegistry& games_;
  CLI::App app_{"netrig loadgen: a test range for multiplayer netcode under lag", "loadgen"};
  ScenarioArguments scenario_;
  RunOptions run_;
  VerifyOptions verify_;
  ValidateOptions validate_;
  InspectOptions inspect_;
  CompareOptions compare_;
  std::string clock_;
  std::string dialect_;
  std::string log_;
  std::vector<std::string> out_;
  std::vector<std::string> tolerance_;
  ExitCode code_ = ExitCode::pass;
};

}  // namespace

int main(int argc, char** argv, GameRegistry& games) {
  try {
    std::string program = argc > 0 ? std::filesystem::path{argv[0]}.filename().string() : "";
    if (program.empty()) program = "loadgen";
    return CommandLine{games, std::move(program)}.run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "loadgen: internal error: " << error.what() << '\n';
    return status(ExitCode::internal_error);
  }
}

}  // namespace netrig::loadgen
