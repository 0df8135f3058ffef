// What a live view shows of a run that goes on.
#pragma once

#include "netrig/loadgen/report/live_view.h"
#include "netrig/loadgen/run/run.h"

namespace netrig::loadgen {

// `now` has sources.
LiveFacts live_facts(const RunProgress& now, const Progress& progress);

}  // namespace netrig::loadgen
