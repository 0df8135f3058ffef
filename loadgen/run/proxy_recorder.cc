#include "netrig/loadgen/run/proxy_recorder.h"

#include <algorithm>
#include <string>

namespace netrig::loadgen {
namespace {

using transport::ProxyEnd;

metrics::Direction direction_of(sim::Direction direction) {
  return direction == sim::Direction::up ? metrics::Direction::upstream : metrics::Direction::downstream;
}

DisconnectReason reason_of(ProxyEnd why) {
  switch (why) {
    case ProxyEnd::closed:
      return DisconnectReason::left;
    case ProxyEnd::idle:
      return DisconnectReason::timeout;
    case ProxyEnd::stopped:
      return DisconnectReason::stopping;
    default:
      return DisconnectReason::connection_lost;
  }
}

}  // namespace

void ProxyRecorder::on_client_came(std::uint32_t client, const Address&, Instant now) {
  ++came_;
  most_ = std::max(most_, ++clients_);
  recorder_.joined(client);
  recorder_.first_state_sent(client, now);  // its seconds count from here on
}

void ProxyRecorder::on_server_reached(std::uint32_t, Instant) {
  ++reached_;
}

void ProxyRecorder::on_taken(std::uint32_t client, sim::Direction direction, std::size_t bytes, Instant now) {
  way(direction).taken_bytes += bytes;
  recorder_.passed_on(client, direction_of(direction), bytes, now);
}

void ProxyRecorder::on_given(std::uint32_t, sim::Direction direction, std::size_t bytes, Instant) {
  way(direction).given_bytes += bytes;
}

void ProxyRecorder::on_due(std::uint32_t client, Duration late) {
  recorder_.generator_lateness(client, std::max(late, Duration{0}), Duration::max());
}

void ProxyRecorder::on_paused(std::uint32_t, sim::Direction direction) {
  ++way(direction).pauses;
}

void ProxyRecorder::on_send_refused(std::uint32_t client, sim::Direction direction) {
  recorder_.send_refused(client, direction_of(direction), SendStatus::queue_full);
}

void ProxyRecorder::on_client_gone(std::uint32_t client, ProxyEnd why, std::string_view detail, Instant now) {
  --clients_;
  ++ends_[static_cast<std::size_t>(why)];
  recorder_.left(client, reason_of(why));
  recorder_.session_over(client, now);
  if (why != ProxyEnd::refused && why != ProxyEnd::unreachable) return;
  recorder_.error(client, metrics::ErrorCause::connection_failed);
  std::string problem =
      why == ProxyEnd::refused ? "the server refuses clients" : "the server cannot be reached";
  if (!detail.empty()) problem.append(": ").append(detail);
  problem_(problem);
  if (connection_problem_.empty()) connection_problem_ = std::move(problem);
}

void ProxyRecorder::on_turned_away(const Address&) {
  ++turned_away_;
  problem_("no place for another client: see --clients");
}

void ProxyRecorder::fill_in(ProxyResult& result) const {
  result.clients = came_;
  result.clients_at_end = clients_;
  result.clients_most = most_;
  result.reached = reached_;
  result.turned_away = turned_away_;
  result.up = up_;
  result.down = down_;
  for (std::size_t end = 0; end < ends_.size(); ++end)
    if (ends_[end] > 0) result.ends.emplace_back(text(static_cast<ProxyEnd>(end)), ends_[end]);
}

}  // namespace netrig::loadgen
