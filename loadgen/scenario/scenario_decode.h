// The tree of a scenario file to a Scenario: every key, its bounds and its default, then what the parts must
// agree on.
#pragma once

#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/loadgen/scenario/scenario_tree.h"

namespace netrig::loadgen {

// Reports everything that is wrong. The result may be run only when `findings` holds no error.
Scenario decode_scenario(const Node& root, Findings& findings);

// The value of `link`, at `path`.
CohortLink decode_link(const Node& node, const std::string& path, Findings& findings);

// The value of `clients`.
std::vector<Cohort> decode_cohorts(const Node& node, const std::string& path, Findings& findings);

// What the parts of a decoded scenario must agree on; `root` gives the places.
void check_scenario(const Scenario& scenario, Node& root, Findings& findings);

}  // namespace netrig::loadgen
