#include "netrig/loadgen/scenario/scenario.h"

#include <algorithm>
#include <variant>

namespace netrig::loadgen {
namespace {

constexpr int kNormalSigmasMax = 4;  // the simulator's normal draws end below 4 standard deviations

Duration largest_delay(const sim::Delay& delay) {
  if (const auto* constant = std::get_if<sim::ConstantDelay>(&delay)) return constant->delay;
  if (const auto* uniform = std::get_if<sim::UniformDelay>(&delay)) return uniform->max;
  const auto& normal = std::get<sim::NormalDelay>(delay);
  return normal.mean + kNormalSigmasMax * normal.stddev;
}

}  // namespace

std::uint32_t client_count(const Scenario& scenario) {
  std::uint32_t count = 0;
  for (const Cohort& cohort : scenario.cohorts) count += cohort.count;
  return count;
}

Duration largest_rtt(const CohortLink& link) {
  if (link.rtt) return std::max(link.rtt->from, link.rtt->to);
  return largest_delay(link.up.delay) + largest_delay(link.down.delay);
}

Duration largest_rtt(const Scenario& scenario) {
  Duration largest{0};
  for (const Cohort& cohort : scenario.cohorts) largest = std::max(largest, largest_rtt(cohort.link));
  return largest;
}

Duration largest_jitter(const CohortLink& link) {
  return std::max(link.up.jitter, link.down.jitter);
}

Duration warm_up_max(const Scenario& scenario) {
  if (scenario.measure.warm_up_max) return *scenario.measure.warm_up_max;
  Duration round_trip{0};
  Duration last_join{0};
  for (const Cohort& cohort : scenario.cohorts) {
    const Duration jitter = cohort.link.up.jitter + cohort.link.down.jitter;
    round_trip = std::max(round_trip, largest_rtt(cohort.link) + jitter);
    last_join = std::max(last_join, cohort.join.at + cohort.join.ramp);
  }
  return last_join + 4 * round_trip + 10s;
}

}  // namespace netrig::loadgen
