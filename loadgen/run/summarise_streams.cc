#include "netrig/loadgen/run/summarise_streams.h"

#include <algorithm>
#include <vector>

#include "netrig/core/protocol/messages.h"
#include "netrig/metrics/catalog.h"
#include "netrig/metrics/registry_view.h"

namespace netrig::loadgen {
namespace {

namespace catalog = metrics::catalog;

StreamUse use_of(const Scenario& scenario, const RunFacts& run, std::uint32_t cohort,
                 sim::Direction direction) {
  StreamUse use;
  std::vector<Duration> ramp_ups;
  for (const auto& [link, facts] : run.stream_facts) {
    if (link.direction != direction || run.plan.clients[link.client].cohort != cohort) continue;
    ++use.streams;
    use.facts += facts;
    ramp_ups.push_back(facts.ramp_up);
  }
  if (!ramp_ups.empty()) {
    std::ranges::sort(ramp_ups);
    use.ramp_up_seconds_p50 = seconds(ramp_ups[(ramp_ups.size() - 1) / 2]);
  }
  use.ack_wire_bytes = use.facts.acks * sim::packet_header_bytes(scenario.transport);
  return use;
}

}  // namespace

std::optional<StreamsResult> summarise_streams(const Scenario& scenario, const RunFacts& run) {
  if (congestion_of(scenario) == sim::Congestion::ideal) return std::nullopt;
  const metrics::RegistryView view{run.recorder.registry()};
  StreamsResult result{.tcp = scenario.tcp, .cohorts = {}};
  for (std::uint32_t cohort = 0; cohort < scenario.cohorts.size(); ++cohort) {
    const metrics::Selection states{.cohort = cohort, .message = message_row(MessageType::state_header)};
    result.cohorts.push_back(
        {.cohort = scenario.cohorts[cohort].name,
         .downstream = use_of(scenario, run, cohort, sim::Direction::down),
         .upstream = use_of(scenario, run, cohort, sim::Direction::up),
         .states_sent = view.counter(catalog::kMessagesTotal, states),
         .states_skipped = view.counter(catalog::kStatesSkippedTotal, {.cohort = cohort})});
  }
  return result;
}

}  // namespace netrig::loadgen
