#include "netrig/loadgen/run/run_mode.h"

#include <algorithm>
#include <string_view>

#include "netrig/metrics/catalog.h"

namespace netrig::loadgen {
namespace {

constexpr std::string_view kPunctual = "p(99)<0.005";

// Whether anybody is planned to send inputs: who only watches over a stream has no times to be late for.
bool plans_inputs(const Scenario& scenario) {
  return scenario.server.avatars != Avatars::none;
}

}  // namespace

void expect_punctuality(Scenario& scenario) {
  const metrics::Metric* const lateness = &metrics::catalog::kGeneratorLatenessSeconds.metric();
  const bool is_said = std::ranges::any_of(scenario.thresholds,
                                           [&](const Threshold& each) { return each.metric == lateness; });
  if (is_said || !plans_inputs(scenario)) return;
  scenario.thresholds.push_back(punctuality());
}

Threshold punctuality() {
  return {&metrics::catalog::kGeneratorLatenessSeconds.metric(), std::string{kPunctual},
          *parse_threshold(kPunctual)};
}

bool simulates_network(const Scenario& scenario, const RunMode& mode) {
  if (!mode.real_clock || scenario.uplink) return true;
  return std::ranges::any_of(scenario.cohorts, [](const Cohort& cohort) {
    const CohortLink& link = cohort.link;
    const bool is_nothing = link.up == sim::LinkConditions{} && link.down == sim::LinkConditions{};
    return !is_nothing || link.rtt || link.household;
  });
}

RunConditions conditions_of(const Scenario& scenario, const RunMode& mode) {
  RunConditions conditions = conditions_of(scenario);
  conditions.virtual_clock = !mode.real_clock;
  conditions.own_server = mode.target.empty();
  conditions.netrig_dialect = mode.dialect == Dialect::netrig;
  conditions.simulated_network = simulates_network(scenario, mode);
  return conditions;
}

}  // namespace netrig::loadgen
