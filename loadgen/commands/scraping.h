// What a command that can be scraped says of it. Three lines make one:
//
//   std::optional<LiveMetrics> live;
//   if (!open_or_explain(options.scrapes, run_info(...), shape, voice, live)) return ExitCode::usage;
//   ...  live->publish(registry, facts) ten times a second ...
//   hold(options.scrapes, live, voice, interrupted);
#pragma once

#include <csignal>
#include <optional>
#include <ostream>

#include "netrig/loadgen/commands/run.h"
#include "netrig/loadgen/run/live_metrics.h"

namespace netrig::loadgen {

// How a command speaks on stderr.
struct Voice {
  std::ostream& err;
  bool quiet = false;  // errors only
  LogFormat log = LogFormat::text;
};

// Listens if an address was given, and says where. False after it was said why that cannot be.
bool open_or_explain(const ScrapeOptions& options, metrics::RunInfo info, const metrics::Shape& shape,
                     const Voice& voice, std::optional<LiveMetrics>& live);

// Keeps the endpoint as long as it was asked for, saying so. A signal ends it: one more than the
// `expected` ones that ended what came before.
void hold(const ScrapeOptions& options, const std::optional<LiveMetrics>& live, const Voice& voice,
          const volatile std::sig_atomic_t* interrupted, std::sig_atomic_t expected = 0);

}  // namespace netrig::loadgen
