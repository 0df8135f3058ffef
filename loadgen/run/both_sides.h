// A run under the real clock as it is now, for whoever shows it: what the recorders of clients and server,
// each in a thread of its own, have between them. Neither waits for the other.
#pragma once

#include <optional>

#include "netrig/metrics/published.h"
#include "netrig/metrics/registry.h"
#include "netrig/metrics/timeline.h"

namespace netrig::loadgen {

class BothSides {
 public:
  // Both outlive it. `clients` is recorded into by the thread that calls look(); `server` may be null: the
  // server is elsewhere.
  BothSides(const metrics::Registry& clients, metrics::Published* server)
      : clients_(clients), server_(server), registry_(clients.shape()), timeline_(registry_) {}

  // Looks at both. Several times a second, so that each second finds its place in the time series.
  void look(std::optional<Instant> measuring_since, Instant now) {
    registry_.reset();
    registry_.merge(clients_);
    if (server_ != nullptr) registry_.merge(server_->latest().registry);
    if (!measuring_since || now < *measuring_since) return;
    if (!began_) timeline_.begin(*measuring_since);
    began_ = true;
    timeline_.advance(now);
  }

  const metrics::Registry& registry() const { return registry_; }
  const metrics::Timeline& timeline() const { return timeline_; }

 private:
  const metrics::Registry& clients_;
  metrics::Published* server_;
  metrics::Registry registry_;
  metrics::Timeline timeline_;  // of registry_
  bool began_ = false;
};

}  // namespace netrig::loadgen
