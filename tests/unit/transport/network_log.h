// What a test gives a SimulatedTransport: the links of its clients, and an observer that writes everything
// down.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "netrig/core/base/digest.h"
#include "netrig/sim/network/network_observer.h"
#include "netrig/sim/time/virtual_scheduler.h"
#include "netrig/tests/contract/parties.h"
#include "netrig/transport/memory.h"
#include "netrig/transport/simulated.h"

namespace netrig::transport::testing {

class NetworkLog final : public sim::NetworkObserver {
 public:
  struct Count {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    void add(std::size_t size) {
      ++packets;
      bytes += size;
    }
  };
  struct Counts {
    Count sent, delivered, lost, queue_dropped, duplicated, reordered, retransmitted, corrupted, abandoned;
  };
  std::map<sim::LinkId, Counts> links;
  std::vector<std::uint64_t> digests;  // of what was sent, in order, while `keeps_digests`
  bool keeps_digests = true;
  RunningDigest events;

  const Counts& up(std::uint32_t client = 0) { return links[{client, sim::Direction::up}]; }
  const Counts& down(std::uint32_t client = 0) { return links[{client, sim::Direction::down}]; }

  void on_sent(sim::LinkId link, std::size_t bytes, std::uint64_t digest, Instant now) override {
    note(link, &Counts::sent, 's', bytes, now);
    events.add(digest);
    if (keeps_digests) digests.push_back(digest);
  }
  void on_delivered(sim::LinkId link, std::size_t bytes, Instant sent_at, Instant now) override {
    note(link, &Counts::delivered, 'd', bytes, now);
    events.add(static_cast<std::uint64_t>(ns_since_start(sent_at)));
  }
  void on_dropped(sim::LinkId link, sim::DropCause cause, std::size_t bytes, Instant now) override {
    note(link, cause == sim::DropCause::loss ? &Counts::lost : &Counts::queue_dropped, 'x', bytes, now);
  }
  void on_duplicated(sim::LinkId link, std::size_t bytes, Instant now) override {
    note(link, &Counts::duplicated, '2', bytes, now);
  }
  void on_corrupted(sim::LinkId link, std::size_t bytes, Instant now) override {
    note(link, &Counts::corrupted, 'c', bytes, now);
  }
  void on_abandoned(sim::LinkId link, std::size_t packets, Instant) override {
    links[link].abandoned.packets += packets;
  }
  void on_reordered(sim::LinkId link, std::size_t bytes, Instant now) override {
    note(link, &Counts::reordered, 'o', bytes, now);
  }
  void on_retransmitted(sim::LinkId link, std::size_t bytes, Instant now) override {
    note(link, &Counts::retransmitted, 'r', bytes, now);
  }

 private:
  void note(sim::LinkId link, Count Counts::*count, char kind, std::size_t bytes, Instant now) {
    (links[link].*count).add(bytes);
    events.add(static_cast<std::uint64_t>(ns_since_start(now)));
    events.add(std::uint64_t{link.client} << 40 | static_cast<std::uint64_t>(link.direction) << 32 |
               static_cast<std::uint64_t>(kind) << 24 | bytes);
  }
};

// One link for everybody, and its seed; the client's number stands after the dash: "client-7".
class SameLinks final : public LinkDirectory {
 public:
  sim::TransportKind kind = sim::TransportKind::tcp;
  sim::LinkConditions up;
  sim::LinkConditions down;
  sim::SharedQueues up_queues;
  std::uint64_t seed = 1;

  std::optional<LinkSetup> link_of(const Address& from) const override {
    const std::size_t dash = from.host.find('-');
    if (dash == std::string::npos) return std::nullopt;
    const auto client = static_cast<std::uint32_t>(std::stoul(from.host.substr(dash + 1)));
    return LinkSetup{.client = client,
                     .kind = kind,
                     .up = up,
                     .down = down,
                     .congestion = sim::Congestion::ideal,
                     .random = Random{seed}.fork("client", client),
                     .up_queues = up_queues};
  }
};

// The simulated network over memory with one server, under the virtual clock.
struct SimulatedWorld {
  explicit SimulatedWorld(SameLinks directory, MemoryOptions options = {})
      : links(std::move(directory)), memory(scheduler, with_delivery(options, sim::delivery(links.kind))) {}

  void listen() { host.listener = *network.listen(server, host); }
  void listen_plainly() { host.listener = *memory.listen(server, host); }
  void connect(Party& party, const Address& from = {"client-0", 0}) {
    party.connection = *network.connect(from, server, party);
  }
  void run() {
    while (scheduler.run_next()) {
    }
  }
  Duration now() const { return scheduler.now() - Instant{}; }
  static MemoryOptions with_delivery(MemoryOptions options, Delivery delivery) {
    options.delivery = delivery;
    return options;
  }

  Address server{"server", 7777};
  SameLinks links;
  NetworkLog log;
  sim::VirtualScheduler scheduler;
  MemoryTransport memory;
  SimulatedTransport network{memory, scheduler, links, log};
  Host host;
};

}  // namespace netrig::transport::testing
