// The simulated network of a run: which link each client has, and what becomes of its packets, recorded.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "netrig/loadgen/scenario/plan.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/sim/network/network_observer.h"
#include "netrig/sim/time/trace.h"
#include "netrig/transport/simulated.h"

namespace netrig::loadgen {

// Each client's link by the address it connects from.
class PlannedLinks final : public transport::LinkDirectory {
 public:
  PlannedLinks(const Scenario& scenario, const Plan& plan, const Random& random);
  std::optional<transport::LinkSetup> link_of(const Address& from) const override;

 private:
  using Queue = std::shared_ptr<sim::Bottleneck>;

  void share_queues(const CohortLink& link, const ClientPlan& client, transport::LinkSetup& into);

  Queue uplink_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, sim::Direction>, Queue> households_;
  std::map<std::string, transport::LinkSetup, std::less<>> links_;
};

class LinkTaps final : public sim::NetworkObserver {
 public:
  // Both outlive it. `trace` may be null.
  LinkTaps(metrics::Recorder& recorder, sim::Trace* trace) : recorder_(recorder), trace_(trace) {}

  void on_sent(sim::LinkId link, std::size_t bytes, std::uint64_t digest, Instant now) override;
  void on_delivered(sim::LinkId link, std::size_t bytes, Instant sent_at, Instant now) override;
  void on_dropped(sim::LinkId link, sim::DropCause cause, std::size_t bytes, Instant now) override;
  void on_duplicated(sim::LinkId link, std::size_t bytes, Instant now) override;
  void on_corrupted(sim::LinkId link, std::size_t bytes, Instant now) override;
  void on_abandoned(sim::LinkId link, std::size_t packets, Instant now) override;
  void on_reordered(sim::LinkId link, std::size_t bytes, Instant now) override;
  void on_retransmitted(sim::LinkId link, std::size_t bytes, Instant now) override;

 private:
  void record(sim::EventKind kind, sim::LinkId link, std::size_t bytes, std::uint64_t detail, Instant now);

  metrics::Recorder& recorder_;
  sim::Trace* trace_;
};

}  // namespace netrig::loadgen
