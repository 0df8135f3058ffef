#include <algorithm>
#include <memory>

#include "netrig/loadgen/arena/arena_game.h"
#include "netrig/sim/world/aim.h"
#include "netrig/sim/world/arena_input.h"

namespace netrig::loadgen {
namespace {

constexpr std::uint32_t kShotsPerSecond = 2;

class Wander : public Behaviour {
 public:
  Wander(std::uint32_t inputs_per_second, Random random)
      : random_(random), turn_ppm_(kPartsPerMillion / inputs_per_second) {
    turn();
  }

  std::optional<Input> act(const Snapshot&, EntityId) override { return stroll().encode(); }

 protected:
  // Straight ahead, with a new heading once a second on average.
  sim::ArenaInput stroll() {
    if (random_.chance(turn_ppm_)) turn();
    return sim::move_along(heading_);
  }
  Random& random() { return random_; }

 private:
  void turn() { heading_ = static_cast<sim::Angle>(random_.below(65'536)); }

  Random random_;
  std::uint32_t turn_ppm_;
  sim::Angle heading_ = 0;
};

class Fight final : public Wander {
 public:
  Fight(std::uint32_t inputs_per_second, Random random)
      : Wander(inputs_per_second, random),
        inputs_per_shot_(std::max(1u, inputs_per_second / kShotsPerSecond)),
        until_shot_(static_cast<std::uint32_t>(this->random().below(inputs_per_shot_))) {}

  std::optional<Input> act(const Snapshot& view, EntityId own) override {
    sim::ArenaInput input = stroll();
    const std::optional<sim::Angle> aim = sim::aim_at_nearest(view, own);
    if (aim) input.aim = *aim;
    input.fire = until_shot_ == 0 && aim.has_value();
    until_shot_ = until_shot_ == 0 ? inputs_per_shot_ - 1 : until_shot_ - 1;
    return input.encode();
  }

 private:
  std::uint32_t inputs_per_shot_;
  std::uint32_t until_shot_;
};

}  // namespace

std::vector<BehaviourKind> arena_behaviours() {
  return {{"wander", "walks, turns about once a second",
           [](const Game&, std::uint32_t inputs_per_second, Random random) -> std::unique_ptr<Behaviour> {
             return std::make_unique<Wander>(inputs_per_second, random);
           }},
          {"fight", "wanders, aims at the nearest other entity, shoots twice a second",
           [](const Game&, std::uint32_t inputs_per_second, Random random) -> std::unique_ptr<Behaviour> {
             return std::make_unique<Fight>(inputs_per_second, random);
           }}};
}

}  // namespace netrig::loadgen
