#include "netrig/loadgen/commands/serve.h"

#include <algorithm>
#include <optional>

#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/run/host_use.h"
#include "netrig/loadgen/run/real_server.h"
#include "netrig/loadgen/run/server_log.h"
#include "netrig/loadgen/run/tokens.h"
#include "netrig/metrics/catalog.h"
#include "netrig/metrics/registry_view.h"

namespace netrig::loadgen {
namespace {

namespace catalog = metrics::catalog;
using metrics::Direction;

constexpr Duration kLook = 100ms;       // between two looks at the signal
constexpr Duration kLastWords = 200ms;  // for the goodbye to everybody to leave

// Whoever comes gets a number, as long as it is here. A session that goes on over a new connection has two
// for a moment.
class Guests final : public ClientNames {
 public:
  explicit Guests(std::uint32_t numbers) {
    for (std::uint32_t number = numbers; number > 0; --number) free_.push_back(number - 1);
  }
  std::optional<std::uint32_t> client_at(const Address&) override {
    if (free_.empty()) return std::nullopt;
    const std::uint32_t number = free_.back();
    free_.pop_back();
    most_ = std::max(most_, ++here_);
    return number;
  }
  void on_gone(std::uint32_t client) override {
    free_.push_back(client);
    --here_;
  }
  std::uint32_t most() const { return most_; }

 private:
  std::vector<std::uint32_t> free_;
  std::uint32_t here_ = 0;
  std::uint32_t most_ = 0;
};

metrics::RecorderConfig recorder_config(const Scenario& scenario, std::uint32_t guests) {
  metrics::RecorderConfig config;
  config.cohorts = {"players"};
  config.cohort_of_client.assign(guests, 0);
  config.transport = scenario.transport;
  config.hears = {true, false};
  return config;
}

std::size_t players_here(const Server& server) {
  return static_cast<std::size_t>(
      std::ranges::count_if(server.players(), [](const Player& player) { return player.connected; }));
}

void say_beginning(const Scenario& scenario, const transport::EndpointUrl& bound, std::ostream& out) {
  out << "listening on " << text(bound) << '\n'
      << "  " << scenario.name << ": " << scenario.server.horizon.tick_rate_hz << " ticks a second, "
      << whole(std::uint64_t{scenario.server.players_max}) << " seats, "
      << name_of(scenario.server.replication, kReplicationNames) << " replication, netrig dialect\n"
      << "  limits per address do not hold for loopback: a load test comes from one machine\n";
  out.flush();
}

void say_histogram(std::ostream& out, std::string_view what, const metrics::RegistryView& view,
                   metrics::HistogramId id) {
  const auto summary = metrics::summarise(view.histogram(id), metrics::steps_per_unit(id.metric().unit));
  if (!summary) return;
  out << "  " << what << "  p50 " << short_seconds(summary->p50) << ", p99 " << short_seconds(summary->p99)
      << ", at most " << short_seconds(summary->max) << '\n';
}

void say_end(const RealServer& server, std::uint32_t most, const HostResult& host, std::ostream& out) {
  const metrics::RegistryView view{server.recorder().registry()};
  const auto layer = [&](metrics::Layer of) {
    return view.counter(catalog::kWireBytesTotal, {.direction = Direction::downstream, .layer = of});
  };
  const std::uint64_t bytes = layer(metrics::Layer::payload) + layer(metrics::Layer::protocol);
  out << "served for " << short_seconds(host.wall_seconds) << "\n  players  at most "
      << whole(std::uint64_t{most}) << " at once, "
      << short_seconds(seconds(server.recorder().session_time())) << " together\n  sent     "
      << short_bytes(static_cast<double>(bytes)) << " of payload and protocol, "
      << whole(view.counter(catalog::kStatesSkippedTotal)) << " states skipped, "
      << whole(view.counter(catalog::kSendQueueFullTotal)) << " sends refused by a full queue\n  ticks    "
      << whole(view.counter(catalog::kTicksTotal)) << ", " << whole(view.counter(catalog::kTickOverrunsTotal))
      << " overruns, " << whole(view.counter(catalog::kTicksSkippedTotal)) << " skipped\n";
  say_histogram(out, "began   ", view, catalog::kTickLatenessSeconds);
  say_histogram(out, "a tick  ", view, catalog::kTickDurationSeconds);
  out << "  CPU      " << short_seconds(host.cpu_seconds) << ", at most "
      << short_bytes(static_cast<double>(host.rss_bytes_max)) << " of memory\n";
}

void serve_until(RealServer& server, const volatile std::sig_atomic_t* interrupted) {
  transport::AsioScheduler& scheduler = server.scheduler();
  while (interrupted == nullptr || *interrupted == 0) scheduler.run_until(scheduler.now() + kLook);
  const Instant end = scheduler.now();
  server.finish(end);
  server.side().server().stop(end);
  scheduler.run_until(end + kLastWords);
}

}  // namespace

ExitCode serve_command(const ServeOptions& options, const GameRegistry& games,
                       const volatile std::sig_atomic_t* interrupted, Console& console) {
  ExitCode code = ExitCode::pass;
  RunMode mode;
  mode.real_clock = true;
  const auto loaded = load_or_explain(options.scenario, options.overrides, games, mode, console.err, code);
  if (!loaded) return code;
  const Scenario& scenario = loaded->scenario;

  std::optional<TokenKey> token_key;
  if (!options.token_key.empty()) {
    const auto key = read_token_key(options.token_key);
    if (!key) {
      console.err << key.error() << '\n';
      return ExitCode::usage;
    }
    token_key = *key;
  }

  const std::uint32_t numbers = 2 * scenario.server.players_max;
  Guests guests{numbers};
  RealServer server{scenario, scenario.seed, recorder_config(scenario, numbers), guests,
                    nullptr,  token_key,     std::chrono::steady_clock::now()};
  ServerLog log{server.scheduler(), console.err, [&] { return players_here(server.side().server()); }};
  if (!options.quiet) server.side().tell(log);
  const HostUse before = host_use();
  const auto bound = server.listen({options.listen, options.tls});
  if (!bound) {
    console.err << "loadgen: " << bound.error().reason << '\n';
    return ExitCode::usage;
  }
  transport::EndpointUrl listening = options.listen;
  listening.address = *bound;
  say_beginning(scenario, listening, console.out);
  server.measure_from(Instant{});
  serve_until(server, interrupted);
  if (!options.quiet) {
    log.tell();
    say_end(server, guests.most(), host_since(before), console.out);
  }
  return ExitCode::pass;
}

}  // namespace netrig::loadgen
