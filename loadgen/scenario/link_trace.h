// Recorded conditions of a link, from a CSV file: `link: {trace: file.csv}`.
//
//   time,delay,rate,loss
//   0s,40ms,8Mbit/s,0%
//   1s,55ms,6Mbit/s,0.5%
//
// The first line names the columns, in any order: `time`, and at least one of `delay` (one way), `rate` and
// `loss`. Values are written as in a scenario, or without units when the column has one: `delay_ms`. Blank
// lines and lines that begin with # are skipped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/scenario/named_files.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/loadgen/scenario/scenario_tree.h"
#include "netrig/sim/network/schedule.h"

namespace netrig::loadgen {

constexpr std::size_t kTraceBytesMax = 8 * 1024 * 1024;  // 100,000 rows of 80 B
constexpr std::size_t kTraceErrorsMax = 10;              // more only hide the first

// Every error as "FILE:LINE: message".
Result<sim::LinkTrace, std::vector<std::string>> parse_link_trace(std::string_view text,
                                                                  const std::string& file);

// Reads the files that the scenario's links name into their schedules. Errors stand at the links in `root`.
void load_link_traces(Scenario& scenario, NamedFiles& files, Node& root, Findings& findings);
// The same of a link that no scenario holds, and that `node` says.
void load_traces_of(CohortLink& link, NamedFiles& files, const Node& node, Findings& findings);

}  // namespace netrig::loadgen
