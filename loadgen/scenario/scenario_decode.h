// The tree of a scenario file to a Scenario: every key, its bounds and its default, then what the parts must
// agree on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/loadgen/scenario/scenario_tree.h"
#include "netrig/loadgen/scenario/shape.h"

namespace netrig::loadgen {

// Reports everything that is wrong. The result may be run only when `findings` holds no error; with a root
// that is no map it has no game. `games` outlives it.
Scenario decode_scenario(const Node& root, const GameRegistry& games, Findings& findings);

// What decode_scenario would read.
std::unique_ptr<const Shape> describe_scenario(const GameRegistry& games);

// The value of `link`, at `path`.
CohortLink decode_link(const Node& node, const std::string& path, Findings& findings);

// The value of `clients`, whose behaviours are those of `game`.
std::vector<Cohort> decode_cohorts(const Node& node, const std::string& path, const GameRegistry& games,
                                   const GameKind& game, Findings& findings);

class MapReader;

// Of one cohort: when its clients come, go and come back.
void decode_presence(MapReader& cohort, Cohort& into);

// Of one cohort whose behaviours and input rate are decoded: its script, and what it replays.
void decode_script(MapReader& cohort, const GameRegistry& games, const GameKind& game, Cohort& into);
void decode_inputs(MapReader& cohort, Cohort& into);

// What the parts of a decoded scenario must agree on; `root` gives the places.
void check_scenario(const Scenario& scenario, Node& root, Findings& findings);

}  // namespace netrig::loadgen
