#include "netrig/loadgen/run/link_side.h"

#include <utility>

#include "netrig/loadgen/run/virtual_client.h"

namespace netrig::loadgen {
namespace {

// A link direction as a trace names it.
std::uint32_t owner_of(sim::LinkId link) {
  return link.client << 1 | static_cast<std::uint32_t>(link.direction);
}

}  // namespace

PlannedLinks::PlannedLinks(const Scenario& scenario, const Plan& plan, const Random& random) {
  if (scenario.uplink) uplink_ = std::make_shared<sim::Bottleneck>(*scenario.uplink);
  for (const ClientPlan& client : plan.clients) {
    transport::LinkSetup setup{.client = client.index,
                               .kind = scenario.transport,
                               .up = client.up,
                               .down = client.down,
                               .congestion = congestion_of(scenario),
                               .tcp = scenario.tcp,
                               .random = random.fork("link", client.index)};
    share_queues(scenario.cohorts[client.cohort].link, client, setup);
    links_.emplace(client_address(client.index).host, std::move(setup));
  }
}

// A packet for a client passes the server's queue, then its household's.
void PlannedLinks::share_queues(const CohortLink& link, const ClientPlan& client,
                                transport::LinkSetup& into) {
  if (uplink_) into.down_queues.push_back(uplink_);
  if (!client.household) return;
  const auto add = [&](const std::optional<sim::QueueConditions>& conditions, sim::Direction direction,
                       sim::SharedQueues& queues) {
    if (!conditions) return;
    Queue& queue = households_[{client.cohort, *client.household, direction}];
    if (!queue) queue = std::make_shared<sim::Bottleneck>(*conditions);
    queues.push_back(queue);
  };
  add(link.household->up, sim::Direction::up, into.up_queues);
  add(link.household->down, sim::Direction::down, into.down_queues);
}

std::optional<transport::LinkSetup> PlannedLinks::link_of(const Address& from) const {
  const auto found = links_.find(from.host);
  return found == links_.end() ? std::nullopt : std::optional{found->second};
}

void LinkTaps::record(sim::EventKind kind, sim::LinkId link, std::size_t bytes, std::uint64_t detail,
                      Instant now) {
  if (trace_ != nullptr) trace_->record({now, kind, owner_of(link), bytes, detail});
}

void LinkTaps::on_sent(sim::LinkId link, std::size_t bytes, std::uint64_t digest, Instant now) {
  record(sim::EventKind::send, link, bytes, digest, now);
  recorder_.network_sent(link, bytes);
}
void LinkTaps::on_delivered(sim::LinkId link, std::size_t bytes, Instant sent_at, Instant now) {
  record(sim::EventKind::deliver, link, bytes, static_cast<std::uint64_t>(ns_since_start(sent_at)), now);
  recorder_.network_delivered(link, bytes);
}
void LinkTaps::on_dropped(sim::LinkId link, sim::DropCause cause, std::size_t bytes, Instant now) {
  if (cause != sim::DropCause::redundant)  // the network had delivered it
    record(sim::EventKind::drop, link, bytes, static_cast<std::uint64_t>(cause), now);
  recorder_.network_dropped(link, cause);
}
void LinkTaps::on_duplicated(sim::LinkId link, std::size_t bytes, Instant now) {
  record(sim::EventKind::duplicate, link, bytes, 0, now);
  recorder_.network_duplicated(link);
}
void LinkTaps::on_corrupted(sim::LinkId link, std::size_t bytes, Instant now) {
  record(sim::EventKind::corrupt, link, bytes, 0, now);
  recorder_.network_corrupted(link);
}
void LinkTaps::on_abandoned(sim::LinkId link, std::size_t packets, Instant) {
  recorder_.network_abandoned(link, packets);
}
void LinkTaps::on_reordered(sim::LinkId link, std::size_t, Instant) {
  recorder_.network_reordered(link);
}
void LinkTaps::on_retransmitted(sim::LinkId link, std::size_t bytes, Instant now) {
  record(sim::EventKind::retransmit, link, bytes, 0, now);
  recorder_.network_retransmitted(link);
}

}  // namespace netrig::loadgen
