// The metrics of a game's own server at an endpoint for Prometheus, in three lines:
//
//   auto metrics = netrig::metrics::ServerMetrics::open("127.0.0.1:9464", {.game = "my game", .server =
//   config}); if (!metrics) return complain(metrics.error()); netrig::transport::ServerHost host{world,
//   {.server = config}, **metrics};
//
// They are those of `loadgen serve`: one cohort, `players`; sessions and round trips as the server sees them.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/core/server/config.h"
#include "netrig/metrics/prometheus_exporter.h"
#include "netrig/metrics/recorder/server_recorder.h"

namespace netrig::metrics {

struct ServerMetricsOptions {
  std::string game;       // any UTF-8: the label `scenario` of netrig_run_info
  std::string version{};  // of the game: the label `version` of netrig_build_info
  ServerConfig server{};  // as the server has it
  sim::TransportKind transport = sim::TransportKind::tcp;  // whose headers are counted as transport_model
};

// Belongs to the thread that drives the server, and outlives the server; scrapes may come at any time. One
// server after the other may have it.
class ServerMetrics final : public ServerRecorder {
 public:
  // Listens at once; `address` and the error as ScrapeListener has them.
  static Result<std::unique_ptr<ServerMetrics>, std::string> open(const std::string& address,
                                                                  const ServerMetricsOptions& options);

  const std::string& url() const { return exporter_->url(); }
  const Registry& registry() const { return recorder_.registry(); }

  void on_phase(Tick tick, TickPhase phase) override;
  void on_tick(Tick tick, std::uint32_t entities, std::uint64_t world_digest, Instant now) override;
  void on_joined(PeerId peer, ClientId client, EntityId entity, Instant now) override;
  void on_resumed(PeerId peer, ClientId client, EntityId entity, Instant now) override;
  void on_detached(PeerId peer, ClientId client, Instant now) override;
  void on_left(PeerId peer, ClientId client, DisconnectReason reason, Instant now) override;

 private:
  using HostClock = std::chrono::steady_clock;

  ServerMetrics(const ServerMetricsOptions& options, std::unique_ptr<PrometheusExporter> exporter);

  void hear(Instant now);
  void enter(PeerId peer);
  void leave(PeerId peer);
  void forget(PeerId peer);
  void forget_all();
  void close_turn();
  void publish();

  Recorder recorder_;  // the base refers to it
  std::unique_ptr<PrometheusExporter> exporter_;
  std::uint32_t tick_rate_hz_;
  std::vector<std::uint32_t> free_;                 // numbers for peers; nobody is recorded beyond them
  std::map<PeerId, std::uint32_t> number_of_peer_;  // those that have one
  std::vector<PeerId> leaving_;                     // until what they are sent last has been sent

  TickPhase phase_ = TickPhase::idle;
  Instant now_{};  // of what was heard last
  // When tick 0 would have been, by the most punctual tick so far: the server does not tell.
  std::optional<Duration> zero_;
  HostClock::time_point turn_began_{};
  std::optional<HostClock::time_point> turn_ends_;  // when the next tick is due, of a tick not yet sent
  HostClock::time_point began_ = HostClock::now();
  HostClock::time_point next_publish_ = began_;
};

}  // namespace netrig::metrics
