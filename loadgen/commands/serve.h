// `loadgen serve SCENARIO --listen URL`: the scenario's server alone, under the real clock, until a signal.
#pragma once

#include <string>
#include <vector>

#include "netrig/loadgen/commands/run.h"
#include "netrig/loadgen/game/game.h"
#include "netrig/loadgen/run/sockets.h"

namespace netrig::loadgen {

struct ServeOptions {
  std::string scenario;
  std::vector<Override> overrides;
  transport::EndpointUrl listen;
  transport::TlsOptions tls{};  // of tls and wss
  Dialect dialect = Dialect::netrig;
  std::string token_key;  // a file; empty: whoever comes may come in
  bool quiet = false;     // says where it listens, and errors
  ScrapeOptions scrapes{};
};

// The signal is no failure: exit 0.
ExitCode serve_command(const ServeOptions& options, const GameRegistry& games,
                       const volatile std::sig_atomic_t* interrupted, Console& console);

}  // namespace netrig::loadgen
