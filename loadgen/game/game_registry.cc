#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/game/game.h"

namespace netrig::loadgen {
namespace {

class Idle final : public Behaviour {
 public:
  std::optional<Input> act(const Snapshot&, EntityId) override { return std::nullopt; }
};

BehaviourKind idle() {
  return {"idle", "connected, sends no input",
          [](const Game&, std::uint32_t, Random) { return std::make_unique<Idle>(); }};
}

// Those that every game has, unless it brings its own of that name.
void add_common(GameKind& game) {
  const auto add = [&](BehaviourKind kind) {
    if (find_behaviour(game, kind.name) == nullptr) game.behaviours.push_back(std::move(kind));
  };
  add(idle());
  if (game.script_step) add({"scripted", "does what the cohort's script says", {}, PlaysFrom::script});
  add({"replay", "plays the inputs of an earlier run again", {}, PlaysFrom::recording});
}

bool is_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kGameNameBytesMax && std::ranges::all_of(name, is_allowed);
}

template <class Range, class Projection>
bool all_differ(const Range& range, Projection projection) {
  for (auto one = range.begin(); one != range.end(); ++one)
    if (std::ranges::find(range.begin(), one, std::invoke(projection, *one), projection) != one) return false;
  return true;
}

void check(const GameKind& game) {
  NETRIG_ASSERT(is_name(game.name) && game.decode);
  NETRIG_ASSERT(game.behaviours.size() <= kBehavioursMax &&
                all_differ(game.behaviours, &BehaviourKind::name));
  for (const BehaviourKind& behaviour : game.behaviours)
    NETRIG_ASSERT(is_name(behaviour.name) && (behaviour.make || behaviour.plays_from != PlaysFrom::itself));
  NETRIG_ASSERT(game.messages.size() <= kAppMessageKindsMax);
  NETRIG_ASSERT(all_differ(game.messages, &AppMessageKind::kind) &&
                all_differ(game.messages, &AppMessageKind::name));
  for (const AppMessageKind& message : game.messages)
    NETRIG_ASSERT(is_name(message.name) && message.name != "other");
}

}  // namespace

GameRegistry::GameRegistry() = default;
GameRegistry::~GameRegistry() = default;

void GameRegistry::add(GameKind game) {
  NETRIG_ASSERT(games_.size() < kGamesMax && find(game.name) == nullptr);
  add_common(game);
  check(game);
  games_.push_back(std::make_unique<const GameKind>(std::move(game)));
}

const GameKind* GameRegistry::find(std::string_view name) const {
  for (const auto& game : games_)
    if (game->name == name) return game.get();
  return nullptr;
}

const BehaviourKind* find_behaviour(const GameKind& game, std::string_view name) {
  const auto found = std::ranges::find(game.behaviours, name, &BehaviourKind::name);
  return found == game.behaviours.end() ? nullptr : &*found;
}

const BehaviourKind& default_behaviour(const GameKind& game) {
  return game.behaviours.front();
}

}  // namespace netrig::loadgen
