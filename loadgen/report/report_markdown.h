// Results as Markdown for a comment on a pull request: the verdict first, then what it comes from, folded
// away where it is long.
#pragma once

#include <string>

#include "netrig/loadgen/report/run_result.h"
#include "netrig/loadgen/report/seeds_result.h"

namespace netrig::loadgen {

std::string result_markdown(const RunResult& result);
std::string result_markdown(const SeedsResult& result);

}  // namespace netrig::loadgen
