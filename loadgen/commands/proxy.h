// `loadgen proxy --listen URL --to URL --link PROFILE|FILE`: a modelled link in front of any server, under
// the real clock, until a signal or for a while.
#pragma once

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "netrig/loadgen/commands/outputs.h"
#include "netrig/loadgen/commands/run.h"
#include "netrig/loadgen/scenario/scenario_file.h"
#include "netrig/transport/endpoint_url.h"
#include "netrig/transport/proxy/proxy.h"

namespace netrig::loadgen {

struct ProxyCommand {
  std::string program = "loadgen";
  transport::EndpointUrl listen;  // tcp or udp, as `to`
  transport::EndpointUrl to;
  LinkRequest link;
  sim::Congestion congestion = sim::Congestion::ideal;  // of streams
  std::uint64_t seed = 1;
  std::optional<Duration> duration{};  // until a signal, if not given
  transport::ProxyOptions limits{};
  std::vector<OutputRequest> outputs{};
  std::vector<std::string> replay_arguments{};  // all options that change what it does, as given
  ScrapeOptions scrapes{};
  bool quiet = false;  // says where it listens, and errors
  LogFormat log = LogFormat::text;
};

struct ProxySignals {
  const volatile std::sig_atomic_t* interrupted = nullptr;  // ends it
  volatile std::sig_atomic_t* reload = nullptr;             // the link is read again; set back to 0
};

// A signal is no failure.
ExitCode proxy_command(const ProxyCommand& command, const ProxySignals& signals, Console& console);

}  // namespace netrig::loadgen
