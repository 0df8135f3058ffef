// How a scenario is run: what the command line decides and the scenario does not.
#pragma once

#include <string>

#include "netrig/loadgen/report/threshold.h"
#include "netrig/loadgen/run/dialect.h"
#include "netrig/loadgen/scenario/scenario.h"

namespace netrig::loadgen {

struct RunMode {
  bool real_clock = false;
  std::string target{};  // the URL of a server elsewhere; empty: the run has its own
  Dialect dialect = Dialect::netrig;
};

// Whether the scenario's links are modelled: always under the virtual clock, and under the real one when any
// of them does something to a packet.
bool simulates_network(const Scenario& scenario, const RunMode& mode);

// What decides which thresholds apply.
RunConditions conditions_of(const Scenario& scenario, const RunMode& mode);

// Under the real clock a tester that is late measures itself: unless the scenario says how late it may be, it
// is held to generator_lateness_seconds p(99)<0.005.
void expect_punctuality(Scenario& scenario);
// The one that it is held to, and that a proxy is.
Threshold punctuality();

}  // namespace netrig::loadgen
