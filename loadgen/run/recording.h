// What a run records, by cohort and client.
#pragma once

#include "netrig/loadgen/scenario/plan.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/metrics/recorder/recorder.h"

namespace netrig::loadgen {

inline metrics::RecorderConfig recorder_config(const Scenario& scenario, const Plan& plan) {
  metrics::RecorderConfig config;
  config.transport = scenario.transport;
  for (const Cohort& cohort : scenario.cohorts) config.cohorts.push_back(cohort.name);
  for (const ClientPlan& client : plan.clients) config.cohort_of_client.push_back(client.cohort);
  return config;
}

}  // namespace netrig::loadgen
