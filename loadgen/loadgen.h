// loadgen for a game of one's own: the whole command line - run, validate, inspect, verify, compare, schema,
// completion - over the game's world, behaviours and messages. Link netrig::loadgen and write a main:
//
//   class Tag final : public loadgen::Game {                       // one scenario's world
//    public:
//     explicit Tag(std::uint32_t it) : it_(it), schema_(tag_schema()) {}
//     const Schema& schema() const override { return schema_; }
//     std::unique_ptr<World> make_world(Random random) const override {
//       return std::make_unique<TagWorld>(it_, random);
//     }
//     std::unique_ptr<Motion> make_motion() const override { return std::make_unique<TagMotion>(); }
//
//    private:
//     std::uint32_t it_;
//     Schema schema_;
//   };
//
//   std::shared_ptr<const loadgen::Game> decode(loadgen::MapReader& world, const loadgen::GameSetting&) {
//     std::uint32_t it = 1;                                        // world: {game: tag, it: 3}
//     world.read_integer("it", it, {1, 100}, "How many chase the others.");
//     return std::make_shared<Tag>(it);
//   }
//
//   int main(int argc, char** argv) {
//     loadgen::GameRegistry games;
//     games.add({.name = "tag",
//                .meaning = "everybody runs from whoever is it",
//                .decode = decode,
//                .behaviours = {{"run_away", "keeps its distance from whoever is it",
//                                [](const loadgen::Game&, std::uint32_t inputs_per_second, Random random) {
//                                  return std::make_unique<RunAway>(inputs_per_second, random);
//                                }}},
//                .messages = {{1, "caught"}}});
//     return loadgen::main(argc, argv, games);
//   }
//
// tests/support/duel_loadgen is such a program; arena/arena_game.cc registers the game that comes with
// netrig.
#pragma once

#include "netrig/loadgen/game/game.h"
#include "netrig/loadgen/scenario/scenario_fields.h"

namespace netrig::loadgen {

// Parses, runs one command, and returns the process's exit code. Prints help, and every error of usage with
// what to do about it (exit 2). `games` holds one at least. Never throws.
int main(int argc, char** argv, GameRegistry& games);

}  // namespace netrig::loadgen
