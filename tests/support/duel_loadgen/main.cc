// The second game's own loadgen: what a game's programmer writes, and nothing else. See loadgen/loadgen.h.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/loadgen/loadgen.h"
#include "netrig/tests/support/duel_world.h"

namespace netrig::testing {
namespace {

constexpr std::uint16_t kTaunt = 1;   // from a player, one byte: how rude
constexpr std::uint16_t kStruck = 2;  // to everybody: who, whom; u32 each
constexpr std::uint16_t kScores =
    3;  // latest-wins, to the player who taunted: how many taunts there were; u32

struct DuelSetting {
  std::uint32_t dummies = 0;  // fighters nobody steers
};

// Answers taunts with the count of them, and tells everybody who struck whom.
class DuelReferee final : public loadgen::Referee {
 public:
  void on_message(ClientId from, const AppMessage& message, loadgen::PlayerMessages& players) override {
    if (message.kind != kTaunt || message.bytes.size() != 1) return;
    std::array<std::uint8_t, 4> bytes{};
    store_little_endian(bytes.data(), ++taunts_);
    players.send_latest(from, kScores, bytes);
  }
  void on_event(std::uint16_t kind, EntityId subject, EntityId object,
                loadgen::PlayerMessages& players) override {
    if (kind != kDuelStruck) return;
    std::array<std::uint8_t, 8> bytes{};
    store_little_endian(bytes.data(), static_cast<std::uint32_t>(subject.value));
    store_little_endian(bytes.data() + 4, static_cast<std::uint32_t>(object.value));
    players.broadcast({kStruck, bytes});
  }

 private:
  std::uint32_t taunts_ = 0;
};

class Duel final : public loadgen::Game {
 public:
  explicit Duel(const DuelSetting& setting) : setting_(setting), schema_(duel_schema()) {}

  const Schema& schema() const override { return schema_; }
  std::unique_ptr<World> make_world(Random random) const override {
    auto world = std::make_unique<DuelWorld>(random);
    for (std::uint32_t i = 0; i < setting_.dummies; ++i) world->spawn(ClientId{});
    return world;
  }
  std::unique_ptr<Motion> make_motion() const override { return std::make_unique<DuelMotion>(); }
  std::unique_ptr<loadgen::Referee> make_referee() const override { return std::make_unique<DuelReferee>(); }
  std::uint64_t inhabitants() const override { return setting_.dummies; }
  std::string description() const override { return std::to_string(setting_.dummies) + " dummies"; }

 private:
  DuelSetting setting_;
  Schema schema_;
};

// Turns and changes lanes at random, strikes about once a second; whoever was struck taunts.
class Duellist final : public loadgen::Behaviour {
 public:
  Duellist(std::uint32_t inputs_per_second, Random random)
      : random_(random), once_a_second_(static_cast<std::uint32_t>(kPartsPerMillion / inputs_per_second)) {}

  std::optional<Input> act(const Snapshot&, EntityId own) override {
    own_ = own;
    DuelInput input;
    input.turn = static_cast<std::int16_t>(random_.between(-500, 500));
    input.sidestep = random_.chance(once_a_second_) ? static_cast<std::int8_t>(random_.between(-1, 1)) : 0;
    input.strike = random_.chance(once_a_second_);
    return input.encode();
  }
  void talk(const Snapshot&, EntityId, loadgen::ServerMessages& server) override {
    if (!insulted_) return;
    insulted_ = false;
    const std::array<std::uint8_t, 1> rudeness{static_cast<std::uint8_t>(random_.below(256))};
    server.send({kTaunt, rudeness});
  }
  void hear(const AppMessage& message) override {
    if (message.kind != kStruck || message.bytes.size() != 8) return;
    insulted_ = insulted_ || load_little_endian<std::uint32_t>(message.bytes.data() + 4) == own_.value;
  }

 private:
  Random random_;
  std::uint32_t once_a_second_;
  EntityId own_;
  bool insulted_ = false;
};

// Keeps its guard up and waits.
class Guard final : public loadgen::Behaviour {
 public:
  std::optional<Input> act(const Snapshot&, EntityId) override {
    DuelInput input;
    input.guard = true;
    return input.encode();
  }
};

// A step of a script: turns, changes lanes, strikes, guards.
loadgen::ScriptAction decode_step(loadgen::MapReader& reader) {
  struct Side {
    std::string_view name;
    std::int8_t value;
  };
  constexpr std::array<Side, 2> kSides{{{"left", -1}, {"right", 1}}};
  DuelInput input;
  std::uint32_t turn_mdeg = 0;
  bool any = reader.read_angle_mdeg("turn", turn_mdeg, {0, 90'000}, "With each input.");
  input.turn = static_cast<std::int16_t>(std::int64_t{turn_mdeg} * kDuelTurn / 360'000);
  any = reader.read_choice("sidestep", input.sidestep, kSides, "One lane with each input.") || any;
  any = reader.read_bool("strike", input.strike, "With each input.") || any;
  any = reader.read_bool("guard", input.guard, "Keeps its guard up.") || any;
  if (!any) return {};
  return [input](const loadgen::ScriptMoment&) { return input.encode(); };
}

std::shared_ptr<const loadgen::Game> decode(loadgen::MapReader& world, const loadgen::GameSetting&) {
  DuelSetting setting;
  world.read_integer("dummies", setting.dummies, {0, 1'000}, "Fighters nobody steers.");
  return std::make_shared<Duel>(setting);
}

loadgen::GameKind duel() {
  return {
      .name = "duel",
      .meaning = "fighters in lanes strike and guard",
      .decode = decode,
      .behaviours = {{"duellist", "changes lanes, strikes about once a second, taunts when struck",
                      [](const loadgen::Game&, std::uint32_t inputs_per_second, Random random) {
                        return std::make_unique<Duellist>(inputs_per_second, random);
                      }},
                     {"guard", "keeps its guard up",
                      [](const loadgen::Game&, std::uint32_t, Random) { return std::make_unique<Guard>(); }}},
      .messages = {{kTaunt, "taunt"}, {kStruck, "struck"}, {kScores, "taunts"}},
      .script_step = decode_step};
}

}  // namespace
}  // namespace netrig::testing

int main(int argc, char** argv) {
  netrig::loadgen::GameRegistry games;
  games.add(netrig::testing::duel());
  return netrig::loadgen::main(argc, argv, games);
}
