#include "netrig/metrics/recorder/server_metrics.h"

#include <algorithm>
#include <utility>

#include "netrig/core/protocol/limits.h"

namespace netrig::metrics {
namespace {

constexpr const char* kEverybody = "players";

// Who has lost the connection keeps its seat for a while, and may come back as another peer meanwhile.
std::uint32_t numbers(const ServerConfig& server) {
  return 2 * server.players_max;
}

RecorderConfig recorder_config(const ServerMetricsOptions& options) {
  RecorderConfig config;
  config.cohorts = {kEverybody};
  config.cohort_of_client.assign(numbers(options.server), 0);
  config.transport = options.transport;
  config.hears = {true, false};
  return config;
}

RunInfo info_of(const ServerMetricsOptions& options) {
  return {.version = options.version,
          .scenario = options.game,
          .clock = "real",
          .transport = std::string{sim::text(options.transport)},
          .seed = 0,
          .tick_interval = Duration{1s} / options.server.horizon.tick_rate_hz,
          .cohorts = {{kEverybody, options.server.players_max}}};
}

}  // namespace

Result<std::unique_ptr<ServerMetrics>, std::string> ServerMetrics::open(const std::string& address,
                                                                        const ServerMetricsOptions& options) {
  auto exporter =
      PrometheusExporter::open(address, info_of(options), Recorder::shape_of({std::string{kEverybody}}));
  if (!exporter) return exporter.error();
  return std::unique_ptr<ServerMetrics>{new ServerMetrics{options, *std::move(exporter)}};
}

ServerMetrics::ServerMetrics(const ServerMetricsOptions& options,
                             std::unique_ptr<PrometheusExporter> exporter)
    : ServerRecorder(recorder_, true),
      recorder_(recorder_config(options)),
      exporter_(std::move(exporter)),
      tick_rate_hz_(options.server.horizon.tick_rate_hz) {
  for (std::uint32_t number = numbers(options.server); number > 0; --number) free_.push_back(number - 1);
}

// A host's time begins with it: when it goes back, this is another server.
void ServerMetrics::hear(Instant now) {
  if (now < now_) forget_all();
  now_ = now;
}

// --- ticks

void ServerMetrics::on_tick(Tick tick, std::uint32_t entities, std::uint64_t world_digest, Instant now) {
  hear(now);
  if (!recorder_.measuring()) recorder_.begin_measuring(now);
  recorder_.advance(now);
  const Duration since_due = now - tick_instant(Instant{}, tick.value, tick_rate_hz_);
  zero_ = zero_ ? std::min(*zero_, since_due) : since_due;
  const Duration lateness = since_due - *zero_;
  recorder_.tick_lateness(lateness);
  ServerRecorder::on_tick(tick, entities, world_digest, now);

  const Duration interval = Duration{1s} / tick_rate_hz_;
  turn_ends_.reset();
  if (lateness >= interval)
    recorder_.tick_overran();  // the next one is due already
  else
    turn_ends_ = turn_began_ + (interval - lateness);
}

void ServerMetrics::on_phase(Tick tick, TickPhase phase) {
  ServerRecorder::on_phase(tick, phase);
  const TickPhase before = std::exchange(phase_, phase);
  if (phase == TickPhase::receive) turn_began_ = HostClock::now();
  if (phase == TickPhase::idle && before == TickPhase::send) close_turn();
}

// All that a tick made has been sent, and there is time until the next.
void ServerMetrics::close_turn() {
  const HostClock::time_point now = HostClock::now();
  if (turn_ends_ && now > *turn_ends_) recorder_.tick_overran();
  turn_ends_.reset();
  for (const PeerId peer : leaving_) forget(peer);
  leaving_.clear();
  if (now < next_publish_) return;
  next_publish_ = now + PrometheusExporter::kPublishInterval;
  publish();
}

void ServerMetrics::publish() {
  RunFacts facts;
  facts.state = RunState::measuring;
  facts.simulated = now_.time_since_epoch();
  facts.wall = HostClock::now() - began_;
  exporter_->publish(recorder_.registry(), facts);
}

// --- peers

void ServerMetrics::on_joined(PeerId peer, ClientId client, EntityId entity, Instant now) {
  hear(now);
  enter(peer);
  ServerRecorder::on_joined(peer, client, entity, now);
}

void ServerMetrics::on_resumed(PeerId peer, ClientId client, EntityId entity, Instant now) {
  hear(now);
  enter(peer);
  ServerRecorder::on_resumed(peer, client, entity, now);
}

void ServerMetrics::on_detached(PeerId peer, ClientId client, Instant now) {
  hear(now);
  ServerRecorder::on_detached(peer, client, now);
  leave(peer);
}

void ServerMetrics::on_left(PeerId peer, ClientId client, DisconnectReason reason, Instant now) {
  hear(now);
  ServerRecorder::on_left(peer, client, reason, now);
  leave(peer);
}

void ServerMetrics::enter(PeerId peer) {
  if (number_of_peer_.contains(peer) || free_.empty()) return;
  const std::uint32_t number = free_.back();
  free_.pop_back();
  number_of_peer_[peer] = number;
  bind(peer, number);
}

void ServerMetrics::leave(PeerId peer) {
  if (number_of_peer_.contains(peer)) leaving_.push_back(peer);
}

void ServerMetrics::forget(PeerId peer) {
  const auto found = number_of_peer_.find(peer);
  if (found == number_of_peer_.end()) return;  // it was lost, and left too
  unbind(peer);
  free_.push_back(found->second);
  number_of_peer_.erase(found);
}

void ServerMetrics::forget_all() {
  leaving_.clear();
  while (!number_of_peer_.empty()) {
    const PeerId peer = number_of_peer_.begin()->first;
    ServerRecorder::on_left(peer, ClientId{}, DisconnectReason::stopping, now_);
    forget(peer);
  }
  zero_.reset();
}

}  // namespace netrig::metrics
