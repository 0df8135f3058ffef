// Options as typed, to what commands take. Knows no parser: an error is a sentence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/commands/outputs.h"
#include "netrig/loadgen/commands/run.h"
#include "netrig/loadgen/commands/token.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/scenario/scenario_tree.h"
#include "netrig/transport/asio/tls.h"
#include "netrig/transport/endpoint_url.h"

namespace netrig::loadgen {

// Options of commands that run a scenario.
struct ScenarioArguments {
  std::string scenario;
  std::string seed;
  std::string duration;
  std::string transport;
  std::string dialect_name;
  std::vector<std::string> set;

  Result<std::vector<Override>, std::string> overrides() const;
  Dialect dialect() const { return dialect_name == "venture" ? Dialect::venture : Dialect::netrig; }
  // As typed, in a fixed order.
  std::vector<std::string> replay() const;
};

Result<std::vector<OutputRequest>, std::string> parse_outputs(const std::vector<std::string>& texts);
// What is wrong with the files that a run would write, as a sentence (file_clash.h). Empty: nothing.
std::string clash_of_files(const RunOptions& run);
// The same of a token.
std::string clash_of(const TokenOptions& token);
// The same of what needs one run, or the virtual clock.
std::string clash_of_modes(const RunOptions& run);
// The same of what one dialect does not have.
std::string clash_of_dialect(Dialect dialect, bool has_tokens);

// TLS as typed: files of a listener, and whom a caller trusts.
struct TlsArguments {
  std::string certificate;
  std::string key;
  std::string ca;
  bool insecure = false;

  transport::TlsOptions options() const {
    return {.certificate_file = certificate, .key_file = key, .ca_file = ca, .verify = !insecure};
  }
  std::vector<std::string> replay() const;  // a caller's
};
// All options of a run that change it, as typed.
std::vector<std::string> replay_of(const ScenarioArguments& scenario, const RunOptions& run,
                                   const std::string& target, const TlsArguments& tls);
std::string clash_of_listener_tls(const TlsArguments& tls, const transport::EndpointUrl& listen);
// Without a target nothing may be given.
std::string clash_of_caller_tls(const TlsArguments& tls, const std::optional<transport::EndpointUrl>& target);
Result<std::vector<Tolerance>, std::string> parse_tolerances(const std::vector<std::string>& texts);
// A token's life, "" for the usual; between a second and kTokenLifeMax.
Result<Duration, std::string> parse_token_life(const std::string& text);
// Of --prometheus and --prometheus-hold, "" for none. Nobody is held longer than kHoldMax.
constexpr Duration kHoldMax = std::chrono::hours{24};
Result<ScrapeOptions, std::string> parse_scrapes(const std::string& address, const std::string& hold);
// "": as many as there are processors.
Result<std::uint32_t, std::string> parse_jobs(const std::string& text);

}  // namespace netrig::loadgen
