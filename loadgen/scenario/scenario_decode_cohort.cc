#include <algorithm>
#include <string>
#include <utility>

#include "netrig/core/base/random.h"
#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/scenario/scenario_fields.h"
#include "netrig/metrics/shape.h"

namespace netrig::loadgen {
namespace {

constexpr std::size_t kCohortsMax = metrics::kCohortsMax;
constexpr std::size_t kCohortNameBytesMax = 32;  // a column of the report
constexpr Bounds<Duration> kScheduleBounds{0ns, kScenarioDurationMax};

std::vector<std::string_view> behaviour_names() {
  std::vector<std::string_view> names;
  for (const auto& named : kBehaviourNames) names.push_back(named.name);
  return names;
}

std::optional<BehaviourKind> behaviour_called(std::string_view name) {
  for (const auto& named : kBehaviourNames)
    if (named.name == name) return named.value;
  return std::nullopt;
}

void report_behaviour(Place place, const std::string& path, const std::string& name, Findings& findings) {
  const std::vector<std::string_view> names = behaviour_names();
  findings.error(place, path + ": there is no behaviour \"" + name + "\" (idle, wander, fight)" +
                            did_you_mean(name, names));
}

// {wander: 75%, fight: 25%}
std::vector<BehaviourShare> decode_mix(const Node& node, const std::string& path, Findings& findings) {
  std::vector<BehaviourShare> mix;
  std::uint64_t sum_ppm = 0;
  bool complete = true;
  for (const Node& child : node.children) {
    BehaviourShare share;
    const std::optional<BehaviourKind> kind = behaviour_called(child.key);
    if (!kind) report_behaviour(child.key_place, path, child.key, findings);
    const bool read = decode_percentage_ppm(child, path + "." + child.key, share.share_ppm, findings);
    complete = complete && kind && read;
    if (!kind || !read) continue;
    share.kind = *kind;
    sum_ppm += share.share_ppm;
    mix.push_back(share);
  }
  if (complete && sum_ppm != kPartsPerMillion)
    findings.error(node.place, path + ": the shares must add up to 100%, got " +
                                   text_of_percentage(static_cast<std::uint32_t>(sum_ppm)));
  return mix;
}

void decode_behaviour(MapReader& cohort, std::vector<BehaviourShare>& into) {
  const Node* node = cohort.find("behaviour");
  if (node == nullptr) return;
  const std::string path = cohort.path_of("behaviour");
  if (node->kind == Node::Kind::map) {
    into = decode_mix(*node, path, cohort.findings());
  } else if (expect_scalar(*node, path, "a behaviour or a mix such as {wander: 75%, fight: 25%}",
                           cohort.findings())) {
    const std::optional<BehaviourKind> kind = behaviour_called(node->text);
    if (!kind) return report_behaviour(node->place, path, node->text, cohort.findings());
    into = {{*kind, kPartsPerMillion}};
  }
}

bool decode_schedule(MapReader& cohort, std::string_view key, bool at_required, Schedule& into) {
  const Node* node = cohort.find(key);
  if (node == nullptr) return false;
  MapReader reader{*node, cohort.path_of(key), cohort.findings()};
  if (!reader.ok()) return false;
  if (at_required) reader.require({"at"});
  reader.read_duration("at", into.at, kScheduleBounds);
  reader.read_duration("ramp", into.ramp, kScheduleBounds);
  reader.finish();
  return true;
}

// Both ramps are linear over the same clients in the same order, so comparing their ends compares everybody.
void check_leave(const Cohort& cohort, const Node& node, const std::string& path, Findings& findings) {
  if (!cohort.leave) return;
  const bool first_ok = cohort.leave->at > cohort.join.at;
  const bool last_ok = cohort.leave->at + cohort.leave->ramp > cohort.join.at + cohort.join.ramp;
  if (first_ok && last_ok) return;
  findings.error(node.place,
                 path + ": clients would leave before they have joined (" +
                     std::string{first_ok ? "the last" : "the first"} + " joins at " +
                     text_of_duration(first_ok ? cohort.join.at + cohort.join.ramp : cohort.join.at) + ")");
}

bool is_cohort_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kCohortNameBytesMax && std::ranges::all_of(name, is_allowed);
}

void decode_name(MapReader& reader, std::string& into) {
  if (!reader.read_text("name", into) || is_cohort_name(into)) return;
  reader.findings().error(
      reader.find("name")->place,
      reader.path_of("name") + ": must be 1 to 32 letters, digits, - or _, got \"" + into + "\"");
}

Cohort decode_cohort(const Node& node, const std::string& path, Findings& findings) {
  Cohort cohort;
  MapReader reader{node, path, findings};
  if (!reader.ok()) return cohort;
  reader.require({"name", "count"});
  decode_name(reader, cohort.name);
  reader.read_integer("count", cohort.count, {1, kClientsMax});
  decode_behaviour(reader, cohort.behaviours);
  reader.read_frequency_hz("input_rate", cohort.input_rate_hz, {1, kTickRateHzLimit});
  if (const Node* link = reader.find("link")) cohort.link = decode_link(*link, path + ".link", findings);
  decode_schedule(reader, "join", false, cohort.join);
  Schedule leave;
  if (decode_schedule(reader, "leave", true, leave)) {
    cohort.leave = leave;
    check_leave(cohort, *reader.find("leave"), path + ".leave", findings);
  }
  reader.finish();
  return cohort;
}

void check_unique(const std::vector<Cohort>& cohorts, const Node& node, Findings& findings) {
  for (std::size_t i = 0; i < cohorts.size(); ++i) {
    const auto end = cohorts.begin() + static_cast<std::ptrdiff_t>(i);
    if (cohorts[i].name.empty() || std::find_if(cohorts.begin(), end, [&](const Cohort& earlier) {
                                     return earlier.name == cohorts[i].name;
                                   }) == end)
      continue;
    findings.error(node.children[i].place, "clients[" + std::to_string(i) + "].name: there is a cohort \"" +
                                               cohorts[i].name + "\" already");
  }
}

}  // namespace

std::vector<Cohort> decode_cohorts(const Node& node, const std::string& path, Findings& findings) {
  std::vector<Cohort> cohorts;
  if (node.kind != Node::Kind::list) {
    if (node.kind != Node::Kind::invalid)
      findings.error(node.place,
                     path + ": expected a list of cohorts, got " + std::string{kind_text(node.kind)});
    return cohorts;
  }
  if (node.children.empty()) findings.error(node.place, path + ": needs at least one cohort");
  if (node.children.size() > kCohortsMax) {
    findings.error(node.place, path + ": more than " + std::to_string(kCohortsMax) + " cohorts");
    return cohorts;
  }
  for (std::size_t i = 0; i < node.children.size(); ++i)
    cohorts.push_back(decode_cohort(node.children[i], path + "[" + std::to_string(i) + "]", findings));
  check_unique(cohorts, node, findings);
  return cohorts;
}

}  // namespace netrig::loadgen
