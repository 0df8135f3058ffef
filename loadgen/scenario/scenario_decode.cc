#include "netrig/loadgen/scenario/scenario_decode.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "netrig/loadgen/scenario/scenario_fields.h"

namespace netrig::loadgen {
namespace {

constexpr std::uint32_t kPlayersMax = 10'000;  // of one server; beyond it full replication exceeds any link
constexpr std::size_t kNameBytesMax = 64;      // a file name and a baseline's key
constexpr std::size_t kThresholdsMax = 1'000;
constexpr std::int32_t kArenaSideMmMin = 10'000;  // room for walls and bodies

constexpr std::array<NamedValue<MeasureAfter>, 2> kMeasureAfterNames{
    {{"all_joined", MeasureAfter::all_joined}, {"start", MeasureAfter::start}}};
constexpr std::array<NamedValue<Phase>, 2> kPhaseNames{{{"random", Phase::random}, {"zero", Phase::zero}}};

enum class Game : std::uint8_t { arena };
constexpr std::array<NamedValue<Game>, 1> kGameNames{{{"arena", Game::arena}}};

void decode_version(MapReader& reader) {
  std::uint64_t version = kScenarioVersion;
  constexpr Bounds<std::uint64_t> kAny{0, std::numeric_limits<std::int64_t>::max()};
  if (!reader.read_integer("netrig", version, kAny) || version == kScenarioVersion) return;
  reader.findings().error(
      reader.find("netrig")->place,
      "netrig: this loadgen reads scenarios of version 1, not " + std::to_string(version));
}

bool is_scenario_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, is_allowed);
}

void decode_name(MapReader& reader, std::string& into) {
  if (!reader.read_text("name", into) || is_scenario_name(into)) return;
  reader.findings().error(reader.find("name")->place,
                          "name: must be 1 to 64 letters, digits, - _ or ., got \"" + into + "\"");
}

void decode_stream(MapReader& root, std::optional<sim::Congestion>& into) {
  const Node* node = root.find("stream");
  if (node == nullptr) return;
  MapReader reader{*node, "stream", root.findings()};
  reader.require({"congestion"});
  sim::Congestion congestion{};
  if (reader.read_choice("congestion", congestion, kCongestionNames)) into = congestion;
  reader.finish();
}

void decode_measure(MapReader& root, Measure& into) {
  const Node* node = root.find("measure");
  if (node == nullptr) return;
  MapReader reader{*node, "measure", root.findings()};
  reader.read_choice("after", into.after, kMeasureAfterNames);
  Duration warm_up_max{};
  if (reader.read_duration("warm_up_max", warm_up_max, {0ns, kScenarioDurationMax}))
    into.warm_up_max = warm_up_max;
  reader.finish();
}

void decode_server(MapReader& root, ServerConfig& into) {
  const Node* node = root.find("server");
  if (node == nullptr) return;
  MapReader reader{*node, "server", root.findings()};
  reader.read_frequency_hz("tick_rate", into.horizon.tick_rate_hz, {1, kTickRateHzLimit});
  reader.read_integer("players_max", into.players_max, {1, kPlayersMax});
  reader.read_choice("replication", into.replication, kReplicationNames);
  reader.read_choice("avatars", into.avatars, kAvatarsNames);
  reader.read_duration("rtt_max", into.horizon.rtt_max, {1ms, kRttLimit});
  reader.read_duration("jitter_max", into.horizon.jitter_max, {0ns, kRttLimit});
  reader.finish();
}

// The delays that the arena counts in ticks are the same times at any tick rate: two shots a second, three
// seconds to respawn, a new heading each second, ten seconds until a pickup is back.
void follow_tick_rate(sim::ArenaConfig& world, std::uint32_t tick_rate_hz) {
  world.tick_rate_hz = tick_rate_hz;
  world.cooldown_ticks = std::max(tick_rate_hz / 2, 1u);
  world.respawn_ticks = 3 * tick_rate_hz;
  world.npc_turn_ticks = tick_rate_hz;
  world.pickup_respawn_ticks = 10 * tick_rate_hz;
}

void decode_world(MapReader& root, sim::ArenaConfig& into) {
  const Node* node = root.find("world");
  if (node == nullptr) return;
  MapReader reader{*node, "world", root.findings()};
  Game game{};
  reader.read_choice("game", game, kGameNames);
  reader.read_integer("npcs", into.npcs, {0, sim::kArenaInhabitantsMax});
  reader.read_integer("pickups", into.pickups, {0, sim::kArenaInhabitantsMax});
  reader.read_length_mm("width", into.width_mm, {kArenaSideMmMin, sim::kArenaSideMmMax});
  reader.read_length_mm("height", into.height_mm, {kArenaSideMmMin, sim::kArenaSideMmMax});
  reader.finish();
}

void decode_threshold(const Node& node, const metrics::Metric& metric, const std::string& path,
                      std::vector<Threshold>& into, Findings& findings) {
  std::string expression;
  if (!expect_scalar(node, path, "an expression such as \"p(95)<100000\"", findings)) return;
  if (!decode_text(node, path, expression, findings)) return;
  const auto parsed = parse_threshold(expression, metric.kind);
  if (!parsed) return findings.error(node.place, path + ": " + parsed.error());
  into.push_back({&metric, expression, *parsed});
}

const metrics::Metric* known_metric(const Node& node, Findings& findings) {
  const metrics::Metric* metric = metrics::catalog::find(node.key);
  if (metric != nullptr) return metric;
  const std::optional<std::string_view> meant = metrics::catalog::nearest(node.key);
  findings.error(node.key_place, "thresholds: there is no metric \"" + node.key + "\"" +
                                     (meant ? "; did you mean \"" + std::string{*meant} + "\"?" : ""));
  return nullptr;
}

// metric: expression, or metric: [expression, ...]
void decode_thresholds(MapReader& root, std::vector<Threshold>& into) {
  const Node* node = root.find("thresholds");
  if (node == nullptr) return;
  Findings& findings = root.findings();
  if (!MapReader{*node, "thresholds", findings}.ok()) return;
  for (const Node& child : node->children) {
    const metrics::Metric* metric = known_metric(child, findings);
    if (metric == nullptr || child.kind == Node::Kind::invalid) continue;
    const std::string path = "thresholds." + child.key;
    if (child.kind != Node::Kind::list) {
      decode_threshold(child, *metric, path, into, findings);
      continue;
    }
    if (child.children.empty()) findings.error(child.place, path + ": needs at least one expression");
    for (const Node& item : child.children) decode_threshold(item, *metric, path, into, findings);
  }
  if (into.size() > kThresholdsMax)
    findings.error(node->key_place, "thresholds: more than " + std::to_string(kThresholdsMax));
}

}  // namespace

Scenario decode_scenario(const Node& root, Findings& findings) {
  Scenario scenario;
  MapReader reader{root, "", findings};
  if (!reader.ok()) return scenario;
  reader.require({"netrig", "name", "duration", "clients"});
  decode_version(reader);
  decode_name(reader, scenario.name);
  reader.read_text("description", scenario.description);
  reader.read_integer("seed", scenario.seed, {0, std::numeric_limits<std::int64_t>::max()});
  reader.read_duration("duration", scenario.duration, {kScenarioDurationMin, kScenarioDurationMax});
  reader.read_choice("transport", scenario.transport, kTransportNames);
  decode_stream(reader, scenario.congestion);
  decode_measure(reader, scenario.measure);
  reader.read_choice("phase", scenario.phase, kPhaseNames);
  decode_server(reader, scenario.server);
  decode_world(reader, scenario.world);
  follow_tick_rate(scenario.world, scenario.server.horizon.tick_rate_hz);
  if (const Node* clients = reader.find("clients"))
    scenario.cohorts = decode_cohorts(*clients, "clients", findings);
  decode_thresholds(reader, scenario.thresholds);
  reader.finish();
  return scenario;
}

}  // namespace netrig::loadgen
