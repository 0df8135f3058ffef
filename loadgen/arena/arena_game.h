// The built-in game: the arena of sim/world. What it brings is registered as any other game's; nothing else
// in loadgen knows it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netrig/loadgen/game/game.h"
#include "netrig/sim/world/arena_config.h"

namespace netrig::loadgen {

class ArenaGame final : public Game {
 public:
  explicit ArenaGame(sim::ArenaConfig config);

  const Schema& schema() const override { return schema_; }
  std::unique_ptr<World> make_world(Random random) const override;
  std::unique_ptr<Motion> make_motion() const override;
  std::unique_ptr<V1Inputs> make_v1_inputs() const override;
  std::uint64_t inhabitants() const override { return std::uint64_t{config_.npcs} + config_.pickups; }
  std::string description() const override;

  const sim::ArenaConfig& config() const { return config_; }

 private:
  sim::ArenaConfig config_;
  Schema schema_;
};

std::vector<BehaviourKind> arena_behaviours();
// What a step of a script has a player do; see scenarios/README.md.
ScriptAction decode_arena_step(MapReader& reader);
void register_arena(GameRegistry& games);

}  // namespace netrig::loadgen
