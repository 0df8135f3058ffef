#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/report/result_json.h"
#include "netrig/loadgen/report/result_parse.h"
#include "netrig/loadgen/report/strict_json.h"

namespace netrig::loadgen {
namespace {

Baseline read_baseline_document(JsonReader& reader, const JsonPlace& root) {
  const JsonPlace scenario = reader.member(root, "scenario");
  const JsonPlace seeds = reader.member(scenario, "seeds");
  const JsonPlace bytes = reader.member(root, "bytes");
  Baseline baseline{.identity = read_identity(reader, scenario),
                    .seeds = {},
                    .downstream = read_totals(reader, reader.member(bytes, "downstream")),
                    .upstream = read_totals(reader, reader.member(bytes, "upstream"))};
  for (const Json& seed : reader.array(seeds)) baseline.seeds.push_back(reader.whole({&seed, seeds.path}));
  if (baseline.seeds.empty()) reader.refuse(seeds, "is empty");
  std::ranges::sort(baseline.seeds);
  return baseline;
}

std::vector<RunResult> read_runs(JsonReader& reader, const JsonPlace& root) {
  const JsonPlace runs = reader.member(root, "runs");
  std::vector<RunResult> results;
  for (const Json& run : reader.array(runs))
    results.push_back(read_result(reader, {&run, fmt::format("runs[{}]", results.size())}));
  if (results.empty()) reader.refuse(runs, "is empty");
  return results;
}

}  // namespace

Result<Baseline, std::string> parse_baseline(std::string_view json) {
  StrictParser parser;
  const Json document = parser.parse(json);
  if (!parser.problem().empty()) return parser.problem();
  JsonReader reader;
  const JsonPlace root{&document, ""};
  const JsonPlace schema_place = reader.member(root, "schema");
  const std::string schema = reader.text(schema_place);
  Baseline baseline;
  std::vector<RunResult> runs;
  if (schema == kBaselineSchema)
    baseline = read_baseline_document(reader, root);
  else if (schema == kResultSchema)
    runs = {read_result(reader, root)};
  else if (schema == kResultsSchema)
    runs = read_runs(reader, root);
  else
    reader.refuse(schema_place, fmt::format("is \"{}\", not {}, {} or {}", printable(schema), kBaselineSchema,
                                            kResultSchema, kResultsSchema));
  if (!reader.problem().empty()) return reader.problem();
  if (runs.empty()) return baseline;
  return make_baseline(runs);
}

}  // namespace netrig::loadgen
