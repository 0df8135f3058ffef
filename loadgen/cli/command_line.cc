#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <unistd.h>
#include <vector>

#include "netrig/loadgen/cli/arguments.h"
#include "netrig/loadgen/cli/completion.h"
#include "netrig/loadgen/cli/completion_model.h"
#include "netrig/loadgen/cli/fit_link_arguments.h"
#include "netrig/loadgen/cli/option_checks.h"
#include "netrig/loadgen/cli/planned.h"
#include "netrig/loadgen/cli/proxy_arguments.h"
#include "netrig/loadgen/cli/terminal.h"
#include "netrig/loadgen/cli/token_arguments.h"
#include "netrig/loadgen/commands/compare.h"
#include "netrig/loadgen/commands/inspect.h"
#include "netrig/loadgen/commands/new_scenario.h"
#include "netrig/loadgen/commands/run.h"
#include "netrig/loadgen/commands/run_seeds.h"
#include "netrig/loadgen/commands/schema.h"
#include "netrig/loadgen/commands/serve.h"
#include "netrig/loadgen/commands/validate.h"
#include "netrig/loadgen/commands/verify.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/loadgen.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/version.h"
#include "netrig/metrics/catalog.h"

namespace netrig::loadgen {
namespace {

using Words = std::vector<std::string>;
using Kind = CompletionValue::Kind;

// --- commands: each adds itself to the parser and leaves what to do in `code`

class CommandLine {
 public:
  CommandLine(const GameRegistry& games, const std::string& program) : games_(games) {
    app_.name(program);
    run_.program = verify_.program = new_.program = program;
    app_.require_subcommand(1);
    app_.set_version_flag("--version", std::string{"loadgen "} + std::string{kVersion});
    app_.footer(
        "Exit codes: 0 pass, 1 internal error, 2 usage, 92 output not written, 93 worker lost,\n"
        "94 not deterministic, 95 baseline missing or not comparable, 96 heavier than the baseline,\n"
        "99 threshold failed, 103 nobody in session, 104 invalid scenario, 105 interrupted.");
    add_run();
    add_serve();
    proxy_.add_to(app_, offers_, run_.program, code_);
    add_validate();
    add_inspect();
    add_verify();
    add_compare();
    add_new();
    add_schema();
    add_completion();
    fit_link_.add_to(app_, offers_, code_);
    token_.add_to(app_, offers_, code_);
    app_.add_subcommand("version", "Print the version")->callback([] {
      std::cout << "loadgen " << kVersion << '\n';
    });
  }

  int run(int argc, char** argv) {
    const Words words(argv + std::min(argc, 1), argv + argc);
    if (!words.empty() && is_unknown_command(words[0])) return status(ExitCode::usage);
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) return app_.exit(error);  // help and version
      std::string problem = unknown_flag(words);
      if (problem.empty()) problem = error.what();
      std::cerr << "loadgen: " << problem << "\nTry " << app_.get_name() << " --help, or " << app_.get_name()
                << " COMMAND --help.\n";
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
    if (word.starts_with('-')) return false;
    Words commands;
    for (const CLI::App* const command : app_.get_subcommands({})) commands.push_back(command->get_name());
    if (std::ranges::count(commands, word) > 0) return false;

    const std::vector<std::string_view> known{commands.begin(), commands.end()};
    const bool planned = std::ranges::count(kPlannedCommands, word) > 0;
    std::cerr << "loadgen: " << (planned ? "not built yet: " : "no such command: ") << printable(word)
              << (planned ? "" : did_you_mean(word, known)) << "\nThere are";
    for (const std::string& command : commands) std::cerr << ' ' << command;
    std::cerr << ". Try " << app_.get_name() << " --help.\n";
    return true;
  }

  // What is wrong with the first flag that its command does not have, or nothing. The parser would name it
  // together with whatever else it could not place.
  std::string unknown_flag(const Words& words) const {
    const CLI::App* const command =
        words.empty() || words[0].starts_with('-') ? &app_ : app_.get_subcommand(words[0]);
    Words flags;
    for (const CLI::Option* const option : command->get_options())
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    const std::vector<std::string_view> known{flags.begin(), flags.end()};
    for (const std::string& word : words) {
      if (word == "--") break;
      const std::string flag = word.substr(0, word.find('='));
      if (!flag.starts_with("--") || std::ranges::count(flags, flag) > 0) continue;
      return command->get_name() + " has no " + printable(flag) + did_you_mean(flag, known);
    }
    return {};
  }

  // What a shell may offer for the option's value.
  CLI::Option* offer(CLI::Option* option, CompletionValue value) {
    offers_[option] = std::move(value);
    return option;
  }

  CLI::Option* offer_file(CLI::App& command, const char* flag, std::string& into, const char* meaning) {
    return offer(command.add_option(flag, into, meaning)->type_name("FILE")->check(refuse_empty),
                 {Kind::file});
  }

  // One of a few words.
  void choose(CLI::Option* option, std::string what, Words words) {
    option->check(one_of(std::move(what), words));
    offer(option, {Kind::words, std::move(words)});
  }

  static CLI::Option* repeated(CLI::Option* option, const char* value) {
    return option->type_name(value)->take_all()->allow_extra_args(false)->check(refuse_empty);
  }

  void add_seed(CLI::App& command, const char* meaning) {
    command.add_option("--seed", scenario_.seed, meaning)
        ->check(refuse_empty)
        ->check([](const std::string& value) { return problem_of(parse_integer(value)); });
  }

  void add_scenario(CLI::App& command) {
    offer(command.add_option("SCENARIO", scenario_.scenario, "The scenario's YAML file")->required(),
          {Kind::scenario});
    add_seed(command, "Seed of everything random, instead of the scenario's");
    command
        .add_option("--duration", scenario_.duration,
                    "Measured window, such as 10s, instead of the scenario's")
        ->check(refuse_empty)
        ->check([](const std::string& value) { return problem_of(parse_duration(value)); });
    choose(command.add_option("--transport", scenario_.transport,
                              "memory, tcp, tls, ws, wss or udp, instead of the scenario's"),
           "transport", words_of(kTransportNames));
    add_overrides(command);
  }

  void add_overrides(CLI::App& command) {
    CLI::Option* const set =
        command.add_option("--set", scenario_.set, "Any key of the scenario: --set server.tick_rate=60Hz");
    offer(repeated(set, "PATH=VALUE"), {Kind::overrides});
  }

  void add_dialect(CLI::App& command) {
    choose(command.add_option("--dialect", scenario_.dialect_name,
                              "netrig: the native protocol; venture: the original one, as existing servers "
                              "speak it"),
           "dialect", words_of(kDialectNames));
  }

  void add_run() {
    CLI::App* const command = app_.add_subcommand("run", "Run a scenario and report");
    add_scenario(*command);
    command->add_option("--seeds", seeds_, "One run for each seed: --seeds 1..8")
        ->type_name("A..B")
        ->check(refuse_empty);
    command->add_option("--jobs", jobs_, "Runs at a time, with --seeds; as many as processors, if not given")
        ->type_name("N")
        ->check(refuse_empty);
    add_mode_options(*command);
    Words kinds;
    for (const OutputKindInfo& kind : kOutputKinds) kinds.push_back(std::string{kind.name} + "=");
    offer(repeated(command->add_option("--out", out_,
                                       "Write the result: json=FILE, junit=FILE, markdown=FILE; its time "
                                       "series: csv=FILE, openmetrics=FILE; "
                                       "every player's inputs: inputs=FILE"),
                   "KIND=FILE"),
          {Kind::words, std::move(kinds)});
    offer_file(*command, "--baseline", run_.baseline,
               "Fail (96) when more bytes are sent than this file says");
    offer_file(*command, "--save-baseline", run_.save_baseline, "Write this run's exact totals");
    add_scrape_options(*command, prometheus_, prometheus_hold_);
    command->add_flag("--quiet", run_.quiet, "No progress, no report");
    choose(command->add_option("--log", log_,
                               "text: a report; json: progress and verdict as JSON lines on stderr"),
           "log format", {"text", "json"});
    command->callback([this] { run_scenario(); });
  }

  void run_scenario() {
    if (!seeds_.empty() && !scenario_.seed.empty())
      throw CLI::ValidationError("--seed and --seeds exclude each other");
    if (seeds_.empty() && !jobs_.empty()) throw CLI::ValidationError("--jobs needs --seeds");
    choose_clock();
    run_.tls = tls_.options();
    run_.outputs = checked(parse_outputs(out_));
    run_.scrapes = checked(parse_scrapes(prometheus_, prometheus_hold_));
    if (!seeds_.empty()) run_.seeds = checked(parse_seeds(seeds_));
    run_.scenario = scenario_.scenario;
    run_.overrides = checked(scenario_.overrides());
    run_.replay_arguments = replay_of(scenario_, run_, target_, tls_);
    run_.dialect = scenario_.dialect();
    run_.log = log_ == "json" ? LogFormat::json : LogFormat::text;
    run_.jobs = checked(parse_jobs(jobs_));
    refuse(clash_of_caller_tls(tls_, run_.target));
    refuse(clash_of_modes(run_));
    refuse(clash_of_files(run_));
    catch_signals();
    Console console = make_console();
    const RunControls controls{{}, interrupted()};
    code_ = run_.seeds ? run_seeds_command(run_, games_, controls, console)
                       : run_command(run_, games_, controls, console);
  }

  void add_serve() {
    CLI::App* const command = app_.add_subcommand("serve", "Run a scenario's server alone, until a signal");
    offer(command->add_option("SCENARIO", scenario_.scenario, "The scenario's YAML file")->required(),
          {Kind::scenario});
    command
        ->add_option("--listen", listen_,
                     "Where, such as tcp://127.0.0.1:7777 or wss://[::]:7777/game; port 0: any")
        ->type_name("URL")
        ->required()
        ->check(refuse_empty);
    add_seed(*command, "Seed of the world, instead of the scenario's");
    add_overrides(*command);
    add_dialect(*command);
    offer_file(*command, "--token-key", serve_.token_key, "Let in only who has a token issued with this key");
    offer_file(*command, "--tls-cert", tls_.certificate,
               "Of tls:// and wss://: the certificate to show, and the chain behind it, in PEM");
    offer_file(*command, "--tls-key", tls_.key, "The certificate's private key, in PEM");
    add_scrape_options(*command, prometheus_, prometheus_hold_);
    command->add_flag("--quiet", serve_.quiet, "No log and no report");
    command->callback([this] {
      serve_.listen = checked(transport::parse_endpoint_url(listen_));
      refuse(clash_of_listener_tls(tls_, serve_.listen));
      serve_.dialect = scenario_.dialect();
      refuse(clash_of_dialect(serve_.dialect, !serve_.token_key.empty()));
      serve_.tls = tls_.options();
      serve_.scrapes = checked(parse_scrapes(prometheus_, prometheus_hold_));
      scenario_.transport = text(serve_.listen.scheme);
      serve_.scenario = scenario_.scenario;
      serve_.overrides = checked(scenario_.overrides());
      catch_signals();
      Console console = make_console();
      code_ = serve_command(serve_, games_, interrupted(), console);
    });
  }

  // A target needs the real clock, and its URL says which transport.
  void choose_clock() {
    run_.real_clock = clock_ == "real" || !target_.empty();
    if (!seeds_.empty() && run_.real_clock)
      throw CLI::ValidationError(
          "--seeds is for the virtual clock: under the real one no two runs are alike");
    if (target_.empty()) return;
    if (clock_ == "virtual") throw CLI::ValidationError("--target needs --clock real");
    run_.target = checked(transport::parse_endpoint_url(target_));
    const std::string_view kind = text(run_.target->scheme);
    if (!scenario_.transport.empty() && scenario_.transport != kind)
      throw CLI::ValidationError("--transport " + scenario_.transport + " and --target " + target_ +
                                 " contradict each other");
    scenario_.transport = kind;
  }

  // Which clock, which server, and who may join it.
  void add_mode_options(CLI::App& command) {
    choose(command.add_option("--clock", clock_,
                              "virtual: simulated time, repeatable; real: sockets and this machine's time"),
           "clock", {"virtual", "real"});
    offer_file(command, "--token-key", run_.token_key,
               "Issue each client a token with this key, which the server has, too");
    offer(repeated(
              command.add_option("--token", run_.tokens, "A connect token: the first for the first client"),
              "FILE"),
          {Kind::file});
    command.add_option("--target", target_, "A server elsewhere, such as tcp://10.0.0.7:7777; in real time")
        ->type_name("URL")
        ->check(refuse_empty);
    offer_file(command, "--tls-ca", tls_.ca,
               "Whose certificates to trust of a target, in PEM; whom this system trusts, if not given");
    command.add_flag("--tls-insecure", tls_.insecure, "Do not verify the certificate of a target");
    add_dialect(command);
  }

  void add_validate() {
    CLI::App* const command = app_.add_subcommand("validate", "Check scenario files: all errors at once");
    offer(command->add_option("FILE", validate_.files, "Scenario files")->required(), {Kind::scenario});
    command->add_flag("--json", validate_.json, "Print the errors as JSON");
    command->callback([this] {
      validate_.environment = process_environment();
      code_ = validate_command(validate_, games_, std::cout, std::cerr);
    });
  }

  void add_inspect() {
    CLI::App* const command = app_.add_subcommand("inspect", "Show what a scenario would do");
    add_scenario(*command);
    command->callback([this] {
      inspect_.file = scenario_.scenario;
      inspect_.overrides = checked(scenario_.overrides());
      inspect_.environment = process_environment();
      code_ = inspect_command(inspect_, games_, std::cout, std::cerr);
    });
  }

  void add_verify() {
    CLI::App* const command =
        app_.add_subcommand("verify", "Run a scenario twice: is it repeated to the bit?");
    add_scenario(*command);
    add_dialect(*command);
    command->add_flag("--quiet", verify_.quiet, "Exit code only");
    command->callback([this] {
      verify_.dialect = scenario_.dialect();
      verify_.scenario = scenario_.scenario;
      verify_.overrides = checked(scenario_.overrides());
      verify_.replay_arguments = scenario_.replay();
      catch_signals();
      Console console = make_console();
      code_ = verify_command(verify_, games_, {{}, interrupted()}, console);
    });
  }

  void add_compare() {
    CLI::App* const command = app_.add_subcommand("compare", "Compare a result with a baseline");
    offer(command->add_option("BASELINE", compare_.baseline, "A baseline or a result")->required(),
          {Kind::file});
    offer(command->add_option("RESULT", compare_.result, "A result or a baseline")->required(), {Kind::file});
    Words metrics;
    for (const metrics::Metric& metric : metrics::catalog::all()) metrics.push_back(tolerance_name(metric));
    offer(repeated(command->add_option("--tolerance", tolerance_,
                                       "Growth that passes: message_bytes_total=2%, rtt_seconds.p95=5%"),
                   "METRIC=P%"),
          {Kind::words, std::move(metrics)});
    command->callback([this] {
      compare_.tolerances = checked(parse_tolerances(tolerance_));
      code_ = compare_command(compare_, std::cout, style_of(STDOUT_FILENO));
    });
  }

  void add_new() {
    CLI::App* const command = app_.add_subcommand("new", "Write a scenario to begin with");
    command->add_option("FILE", new_.file, "Where to; a file that exists stays as it is")
        ->required()
        ->check(refuse_empty);
    Words names;
    std::string meanings;
    for (const ScenarioTemplate& each : kScenarioTemplates) {
      names.emplace_back(each.name);
      meanings.append(meanings.empty() ? "" : "; ").append(each.name).append(": ").append(each.meaning);
    }
    choose(command->add_option("--from", new_.from, meanings)->type_name("NAME"), "template",
           std::move(names));
    command->callback([this] { code_ = new_command(new_, games_, std::cout, std::cerr); });
  }

  void add_schema() {
    app_.add_subcommand("schema", "Print the JSON Schema of scenarios, for editors")->callback([this] {
      std::cout << scenario_schema(games_);
    });
  }

  void add_completion() {
    CLI::App* const command = app_.add_subcommand("completion", "Print a script that completes commands");
    choose(command->add_option("SHELL", shell_, "bash, zsh or fish")->required(), "shell",
           {"bash", "zsh", "fish"});
    command->callback([this] {
      const Shell shell = shell_ == "bash" ? Shell::bash : shell_ == "zsh" ? Shell::zsh : Shell::fish;
      std::cout << completion_script(
          completion_model(app_, offers_, override_words(*describe_scenario(games_))), shell);
    });
  }

  const GameRegistry& games_;
  CLI::App app_{"netrig loadgen: a test range for multiplayer netcode under lag", "loadgen"};
  ScenarioArguments scenario_;
  RunOptions run_;
  ServeOptions serve_;
  ProxyArguments proxy_;
  std::string listen_;
  VerifyOptions verify_;
  ValidateOptions validate_;
  InspectOptions inspect_;
  CompareOptions compare_;
  NewOptions new_;
  std::string shell_;
  CompletionOffers offers_;
  FitLinkArguments fit_link_;
  TokenArguments token_;
  std::string seeds_;
  std::string prometheus_;
  std::string prometheus_hold_;
  std::string jobs_;
  std::string clock_;
  std::string target_;
  TlsArguments tls_;
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
    return CommandLine{games, program}.run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "loadgen: internal error: " << error.what() << '\n';
    return status(ExitCode::internal_error);
  }
}

}  // namespace netrig::loadgen
