// Whether a file's bytes are text at all, before anything else reads them.
#pragma once

#include <string_view>

#include "netrig/loadgen/scenario/scenario_tree.h"

namespace netrig::loadgen {

// Reports the first byte that cannot stand in a text file; false then. `what`: "a scenario".
bool check_text(std::string_view text, std::string_view what, Findings& findings);

}  // namespace netrig::loadgen
