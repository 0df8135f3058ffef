#include "netrig/loadgen/arena/arena_game.h"

#include <memory>
#include <utility>

#include "netrig/loadgen/scenario/scenario_fields.h"
#include "netrig/sim/world/arena.h"
#include "netrig/sim/world/arena_v1.h"
#include "netrig/sim/world/movement.h"

namespace netrig::loadgen {
namespace {

constexpr std::int32_t kSideMmMin = 10'000;  // room for walls and bodies

// The delays that the arena counts in ticks are the same times at any tick rate: two shots a second, three
// seconds to respawn, a new heading each second, ten seconds until a pickup is back.
void follow_tick_rate(sim::ArenaConfig& config, std::uint32_t tick_rate_hz) {
  config.tick_rate_hz = tick_rate_hz;
  config.cooldown_ticks = std::max(1u, tick_rate_hz / 2);
  config.respawn_ticks = 3 * tick_rate_hz;
  config.npc_turn_ticks = tick_rate_hz;
  config.pickup_respawn_ticks = 10 * tick_rate_hz;
}

std::shared_ptr<const Game> decode(MapReader& world, const GameSetting& setting) {
  sim::ArenaConfig config;
  follow_tick_rate(config, setting.tick_rate_hz);
  world.read_integer("npcs", config.npcs, {0, sim::kArenaInhabitantsMax},
                     "Wandering entities nobody steers.");
  world.read_integer("pickups", config.pickups, {0, sim::kArenaInhabitantsMax},
                     "Health to collect; each is an entity.");
  world.read_length_mm("width", config.width_mm, {kSideMmMin, sim::kArenaSideMmMax}, "Of the map.");
  world.read_length_mm("height", config.height_mm, {kSideMmMin, sim::kArenaSideMmMax}, "Of the map.");
  if (const auto problem = sim::find_problem(config)) world.error(*problem);
  return std::make_shared<ArenaGame>(std::move(config));
}

}  // namespace

ArenaGame::ArenaGame(sim::ArenaConfig config)
    : config_(std::move(config)), schema_(sim::arena_schema(config_)) {}

std::unique_ptr<World> ArenaGame::make_world(Random random) const {
  return std::make_unique<sim::Arena>(config_, random);
}

std::unique_ptr<Motion> ArenaGame::make_motion() const {
  return std::make_unique<sim::ArenaMotion>(config_);
}

std::unique_ptr<V1Inputs> ArenaGame::make_v1_inputs() const {
  return std::make_unique<sim::ArenaV1Inputs>();
}

std::string ArenaGame::description() const {
  return std::to_string(config_.npcs) + " NPCs, " + std::to_string(config_.pickups) + " pickups";
}

void register_arena(GameRegistry& games) {
  games.add({.name = "arena",
             .meaning = "a small shooter with walls, NPCs and pickups",
             .decode = decode,
             .behaviours = arena_behaviours(),
             .messages = {},
             .script_step = decode_arena_step});
}

}  // namespace netrig::loadgen
