// A constant link from a recorded trace: what it is like in the long run, each row weighing as long as it
// lasts.
#pragma once

#include <cstdint>

#include "netrig/core/base/time.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/schedule.h"

namespace netrig::loadgen {

// Rows tell how delay changes from row to row; a link needs to know how it does from packet to packet. It is
// taken to forget evenly, at this distance of packets: 20 a second.
constexpr Duration kTracePacketInterval = 50ms;

struct TraceFit {
  sim::LinkConditions each_way;
  Duration mean_delay{0};
  double rank_correlation = 0;  // of one row's delay with the next
  Duration row_length{0};       // on average
  std::uint64_t rate_min = 0;   // bit/s; 0: the trace has none
  std::uint64_t rate_max = 0;
  double mean_loss = 0;
};

TraceFit fit_trace(const sim::LinkTrace& trace);

}  // namespace netrig::loadgen
