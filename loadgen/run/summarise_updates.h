// What clients of the venture dialect saw, from a run's recorder.
#pragma once

#include <optional>

#include "netrig/loadgen/report/run_result.h"
#include "netrig/loadgen/run/run_mode.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/metrics/registry_view.h"

namespace netrig::loadgen {

// Nothing in the netrig dialect.
std::optional<UpdatesResult> summarise_updates(const Scenario& scenario, const RunMode& mode,
                                               const metrics::RegistryView& view);

}  // namespace netrig::loadgen
