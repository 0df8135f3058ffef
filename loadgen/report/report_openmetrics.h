// A virtual run's time series as Prometheus would have scraped them: `--out openmetrics=FILE`, for
// `promtool tsdb create-blocks-from openmetrics FILE DIRECTORY`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "netrig/metrics/exposition.h"
#include "netrig/metrics/history.h"

namespace netrig::loadgen {

// Simulated time 0 in the file: a fixed moment, so that one seed gives one file. A block's edge (they are two
// hours long), far from anything that was really measured.
constexpr std::int64_t kOpenMetricsEpochSeconds = 1'577'836'800;
constexpr std::string_view kOpenMetricsEpoch = "2020-01-01T00:00:00Z";

// OpenMetrics 1.0 text. The same families and labels as the live endpoint, but for this machine's times; each
// series with job="netrig" and instance="SCENARIO/seed-N". `verdict` holds from the last row on.
std::string run_openmetrics(const metrics::RunInfo& info, const metrics::History& history,
                            std::optional<Instant> measuring_since, std::string_view verdict);

}  // namespace netrig::loadgen
