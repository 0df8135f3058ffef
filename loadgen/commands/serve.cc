#include "netrig/loadgen/commands/serve.h"

#include <algorithm>
#include <optional>

#include "netrig/loadgen/commands/scraping.h"
#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/run/host_use.h"
#include "netrig/loadgen/run/pulse.h"
#include "netrig/loadgen/run/real_server.h"
#include "netrig/loadgen/run/server_log.h"
#include "netrig/loadgen/run/tokens.h"
#include "netrig/metrics/catalog.h"
#include "netrig/metrics/registry_view.h"
#include "netrig/transport/asio/tcp.h"
#include "netrig/transport/asio/udp.h"

namespace netrig::loadgen {
namespace {

namespace catalog = metrics::catalog;
using metrics::Direction;

constexpr std::string_view kEverybody = "players";  // the only cohort
constexpr Duration kLook = 100ms;                   // between two looks at the signal
constexpr std::sig_atomic_t kSignalsThatEnd = 1;
constexpr std::uint16_t kPublishLane = 5;
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
  config.cohorts = {std::string{kEverybody}};
  config.cohort_of_client.assign(guests, 0);
  config.transport = scenario.transport;
  config.hears = {true, false};
  return config;
}

void say_beginning(const Scenario& scenario, Dialect dialect, const transport::EndpointUrl& bound,
                   std::ostream& out) {
  out << "listening on " << text(bound) << '\n'
      << "  " << scenario.name << ": " << scenario.server.horizon.tick_rate_hz << " ticks a second, "
      << whole(std::uint64_t{scenario.server.players_max}) << " seats, "
      << name_of(scenario.server.replication, kReplicationNames) << " replication, "
      << name_of(dialect, kDialectNames) << " dialect\n"
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

// What the sockets themselves did with those whom the server never heard of.
void say_strangers(const transport::Transport& transport, std::ostream& out) {
  if (const auto* const tcp = dynamic_cast<const transport::AsioTcpTransport*>(&transport)) {
    const transport::TcpStats& stats = tcp->stats();
    out << "  callers  " << whole(stats.accepted) << " accepted, "
        << whole(stats.shed_connections + stats.shed_descriptors + stats.shed_handshakes)
        << " reset for want of room, " << whole(stats.closings_cut_short) << " closings cut short, "
        << whole(stats.handshakes_failed + stats.handshake_timeouts) << " did not speak the transport\n";
  }
  if (const auto* const udp = dynamic_cast<const transport::AsioUdpTransport*>(&transport)) {
    const transport::UdpStats& stats = udp->stats();
    out << "  datagrams  " << whole(stats.received) << " received, " << whole(stats.sent) << " sent, "
        << whole(stats.too_long) << " too long, " << whole(stats.send_errors) << " not taken by the kernel, "
        << whole(stats.replies_dropped) << " answers left out\n";
  }
}

// What was wrong with traffic, by cause.
void say_errors(std::ostream& out, const metrics::RegistryView& view) {
  std::string causes;
  const auto names = view.shape().values(metrics::Label::error_cause);
  for (std::size_t cause = 0; cause < names.size(); ++cause) {
    const std::uint64_t count = view.counter(catalog::kErrorsTotal, {.error_cause = cause});
    if (count > 0) causes += (causes.empty() ? "" : ", ") + std::string{names[cause]} + " " + whole(count);
  }
  if (!causes.empty()) out << "  faults   " << causes << '\n';
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
  say_errors(out, view);
  say_histogram(out, "began   ", view, catalog::kTickLatenessSeconds);
  say_histogram(out, "a tick  ", view, catalog::kTickDurationSeconds);
  out << "  CPU      " << short_seconds(host.cpu_seconds) << ", at most "
      << short_bytes(static_cast<double>(host.rss_bytes_max)) << " of memory\n";
}

// Its seats are what it expects of clients.
metrics::RunInfo info_of(const Scenario& scenario, const RunMode& mode) {
  metrics::RunInfo info = run_info(scenario, mode, scenario.seed);
  info.cohorts = {{std::string{kEverybody}, scenario.server.players_max}};
  return info;
}

void publish(const RealServer& server, metrics::RunState state, Instant now,
             std::optional<LiveMetrics>& live) {
  if (live)
    live->publish(server.recorder().registry(),
                  {.state = state, .simulated = now.time_since_epoch(), .planned = {}});
}

void serve_until(RealServer& server, const volatile std::sig_atomic_t* interrupted,
                 std::optional<LiveMetrics>& live) {
  transport::AsioScheduler& scheduler = server.scheduler();
  std::optional<Pulse> publishing;
  if (live)
    publishing.emplace(scheduler, kPublishLane, LiveMetrics::kInterval,
                       [&](Instant now) { publish(server, metrics::RunState::measuring, now, live); });
  while (interrupted == nullptr || *interrupted == 0) scheduler.run_until(scheduler.now() + kLook);
  const Instant end = scheduler.now();
  server.finish(end);
  server.side().server().stop(end);
  scheduler.run_until(end + kLastWords);
  publish(server, metrics::RunState::finished, end, live);
}

}  // namespace

ExitCode serve_command(const ServeOptions& options, const GameRegistry& games,
                       const volatile std::sig_atomic_t* interrupted, Console& console) {
  ExitCode code = ExitCode::pass;
  RunMode mode;
  mode.real_clock = true;
  mode.dialect = options.dialect;
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
  RealServer server{scenario,  scenario.seed,   recorder_config(scenario, numbers), guests, nullptr,
                    token_key, options.dialect, std::chrono::steady_clock::now(),   true};
  ServerLog* const log = options.quiet ? nullptr : &server.log_to(console.err);
  const HostUse before = host_use();
  const bool is_stream = sim::delivery(scenario.transport) == Delivery::reliable_ordered;
  if (const auto provided = provide_descriptors(is_stream ? scenario.server.players_max : 1); !provided) {
    console.err << "loadgen: " << provided.error().reason << '\n';
    return ExitCode::usage;
  }
  const auto bound = server.listen({options.listen, options.tls});
  if (!bound) {
    console.err << "loadgen: " << bound.error().reason << '\n';
    return ExitCode::usage;
  }
  transport::EndpointUrl listening = options.listen;
  listening.address = *bound;
  std::optional<LiveMetrics> live;
  const Voice voice{console.err, options.quiet, LogFormat::text};
  if (!open_or_explain(options.scrapes, info_of(scenario, mode), server.recorder().registry().shape(), voice,
                       live))
    return ExitCode::usage;
  say_beginning(scenario, options.dialect, listening, console.out);
  server.measure_from(Instant{});
  serve_until(server, interrupted, live);
  if (log != nullptr) {
    log->tell();
    say_end(server, guests.most(), host_since(before), console.out);
    say_strangers(server.transport(), console.out);
    console.out.flush();
  }
  hold(options.scrapes, live, voice, interrupted, kSignalsThatEnd);
  return ExitCode::pass;
}

}  // namespace netrig::loadgen
