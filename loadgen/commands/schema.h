// `loadgen schema`: what a scenario may say, as JSON Schema 2020-12 for editors, from the decoder's own
// tables.
#pragma once

#include <string>

#include "netrig/loadgen/game/game.h"

namespace netrig::loadgen {

// Refuses unknown and missing keys, values of another type, words that are not on a list, quantities without
// their unit, and whole numbers out of bounds. What keys must agree on, and bounds of quantities with a unit,
// are for `validate`.
std::string scenario_schema(const GameRegistry& games);

}  // namespace netrig::loadgen
