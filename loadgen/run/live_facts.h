// What a live view shows of a shard that runs.
#pragma once

#include "netrig/loadgen/report/live_view.h"
#include "netrig/loadgen/run/shard.h"

namespace netrig::loadgen {

LiveFacts live_facts(const Shard& shard, const Progress& progress);

}  // namespace netrig::loadgen
