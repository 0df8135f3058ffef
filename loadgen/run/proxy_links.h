// The links of a proxy's clients: what a scenario's cohort would have, for clients that come as they like.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/transport/simulated.h"

namespace netrig::loadgen {

class ProxyLinks {
 public:
  ProxyLinks(CohortLink link, sim::TransportKind kind, sim::Congestion congestion, std::uint64_t seed)
      : link_(std::move(link)), kind_(kind), congestion_(congestion), random_(seed) {}

  // Everything random is drawn from a stream of client `number`, counted as they come. Of a range of round
  // trips the first client has the one end, the second the other, and each later one lies in the middle of a
  // gap: however many come, they are spread over it.
  transport::LinkSetup link_of(std::uint32_t place, std::uint64_t number);

 private:
  void share_household(std::uint64_t number, transport::LinkSetup& into);

  CohortLink link_;
  sim::TransportKind kind_;
  sim::Congestion congestion_;
  Random random_;
  std::map<std::pair<std::uint64_t, sim::Direction>, std::weak_ptr<sim::Bottleneck>> households_;
};

// Of clients that come one after the other: 0, 1, 1/2, 1/4, 3/4, 1/8, 5/8, ... (van der Corput, 1935).
Duration spread_rtt(const RttRange& range, std::uint64_t number);

}  // namespace netrig::loadgen
