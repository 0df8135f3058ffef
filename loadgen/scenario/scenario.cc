#include "netrig/loadgen/scenario/scenario.h"

#include <algorithm>

namespace netrig::loadgen {
std::uint32_t client_count(const Scenario& scenario) {
  std::uint32_t count = 0;
  for (const Cohort& cohort : scenario.cohorts) count += cohort.count;
  return count;
}

RunConditions conditions_of(const Scenario& scenario) {
  return {.slow_server = scenario.pace != ServerPace{}};
}

Duration nominal_rtt(const CohortLink& link) {
  return link.rtt ? link.rtt->from : sim::nominal_delay(link.up.delay) + sim::nominal_delay(link.down.delay);
}

Duration largest_rtt(const CohortLink& link) {
  if (!link.rtt) return sim::largest_delay(link.up) + sim::largest_delay(link.down);
  const Duration rtt = std::max(link.rtt->from, link.rtt->to);
  const auto one_way = [](sim::LinkConditions direction, Duration delay) {
    direction.delay = sim::ConstantDelay{delay};
    return sim::largest_delay(direction);
  };
  return one_way(link.up, rtt / 2) + one_way(link.down, rtt - rtt / 2);
}

Duration largest_rtt(const Scenario& scenario) {
  Duration largest{0};
  for (const Cohort& cohort : scenario.cohorts) largest = std::max(largest, largest_rtt(cohort.link));
  return largest;
}

Duration largest_jitter(const CohortLink& link) {
  return std::max(link.up.jitter, link.down.jitter);
}

// The chance that the sum of n exponential gaps exceeds 2 n + 20 of their means is at most
// e^-(n + 20) x (2 + 20/n)^n (Chernoff): below 2e-7 for every n.
Duration last_join(const Joining& join, std::uint32_t count) {
  if (!join.rate) return join.at + join.ramp + join.within;
  return join.at + join.rate->per * (2 * std::int64_t{count} + 20) / std::int64_t{join.rate->count};
}

Duration warm_up_max(const Scenario& scenario) {
  if (scenario.measure.warm_up_max) return *scenario.measure.warm_up_max;
  Duration round_trip{0};
  Duration last_joined{0};
  for (const Cohort& cohort : scenario.cohorts) {
    const Duration jitter = cohort.link.up.jitter + cohort.link.down.jitter;
    round_trip = std::max(round_trip, largest_rtt(cohort.link) + jitter);
    last_joined = std::max(last_joined, last_join(cohort.join, cohort.count));
  }
  return last_joined + 4 * round_trip + 10s;
}

std::uint64_t expected_sessions(const Scenario& scenario) {
  const Duration run = warm_up_max(scenario) + scenario.duration;
  std::uint64_t sessions = 0;
  for (const Cohort& cohort : scenario.cohorts) {
    const std::int64_t each = cohort.churn ? run / (cohort.churn->stay + cohort.churn->away) : 0;
    const std::int64_t cuts = cohort.storm && cohort.storm->every ? run / *cohort.storm->every : 0;
    sessions += std::uint64_t{cohort.count} * static_cast<std::uint64_t>(1 + each + cuts);
  }
  return sessions;
}

}  // namespace netrig::loadgen
