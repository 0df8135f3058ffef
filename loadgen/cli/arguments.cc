#include "netrig/loadgen/cli/arguments.h"

#include <algorithm>
#include <thread>

#include "netrig/core/protocol/token.h"
#include "netrig/loadgen/cli/file_clash.h"
#include "netrig/loadgen/cli/planned.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/run/workers.h"
#include "netrig/loadgen/scenario/diagnostic.h"

namespace netrig::loadgen {
namespace {

std::string in_quotes(std::string_view text) {
  return '"' + printable(text) + '"';
}

std::vector<std::string_view> output_names() {
  std::vector<std::string_view> names;
  for (const OutputKindInfo& kind : kOutputKinds) names.push_back(kind.name);
  return names;
}

std::string listed(const std::vector<std::string_view>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    list += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
    list += names[i];
  }
  return list;
}

std::string unknown_output(std::string_view kind) {
  const std::vector<std::string_view> names = output_names();
  const std::string there = (names.size() > 1 ? "; there are " : "; there is ") + listed(names);
  const bool planned = std::ranges::count(kPlannedOutputs, kind) > 0;
  if (planned) return std::string{kind} + " is not built yet" + there;
  return "no kind of output is called " + in_quotes(kind) + did_you_mean(kind, names) + there;
}

}  // namespace

Result<std::vector<Override>, std::string> ScenarioArguments::overrides() const {
  std::vector<Override> all;
  for (const std::string& text : set) {
    const std::optional<Override> parsed = parse_override(text);
    if (!parsed) return "--set: " + in_quotes(text) + " is not PATH=VALUE";
    all.push_back(*parsed);
  }
  if (!seed.empty()) all.push_back({"seed", seed});
  if (!duration.empty()) all.push_back({"duration", duration});
  if (!transport.empty()) all.push_back({"transport", transport});
  return all;
}

std::vector<std::string> ScenarioArguments::replay() const {
  std::vector<std::string> arguments;
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) arguments.insert(arguments.end(), {flag, value});
  };
  for (const std::string& text : set) add("--set", text);
  add("--seed", seed);
  add("--duration", duration);
  add("--transport", transport);
  add("--dialect", dialect_name);
  return arguments;
}

std::string clash_of_dialect(Dialect dialect, bool has_tokens) {
  return dialect == Dialect::venture && has_tokens ? "the venture dialect has no tokens: anybody may connect"
                                                   : "";
}

std::string clash_of_modes(const RunOptions& run) {
  const bool has_tokens = !run.token_key.empty() || !run.tokens.empty();
  if (std::string clash = clash_of_dialect(run.dialect, has_tokens); !clash.empty()) return clash;
  if (has_tokens && !run.real_clock) return "tokens need --clock real or --target";
  if (!run.token_key.empty() && !run.tokens.empty()) return "--token and --token-key exclude each other";
  if (!run.tokens.empty() && !run.target)
    return "--token needs --target: the run's own server has no key; give it --token-key";
  if (run.seeds && !run.scrapes.address.empty()) return "--prometheus shows one run, and --seeds are several";
  for (const OutputRequest& request : run.outputs) {
    const auto info = std::ranges::find(kOutputKinds, request.kind, &OutputKindInfo::kind);
    if (run.seeds && info->of_one_run)
      return "--out " + std::string{info->name} + " is of one run, and --seeds are several";
    if (run.real_clock && info->kind == OutputKind::openmetrics)
      return "--out openmetrics is of simulated time: it needs --clock virtual";
  }
  return {};
}

std::string clash_of_files(const RunOptions& run) {
  std::vector<NamedFile> read{{"SCENARIO", run.scenario},
                              {"--token-key", run.token_key},
                              {"--tls-cert", run.tls.certificate_file},
                              {"--tls-key", run.tls.key_file},
                              {"--tls-ca", run.tls.ca_file}};
  for (const std::string& token : run.tokens) read.push_back({"--token", token});
  std::vector<NamedFile> written;
  for (const OutputRequest& output : run.outputs) written.push_back({"--out", output.path});
  // A baseline may be moved by the run that was held against it; by nothing else.
  const std::string of_outputs = clash_of_files({{"--baseline", run.baseline}}, written);
  written.push_back({"--save-baseline", run.save_baseline});
  return of_outputs.empty() ? clash_of_files(read, written) : of_outputs;
}

std::string clash_of(const TokenOptions& token) {
  const bool issues = !token.token_key.empty() || !token.out.empty();
  if (token.new_key.empty() == !issues || (issues && (token.token_key.empty() || token.out.empty())))
    return "give either --new-key, or --token-key and --out";
  if (token.identity.size() > kIdentityBytesMax)
    return "--identity: at most " + std::to_string(kIdentityBytesMax) + " bytes";
  return clash_of_files({{"--token-key", token.token_key}}, {{"--out", token.out}});
}

Result<std::vector<OutputRequest>, std::string> parse_outputs(const std::vector<std::string>& texts) {
  std::vector<OutputRequest> outputs;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals + 1 == text.size())
      return "--out: " + in_quotes(text) + " is not KIND=FILE, such as json=result.json";
    const std::string kind = text.substr(0, equals);
    const auto known = std::ranges::find(kOutputKinds, kind, &OutputKindInfo::name);
    if (known == kOutputKinds.end()) return "--out: " + unknown_output(kind);
    outputs.push_back({known->kind, text.substr(equals + 1)});
  }
  return outputs;
}

std::vector<std::string> TlsArguments::replay() const {
  if (insecure) return {"--tls-insecure"};
  return ca.empty() ? std::vector<std::string>{} : std::vector<std::string>{"--tls-ca", ca};
}

std::vector<std::string> replay_of(const ScenarioArguments& scenario, const RunOptions& run,
                                   const std::string& target, const TlsArguments& tls) {
  std::vector<std::string> arguments = scenario.replay();
  const auto repeat = [&](const char* flag, const std::string& value) {
    arguments.insert(arguments.end(), {flag, value});
  };
  if (!target.empty())
    repeat("--target", target);
  else if (run.real_clock)
    repeat("--clock", "real");
  if (!run.token_key.empty()) repeat("--token-key", run.token_key);
  for (const std::string& token : run.tokens) repeat("--token", token);
  for (const std::string& word : tls.replay()) arguments.push_back(word);
  return arguments;
}

std::string clash_of_listener_tls(const TlsArguments& tls, const transport::EndpointUrl& listen) {
  const std::string scheme{text(listen.scheme)};
  const bool is_complete = !tls.certificate.empty() && !tls.key.empty();
  const bool is_given = !tls.certificate.empty() || !tls.key.empty();
  if (is_encrypted(listen.scheme) && !is_complete)
    return "--listen " + scheme + "://... needs --tls-cert and --tls-key";
  if (!is_encrypted(listen.scheme) && is_given)
    return "--tls-cert and --tls-key are for tls:// and wss://, not " + scheme + "://";
  return {};
}

std::string clash_of_caller_tls(const TlsArguments& tls,
                                const std::optional<transport::EndpointUrl>& target) {
  if (tls.insecure && !tls.ca.empty()) return "--tls-ca and --tls-insecure exclude each other";
  const bool is_given = tls.insecure || !tls.ca.empty();
  if (!is_given || (target && is_encrypted(target->scheme))) return {};
  return std::string{tls.insecure ? "--tls-insecure" : "--tls-ca"} +
         " needs a --target tls://... or wss://...";
}

Result<std::vector<Tolerance>, std::string> parse_tolerances(const std::vector<std::string>& texts) {
  std::vector<Tolerance> all;
  for (const std::string& text : texts) {
    const auto parsed = parse_tolerance(text);
    if (!parsed) return "--tolerance: " + parsed.error();
    all.push_back(*parsed);
  }
  return all;
}

Result<Duration, std::string> parse_token_life(const std::string& text) {
  if (text.empty()) return kTokenLife;
  const auto parsed = parse_duration(text);
  if (!parsed) return "--expires: " + parsed.error();
  if (*parsed < 1s || *parsed > kTokenLifeMax)
    return "--expires: must be between 1s and " + text_of_duration(kTokenLifeMax) + ", got " + text;
  return *parsed;
}

namespace {

Result<Duration, std::string> parse_hold(const std::string& text) {
  const auto parsed = parse_duration(text);
  if (!parsed) return "--prometheus-hold: " + parsed.error();
  if (*parsed < Duration::zero() || *parsed > kHoldMax)
    return "--prometheus-hold: must be between 0s and " + text_of_duration(kHoldMax) + ", got " + text;
  return *parsed;
}

}  // namespace

Result<ScrapeOptions, std::string> parse_scrapes(const std::string& address, const std::string& hold) {
  if (hold.empty()) return ScrapeOptions{{}, address};
  const auto parsed = parse_hold(hold);
  if (!parsed) return parsed.error();
  if (*parsed > Duration::zero() && address.empty())
    return std::string{"--prometheus-hold needs --prometheus"};
  return ScrapeOptions{*parsed, address};
}

Result<std::uint32_t, std::string> parse_jobs(const std::string& text) {
  if (text.empty())
    return std::clamp(std::thread::hardware_concurrency(), 1u, static_cast<std::uint32_t>(kJobsMax));
  const auto parsed = parse_integer(text);
  if (!parsed) return "--jobs: " + parsed.error();
  if (*parsed < 1 || *parsed > static_cast<std::int64_t>(kJobsMax))
    return "--jobs: must be between 1 and " + std::to_string(kJobsMax) + ", got " + text;
  return static_cast<std::uint32_t>(*parsed);
}

}  // namespace netrig::loadgen
