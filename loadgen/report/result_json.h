// The parts that result files and baselines have in common. Key names are a contract.
#pragma once

#include <functional>
#include <string_view>

#include "netrig/loadgen/io/json_writer.h"
#include "netrig/loadgen/report/run_result.h"

namespace netrig::loadgen {

constexpr std::string_view kResultSchema = "netrig-result/1";
constexpr std::string_view kResultsSchema = "netrig-results/1";  // {"schema", "runs": [result, ...]}
constexpr std::string_view kBaselineSchema = "netrig-baseline/1";

// Members of an object that the caller has begun.
// `write_seeds` writes "seed" or "seeds", which stand between the other members.
void write_identity(JsonWriter& json, const RunIdentity& identity, const std::function<void()>& write_seeds);
void write_breakdown(JsonWriter& json, const TrafficTotals& totals);  // by_message and by_layer

}  // namespace netrig::loadgen
