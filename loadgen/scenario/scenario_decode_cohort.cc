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

const BehaviourKind* known_behaviour(Place place, const std::string& path, const std::string& name,
                                     const GameKind& game, Findings& findings) {
  if (const BehaviourKind* known = find_behaviour(game, name)) return known;
  std::vector<std::string_view> names;
  std::string list;
  for (const BehaviourKind& each : game.behaviours) {
    names.push_back(each.name);
    list.append(list.empty() ? "" : ", ").append(each.name);
  }
  findings.error(
      place, path + ": there is no behaviour \"" + name + "\" (" + list + ")" + did_you_mean(name, names));
  return nullptr;
}

// {wander: 75%, fight: 25%}
std::vector<BehaviourShare> decode_mix(const Node& node, const std::string& path, const GameKind& game,
                                       Findings& findings) {
  std::vector<BehaviourShare> mix;
  std::uint64_t sum_ppm = 0;
  bool complete = true;
  for (const Node& child : node.children) {
    BehaviourShare share;
    share.kind = known_behaviour(child.key_place, path, child.key, game, findings);
    const bool read = decode_percentage_ppm(child, path + "." + child.key, share.share_ppm, findings);
    complete = complete && share.kind != nullptr && read;
    if (share.kind == nullptr || !read) continue;
    sum_ppm += share.share_ppm;
    mix.push_back(share);
  }
  if (complete && sum_ppm != kPartsPerMillion)
    findings.error(node.place, path + ": the shares must add up to 100%, got " +
                                   text_of_percentage(static_cast<std::uint32_t>(sum_ppm)));
  return mix;
}

// Those of all games: which of them a game has, the schema of one value cannot tell.
void describe_behaviours(Shape& shape, const GameRegistry& games, Findings& findings) {
  ValueShape names{.type = ValueShape::Type::choice};
  for (const auto& game : games.all()) {
    for (const BehaviourKind& each : game->behaviours) {
      KeyShape& share = shape.map().key(each.name);
      if (!share.meaning.empty()) continue;  // of an earlier game too
      share.meaning = each.meaning;
      std::uint32_t share_ppm = 0;
      decode_percentage_ppm(share.shape->node(), "", share_ppm, findings);
      names.choices.push_back({each.name, each.meaning});
    }
  }
  shape.map().keys_min = 1;
  shape.add(std::move(names));
}

void decode_behaviour(MapReader& cohort, const GameRegistry& games, const GameKind& game,
                      std::vector<BehaviourShare>& into) {
  into = {{&default_behaviour(game), kPartsPerMillion}};
  const Node* node = cohort.find("behaviour", "What its clients do: one behaviour, or shares of several.");
  if (node == nullptr) return;
  if (node->kind == Node::Kind::described) return describe_behaviours(*node->shape, games, cohort.findings());
  const std::string path = cohort.path_of("behaviour");
  if (node->kind == Node::Kind::map) {
    into = decode_mix(*node, path, game, cohort.findings());
  } else if (expect_scalar(*node, path, "a behaviour or a mix such as {wander: 75%, fight: 25%}",
                           cohort.findings())) {
    const BehaviourKind* kind = known_behaviour(node->place, path, node->text, game, cohort.findings());
    if (kind != nullptr) into = {{kind, kPartsPerMillion}};
  }
}

Cohort decode_cohort(const Node& node, const std::string& path, const GameRegistry& games,
                     const GameKind& game, Findings& findings) {
  Cohort cohort;
  MapReader reader{node, path, findings};
  if (!reader.ok()) return cohort;
  reader.require({"name", "count"});
  reader.read_name("name", cohort.name, kCohortNameBytesMax, "-_", "In reports; unique.");
  reader.read_integer("count", cohort.count, {1, kClientsMax}, "Clients.");
  decode_behaviour(reader, games, game, cohort.behaviours);
  reader.read_frequency_hz("input_rate", cohort.input_rate_hz, {1, kTickRateHzLimit}, "Inputs a second.");
  decode_script(reader, games, game, cohort);
  decode_inputs(reader, cohort);
  if (const Node* link = reader.find("link", "The line between each client and the server."))
    cohort.link = decode_link(*link, path + ".link", findings);
  decode_presence(reader, cohort);
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

std::vector<Cohort> decode_cohorts(const Node& node, const std::string& path, const GameRegistry& games,
                                   const GameKind& game, Findings& findings) {
  std::vector<Cohort> cohorts;
  if (node.kind == Node::Kind::described) {
    ListShape& list = node.shape->list();
    list.elements_min = 1;
    list.elements_max = kCohortsMax;
    decode_cohort(list.element->node(), path + "[0]", games, game, findings);
    return cohorts;
  }
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
    cohorts.push_back(
        decode_cohort(node.children[i], path + "[" + std::to_string(i) + "]", games, game, findings));
  check_unique(cohorts, node, findings);
  return cohorts;
}

}  // namespace netrig::loadgen
