// Result files back to results: of what result_json writes, the parts that comparing and summing up need.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "netrig/loadgen/report/run_result.h"
#include "netrig/loadgen/report/strict_json.h"

namespace netrig::loadgen {

// Identity, seed, verdict, digest, times, byte totals, metrics, thresholds, replay command. Strict: what is
// read is there once, with its type, and the totals add up. Nothing: `problem` names the place.
std::optional<RunResult> parse_result(std::string_view json, std::string& problem);

// The same from a part of a document, for those who have parsed it.
RunResult read_result(JsonReader& reader, const JsonPlace& root);

RunIdentity read_identity(JsonReader& reader, const JsonPlace& scenario);
TrafficTotals read_totals(JsonReader& reader, const JsonPlace& direction);

}  // namespace netrig::loadgen
