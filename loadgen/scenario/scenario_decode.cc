#include "netrig/loadgen/scenario/scenario_decode.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "netrig/loadgen/scenario/scenario_decode_link.h"
#include "netrig/loadgen/scenario/scenario_fields.h"

namespace netrig::loadgen {
namespace {

constexpr std::uint32_t kPlayersMax = 10'000;  // of one server; beyond it full replication exceeds any link
constexpr std::size_t kNameBytesMax = 64;      // a file name and a baseline's key
constexpr std::size_t kThresholdsMax = 1'000;

constexpr std::array<NamedValue<MeasureAfter>, 2> kMeasureAfterNames{
    {{"all_joined", MeasureAfter::all_joined}, {"start", MeasureAfter::start}}};
constexpr std::array<NamedValue<Phase>, 2> kPhaseNames{{{"random", Phase::random}, {"zero", Phase::zero}}};

constexpr std::array<std::string_view, 4> kTcpKeys{"receive_window", "send_buffer", "initial_window",
                                                   "rto_min"};

void decode_version(MapReader& reader) {
  std::uint64_t version = kScenarioVersion;
  if (reader.is_described()) {
    reader.read_integer("netrig", version, {kScenarioVersion, kScenarioVersion},
                        "The version of this format.");
    return;
  }
  constexpr Bounds<std::uint64_t> kAny{0, std::numeric_limits<std::int64_t>::max()};
  if (!reader.read_integer("netrig", version, kAny) || version == kScenarioVersion) return;
  reader.error("netrig", "this loadgen reads scenarios of version 1, not " + std::to_string(version));
}

// The keys that mean something to a stream with windows.
void decode_tcp_options(MapReader& reader, sim::TcpOptions& into) {
  reader.read_size_bytes("receive_window", into.receive_window_bytes,
                         {sim::kReceiveWindowMin, sim::kReceiveWindowMax},
                         "cubic only: what may be sent and not acknowledged.");
  reader.read_size_bytes("send_buffer", into.send_buffer_bytes, {sim::kSendBufferMin, sim::kSendBufferMax},
                         "cubic only: what is unsent or unacknowledged, 40 B for each segment included.");
  reader.read_integer("initial_window", into.initial_window_segments, {1, sim::kInitialWindowMax},
                      "cubic only: segments of the first flight.");
  reader.read_duration("rto_min", into.timeout_min, {sim::kTimeoutMinMin, sim::kTimeoutMinMax},
                       "cubic only: how much a retransmission timeout is above the smoothed round trip at "
                       "least.");
}

void decode_stream(MapReader& root, Scenario& into) {
  const Node* node = root.find("stream", "How streams are modelled; required for tcp, tls, ws and wss.");
  if (node == nullptr) return;
  MapReader reader{*node, "stream", root.findings()};
  reader.require({"congestion"});
  sim::Congestion congestion{};
  if (reader.read_choice("congestion", congestion, kCongestionNames,
                         "What limits the modelled stream. ideal: no window ever does, and a loss costs one "
                         "retransmission. cubic: TCP."))
    into.congestion = congestion;
  decode_tcp_options(reader, into.tcp);
  if (into.congestion == sim::Congestion::ideal)
    for (const Node& child : node->children)
      if (std::ranges::find(kTcpKeys, child.key) != kTcpKeys.end())
        root.findings().error(child.key_place,
                              reader.path_of(child.key) +
                                  ": an ideal stream has no windows and no timeout; write it with "
                                  "congestion: cubic");
  reader.finish();
}

void decode_measure(MapReader& root, Measure& into) {
  const Node* node = root.find("measure", "When the measured window begins.");
  if (node == nullptr) return;
  MapReader reader{*node, "measure", root.findings()};
  reader.read_choice(
      "after", into.after, kMeasureAfterNames,
      "all_joined: when every client has had its first state. start: at once, joining included.");
  Duration warm_up_max{};
  if (reader.read_duration("warm_up_max", warm_up_max, {0ns, kScenarioDurationMax},
                           "When the window has not begun by then, it never does."))
    into.warm_up_max = warm_up_max;
  reader.finish();
}

void decode_stall(const Node& node, const std::string& path, std::vector<Stall>& into, Findings& findings) {
  MapReader reader{node, path, findings};
  if (!reader.ok()) return;
  Stall stall{.length = 1s};
  reader.require({"at", "for"});
  reader.read_duration("at", stall.at, {0ns, kScenarioDurationMax}, "When, from the start of the run.");
  reader.read_duration("for", stall.length, {1ms, kStallMax}, "How long.");
  Duration every{};
  if (reader.read_duration("every", every, {1ms, kScenarioDurationMax}, "Again after this time.")) {
    stall.every = every;
    if (every <= stall.length) findings.error(node.place, path + ": every must be longer than for");
  }
  reader.finish();
  into.push_back(stall);
}

void decode_stalls(MapReader& server, ServerPace& into) {
  const Node* node = server.find("stalls", "Times at which the server does nothing at all.");
  if (node == nullptr) return;
  const std::string path = server.path_of("stalls");
  if (node->kind == Node::Kind::described) {
    ListShape& list = node->shape->list();
    list.elements_max = kStallsMax;
    return decode_stall(list.element->node(), path + "[0]", into.stalls, server.findings());
  }
  if (node->kind != Node::Kind::list)
    return server.findings().error(node->place, path + ": expected a list such as [{at: 10s, for: 500ms}]");
  if (node->children.size() > kStallsMax)
    return server.findings().error(node->place, path + ": more than " + std::to_string(kStallsMax));
  for (std::size_t i = 0; i < node->children.size(); ++i)
    decode_stall(node->children[i], path + "[" + std::to_string(i) + "]", into.stalls, server.findings());
  if (!leaves_time(into))
    server.findings().error(node->place, path + ": together they leave the server no time to run");
}

void decode_tick_cost(MapReader& server, TickCost& into) {
  const Node* node = server.find("tick_cost", "How long a tick takes the server, under the virtual clock.");
  if (node == nullptr) return;
  MapReader reader{*node, server.path_of("tick_cost"), server.findings()};
  if (!reader.ok()) return;
  reader.read_duration("constant", into.constant, {0ns, kTickCostMax}, "Each tick.");
  reader.read_duration("per_entity", into.per_entity, {0ns, kTickCostEachMax}, "For each entity in it.");
  reader.read_duration("per_client", into.per_client, {0ns, kTickCostEachMax}, "For each client it goes to.");
  reader.finish();
}

void decode_server(MapReader& root, Scenario& scenario) {
  ServerConfig& into = scenario.server;
  const Node* node = root.find("server", "The server under test.");
  if (node == nullptr) return;
  MapReader reader{*node, "server", root.findings()};
  reader.read_frequency_hz("tick_rate", into.horizon.tick_rate_hz, {1, kTickRateHzLimit},
                           "Steps of the world, and states sent, a second.");
  reader.read_integer("players_max", into.players_max, {1, kPlayersMax}, "Seats.");
  reader.read_choice("replication", into.replication, kReplicationNames,
                     "full: every entity to everybody, every tick.");
  reader.read_choice("avatars", into.avatars, kAvatarsNames,
                     "When a player's entity exists: players_max of them from the first tick, from join to "
                     "leave, never, or never and inputs are acked all the same.");
  reader.read_duration("rtt_max", into.horizon.rtt_max, {1ms, kRttLimit},
                       "What histories, windows and timeouts are derived from; no link may exceed it.");
  reader.read_duration("jitter_max", into.horizon.jitter_max, {0ns, kRttLimit}, "The same for jitter.");
  reader.read_duration("resume_grace", into.resume_grace, {0ns, kResumeGraceMax},
                       "How long a player whose connection broke may come back as itself.");
  decode_stalls(reader, scenario.pace);
  decode_tick_cost(reader, scenario.pace.tick_cost);
  if (const Node* line =
          reader.find("uplink", "The line that everything for all clients leaves the server by."))
    scenario.uplink = decode_queue(*line, "server.uplink", root.findings());
  reader.finish();
}

// The keys of each game, when there is no world to decode.
void describe_worlds(MapReader& world, const GameRegistry& games, Findings& findings) {
  MapShape& keys = world.described();
  ValueShape names{.type = ValueShape::Type::choice};
  keys.selector = "game";
  for (const auto& game : games.all()) {
    names.choices.push_back({game->name, game->meaning});
    MapShape::Variant& variant = keys.variants.emplace_back();
    variant.selected = game->name;
    variant.shape = std::make_unique<Shape>();
    MapReader reader{variant.shape->node(), "world", findings};
    game->decode(reader, {});
  }
  KeyShape& game = keys.key("game");
  game.meaning = "Which game is played.";
  game.shape->add(std::move(names));
}

// The game that the file names, or the first.
const GameKind& selected_game(MapReader& world, const GameRegistry& games) {
  std::vector<NamedValue<const GameKind*>> choices;
  for (const auto& game : games.all()) choices.push_back({game->name, game.get()});
  const GameKind* selected = choices.front().value;
  world.read_choice("game", selected, choices);
  return *selected;
}

void decode_world(MapReader& root, const GameRegistry& games, Scenario& into) {
  const Node* written = root.find("world", "The game, and its own keys.");
  Node nothing{.kind = Node::Kind::map, .place = root.place()};
  MapReader reader{written != nullptr ? *written : nothing, "world", root.findings()};
  into.game_kind = games.all().front().get();
  if (reader.is_described()) return describe_worlds(reader, games, root.findings());
  if (reader.ok()) into.game_kind = &selected_game(reader, games);
  into.game = into.game_kind->decode(reader, {.tick_rate_hz = into.server.horizon.tick_rate_hz});
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

void describe_thresholds(MapShape& keys) {
  for (const metrics::Metric& metric : metrics::catalog::all()) {
    const ValueShape expression{.type = ValueShape::Type::text, .pattern = threshold_pattern(metric.kind)};
    KeyShape& key = keys.key(metric.name);
    key.meaning = metric.help;
    key.shape->add(expression);
    ListShape& several = key.shape->list();
    several.element->add(expression);
    several.elements_min = 1;
    several.elements_max = kThresholdsMax;
  }
}

// metric: expression, or metric: [expression, ...]
void decode_thresholds(MapReader& root, std::vector<Threshold>& into) {
  const Node* node = root.find("thresholds", "What must hold, by metric.");
  if (node == nullptr) return;
  Findings& findings = root.findings();
  if (!MapReader{*node, "thresholds", findings}.ok()) return;
  if (node->kind == Node::Kind::described) return describe_thresholds(node->shape->map());
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

Scenario decode_scenario(const Node& root, const GameRegistry& games, Findings& findings) {
  Scenario scenario;
  MapReader reader{root, "", findings};
  if (!reader.ok()) return scenario;
  reader.require({"netrig", "name", "duration", "clients"});
  decode_version(reader);
  reader.read_name("name", scenario.name, kNameBytesMax, "-_.", "In reports and baselines.");
  reader.read_text("description", scenario.description, "For people.");
  reader.read_integer("seed", scenario.seed, {0, std::numeric_limits<std::int64_t>::max()},
                      "Of everything random; --seed replaces it.");
  reader.read_duration("duration", scenario.duration, {kScenarioDurationMin, kScenarioDurationMax},
                       "The measured window; --duration replaces it.");
  reader.read_choice("transport", scenario.transport, kTransportNames,
                     "Whose headers and semantics are modelled. memory is lossless and has no headers.");
  decode_stream(reader, scenario);
  reader.read_bool("encryption", scenario.encryption,
                   "Of datagrams: each is sealed, 16 bytes more. Streams have tls and wss for it.");
  decode_measure(reader, scenario.measure);
  reader.read_choice("phase", scenario.phase, kPhaseNames,
                     "random: each client's clock starts anywhere and drifts. zero: ticks and links lock.");
  decode_server(reader, scenario);
  decode_world(reader, games, scenario);
  if (const Node* clients = reader.find("clients", "Cohorts of clients that are alike."))
    scenario.cohorts = decode_cohorts(*clients, "clients", games, *scenario.game_kind, findings);
  if (const Node* partitions = reader.find("partitions", "Groups of clients that are cut off for a while."))
    scenario.partitions = decode_partitions(*partitions, scenario.cohorts, findings);
  decode_thresholds(reader, scenario.thresholds);
  reader.finish();
  return scenario;
}

std::unique_ptr<const Shape> describe_scenario(const GameRegistry& games) {
  auto shape = std::make_unique<Shape>();
  Findings nothing_to_find;
  decode_scenario(shape->node(), games, nothing_to_find);
  return shape;
}

}  // namespace netrig::loadgen
