// A timeline as the result has it: columns with names.
#pragma once

#include <optional>

#include "netrig/loadgen/report/run_result.h"
#include "netrig/metrics/timeline.h"

namespace netrig::loadgen {

// Nothing when no second of the measured window is over.
std::optional<SeriesResult> summarise_series(const metrics::Timeline& timeline, const metrics::Shape& shape);

}  // namespace netrig::loadgen
