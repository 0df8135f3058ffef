#include "netrig/loadgen/commands/new_scenario.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>
#include <memory>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/io/output_file.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/scenario/shape.h"

namespace netrig::loadgen {
namespace {

constexpr std::size_t kNameBytesMax = 64;

constexpr std::string_view kHead =
    R"(# A scenario of netrig: who plays, over which lines, for how long, and what must hold.
# Check it with `{program} validate`, see what it would do with `{program} inspect`, run it with `{program} run`.
# Every key is explained in scenarios/README.md; editors can complete it from `{program} schema`.
)";

constexpr std::string_view kMinimal = R"(netrig: 1
name: {name}
duration: 10s
transport: tcp
stream: {{congestion: ideal}}
clients:
  - name: players
    count: 8
thresholds:
  desyncs_total: "count==0"
)";

constexpr std::string_view kStarter = R"({head}
netrig: 1                          # the version of this format
name: {name}
description: Eight players near, four far away.
seed: 1                            # of everything random: the same seed gives the same bytes
duration: 30s                      # measured; it begins when everybody has joined

transport: tcp                     # whose headers are modelled: memory tcp tls ws wss udp
stream: {{congestion: ideal}}        # no window ever limits it; real TCP does worse

server:
  tick_rate: 20Hz                  # steps of the world, and states sent, a second
  players_max: 32                  # seats

world:
  game: {game}
{world}
clients:
  - name: near
    count: 8
    behaviour: {behaviour}
{behaviours}    input_rate: 20Hz               # inputs a second
    link: {{rtt: 60ms, jitter: 5ms, loss: 0.1%}}
    join: {{ramp: 2s}}               # evenly over this time

  - name: far
    count: 4
    behaviour: {behaviour}
    link:
      rtt: {{from: 200ms, to: 800ms}}   # the first client has the least, the last the most
      jitter: 20ms
      loss: 1%
      down: {{rate: 4Mbit/s, queue: 64KiB}}
    join: {{ramp: 2s}}

# METRIC: "AGGREGATE OPERATOR NUMBER", the number in seconds, bytes or bytes a second.
# A threshold without a single sample fails.
thresholds:
  desyncs_total: "count==0"        # every client saw what the server sent
  errors_total: "count==0"
  input_to_ack_seconds: ["p(50)<1", "p(99)<3"]
  client_downstream_bytes_per_second: "max<100000"
)";

constexpr std::string_view kLag = R"({head}
netrig: 1
name: {name}
description: 32 players, from a line of 200 ms to one of 5 s.
duration: 60s
transport: tcp
stream: {{congestion: ideal}}        # no window ever limits it; real TCP does worse
server: {{tick_rate: 20Hz, players_max: 32}}
world: {{game: {game}}}
clients:
  - name: players
    count: 32
    behaviour: {behaviour}
    link: {{rtt: {{from: 200ms, to: 5s}}, jitter: 20ms, loss: 0.5%}}
    join: {{ramp: 5s}}
thresholds:
  desyncs_total: "count==0"
  errors_total: "count==0"
  input_to_ack_seconds: "p(50)<5"    # half of them are beyond 2.6 s
)";

// "  # npcs: whole number, 0 to 10000. Wandering entities nobody steers."
std::string world_keys(const Shape& scenario, std::string_view game) {
  std::string text;
  for (const KeyShape& key : scenario.as_map()->keys) {
    if (key.name != "world") continue;
    for (const MapShape::Variant& variant : key.shape->as_map()->variants) {
      if (variant.selected != game || variant.shape->as_map() == nullptr) continue;
      for (const KeyShape& own : variant.shape->as_map()->keys) {
        const std::vector<ValueShape>& values = own.shape->values();
        const std::string example = values.empty() || values.front().min.empty() ? "..." : values.front().min;
        text += fmt::format("  {:<33}# {}{}\n", fmt::format("# {}: {}", own.name, example), own.meaning,
                            values.empty() || values.front().max.empty()
                                ? ""
                                : fmt::format(" At most {}.", values.front().max));
      }
    }
  }
  return text;
}

std::string other_behaviours(const GameKind& game) {
  std::string text;
  for (const BehaviourKind& each : game.behaviours)
    text += fmt::format("    #   {:<27}# {}\n", each.name, each.meaning);
  return text;
}

// What a scenario may be called, after its file.
std::string name_of_file(const std::string& file) {
  std::string name = std::filesystem::path{file}.stem().string().substr(0, kNameBytesMax);
  for (char& c : name) {
    const bool is_allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                            c == '-' || c == '_' || c == '.';
    if (!is_allowed) c = '-';
  }
  return name.empty() ? "scenario" : name;
}

// In quotes where YAML would take it for something else: `null`, or what begins with a dash.
std::string name_yaml(const std::string& name) {
  std::string lower = name;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool is_plain = std::isalnum(static_cast<unsigned char>(name.front())) != 0 && lower != "null";
  return is_plain ? name : '"' + name + '"';
}

std::string with_program(std::string_view text, const std::string& program) {
  std::string result{text};
  constexpr std::string_view kMark = "{program}";
  for (std::size_t at = 0; (at = result.find(kMark, at)) != std::string::npos; at += program.size())
    result.replace(at, kMark.size(), program);
  return result;
}

}  // namespace

std::string scenario_text(std::string_view from, const std::string& name, const GameRegistry& games) {
  const GameKind& game = *games.all().front();
  const std::unique_ptr<const Shape> shape = describe_scenario(games);
  const auto filled = [&](std::string_view text) {
    return fmt::format(fmt::runtime(text), fmt::arg("head", kHead), fmt::arg("name", name_yaml(name)),
                       fmt::arg("game", game.name), fmt::arg("world", world_keys(*shape, game.name)),
                       fmt::arg("behaviour", default_behaviour(game).name),
                       fmt::arg("behaviours", other_behaviours(game)));
  };
  if (from == "starter") return filled(kStarter);
  if (from == "minimal") return filled(kMinimal);
  NETRIG_ASSERT(from == "lag");
  return filled(kLag);
}

ExitCode new_command(const NewOptions& options, const GameRegistry& games, std::ostream& out,
                     std::ostream& err) {
  const std::string text =
      with_program(scenario_text(options.from, name_of_file(options.file), games), options.program);
  if (const std::optional<OutputError> error = create_output(options.file, text)) {
    err << "loadgen: " << printable(options.file) << ": " << error->reason << "; nothing was written\n";
    return ExitCode::output_unwritable;
  }
  out << "wrote " << printable(options.file) << "; next: " << options.program << " run "
      << printable(options.file) << '\n';
  return ExitCode::pass;
}

}  // namespace netrig::loadgen
