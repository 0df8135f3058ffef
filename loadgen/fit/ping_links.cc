#include "netrig/loadgen/fit/ping_links.h"

#include "netrig/core/base/assert.h"
#include "netrig/sim/network/link.h"

namespace netrig::loadgen {
namespace {

struct Passing {
  std::size_t ping = 0;
  Instant at{};
};

// A ping is told from others by its size, which means nothing to a link without a rate.
class Arrivals final : public sim::LinkSink {
 public:
  std::vector<Passing> passings;

 private:
  void on_delivered(const sim::Packet& packet, Instant, Instant now) override {
    passings.push_back({packet.wire_bytes - 1, now});
  }
};

// Those that come out, in the order in which they do.
std::vector<Passing> pass(const sim::LinkConditions& conditions, const std::vector<Passing>& sent,
                          const Random& random) {
  sim::Link link{conditions, random};
  Arrivals arrivals;
  for (const Passing& passing : sent) {
    while (link.next_deadline() && *link.next_deadline() <= passing.at)
      link.advance(*link.next_deadline(), arrivals);
    link.enqueue({.message = {}, .wire_bytes = static_cast<std::uint32_t>(passing.ping + 1)}, passing.at);
  }
  while (const auto deadline = link.next_deadline()) link.advance(*deadline, arrivals);
  return std::move(arrivals.passings);
}

}  // namespace

RoundTrips ping_links(const sim::LinkConditions& up, const sim::LinkConditions& down, const Pinging& pinging,
                      const Random& random) {
  NETRIG_ASSERT(pinging.pings <= kPingsMax && pinging.interval >= Duration{1ms});
  std::vector<Passing> sent(pinging.pings);
  for (std::size_t ping = 0; ping < sent.size(); ++ping)
    sent[ping] = {ping, Instant{} + pinging.interval * static_cast<std::int64_t>(ping)};
  RoundTrips trips(pinging.pings);
  const std::vector<Passing> heard = pass(up, sent, random.fork("ping.up", 0));
  for (const Passing& answer : pass(down, heard, random.fork("ping.down", 0)))
    if (!trips[answer.ping]) trips[answer.ping] = answer.at - sent[answer.ping].at;
  return trips;
}

}  // namespace netrig::loadgen
