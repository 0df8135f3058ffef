// A game as loadgen runs it: a world that scenarios configure, behaviours that play it, and messages of its
// own. loadgen.h shows a whole one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/ids.h"
#include "netrig/core/base/random.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/world/v1_inputs.h"
#include "netrig/core/world/world.h"
#include "netrig/loadgen/game/behaviour.h"
#include "netrig/loadgen/game/script.h"

namespace netrig::loadgen {

class MapReader;  // scenario/scenario_fields.h: reads the keys below `world`

// The way to the players for a game's own messages. Those for players who are gone are dropped.
class PlayerMessages {
 public:
  virtual ~PlayerMessages() = default;
  virtual SendStatus send(ClientId client, const AppMessage& message) = 0;  // reliable, in order
  virtual SendStatus send_latest(ClientId client, std::uint16_t kind, Bytes bytes) = 0;
  virtual std::size_t broadcast(const AppMessage& message) = 0;  // reliable; to how many
};

// The part of a game that speaks: hears players and the world, and answers. Called between ticks, in the
// order in which things happened; what it sends leaves with the next flush.
class Referee {
 public:
  virtual ~Referee() = default;
  virtual void on_message(ClientId /*from*/, const AppMessage& /*message*/, PlayerMessages& /*players*/) {}
  // What World::step reported to its WorldEvents.
  virtual void on_event(std::uint16_t /*kind*/, EntityId /*subject*/, EntityId /*object*/,
                        PlayerMessages& /*players*/) {}
};

// One scenario's world, as its file configures it. Shared by runs: holds no state of any of them.
class Game {
 public:
  virtual ~Game() = default;
  virtual const Schema& schema() const = 0;
  // Each run's own. Draws from nothing but `random`; its schema equals schema().
  virtual std::unique_ptr<World> make_world(Random random) const = 0;
  // How a player's entity moves under an input: the world's own rule, for prediction by clients.
  virtual std::unique_ptr<Motion> make_motion() const = 0;
  // How its inputs are said in the venture dialect.
  virtual std::unique_ptr<V1Inputs> make_v1_inputs() const { return std::make_unique<V1Inputs>(); }
  // Nothing: the game sends no messages.
  virtual std::unique_ptr<Referee> make_referee() const { return nullptr; }
  // Entities that are there from the first tick and belong to no player.
  virtual std::uint64_t inhabitants() const { return 0; }
  // The same in words, for `inspect`: "3 NPCs, 4 pickups". Empty: nothing to say.
  virtual std::string description() const { return {}; }
};

// What a game is told besides its own keys.
struct GameSetting {
  std::uint32_t tick_rate_hz = 20;
};

// What a behaviour needs of its cohort besides its own code.
enum class PlaysFrom : std::uint8_t {
  itself,
  script,     // the cohort's `script`
  recording,  // the cohort's `inputs`
};

struct BehaviourKind {
  std::string name;     // as scenarios and reports spell it
  std::string meaning;  // one line, for editors and completion
  // `inputs_per_second`: how often act() will be called. Only of those that play from themselves.
  std::function<std::unique_ptr<Behaviour>(const Game& game, std::uint32_t inputs_per_second, Random random)>
      make;
  PlaysFrom plays_from = PlaysFrom::itself;
};

struct AppMessageKind {
  std::uint16_t kind = 0;  // AppMessage::kind, and the key of the latest-wins channel
  std::string name;        // in reports
};

struct GameKind {
  std::string name;     // the value of `world.game`
  std::string meaning;  // one line
  // Reads the keys below `world`; keys that it does not ask for are errors. Always answers: where a value is
  // missing or wrong, which the reader reports, with its default.
  std::function<std::shared_ptr<const Game>(MapReader& world, const GameSetting& setting)> decode;
  // The first is the default. "idle" and "replay" exist without being named here, and "scripted" of a game
  // with script_step.
  std::vector<BehaviourKind> behaviours;
  std::vector<AppMessageKind> messages;  // others are counted as "other"
  // Reads what a step of a script has a player do: the step's keys, besides `for`, `wait`, `repeat` and
  // `times`. Nothing: it read no key of its own, or one that is wrong, which the reader reports. Empty: the
  // game knows no scripts.
  std::function<ScriptAction(MapReader& step)> script_step{};
};

constexpr std::size_t kGameNameBytesMax = 32;  // of a game, a behaviour and a message: a column of the report
constexpr std::size_t kGamesMax = 32;
constexpr std::size_t kBehavioursMax = 64;       // of one game
constexpr std::size_t kAppMessageKindsMax = 64;  // of one game

// The games of one program. A scenario names one; without a name it gets the first. What is registered stays
// where it is as long as the registry lives, which is longer than any scenario.
class GameRegistry {
 public:
  GameRegistry();
  ~GameRegistry();
  GameRegistry(const GameRegistry&) = delete;
  GameRegistry& operator=(const GameRegistry&) = delete;

  // Asserts what only a programmer can get wrong: that names are 1 to 32 letters, digits, - or _ and unique,
  // that message kinds are unique, that functions are there, and the bounds above.
  void add(GameKind game);

  std::span<const std::unique_ptr<const GameKind>> all() const { return games_; }
  const GameKind* find(std::string_view name) const;  // nullptr: there is none

 private:
  std::vector<std::unique_ptr<const GameKind>> games_;
};

// nullptr: there is none. The default: the first that the game brought itself.
const BehaviourKind* find_behaviour(const GameKind& game, std::string_view name);
const BehaviourKind& default_behaviour(const GameKind& game);

}  // namespace netrig::loadgen
