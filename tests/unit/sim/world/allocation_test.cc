#include <boost/test/unit_test.hpp>

#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/unit/sim/world/game.h"

namespace netrig::sim {
namespace {

class Uncounted final : public WorldEvents {
 public:
  void on_event(std::uint16_t, EntityId, EntityId) override {}
};

BOOST_AUTO_TEST_SUITE(allocation)

BOOST_AUTO_TEST_CASE(a_warm_arena_steps_captures_and_digests_without_the_heap) {
  ArenaConfig config;
  config.npcs = 4;
  config.pickups = 4;
  Arena arena{config, Random{1}};
  std::vector<PlayerInput> inputs;
  for (std::uint64_t i = 0; i < 32; ++i) inputs.push_back(input_for(arena.spawn(ClientId{i}), {}));
  View view;
  Uncounted events;
  arena.capture(view.shown);
  std::uint64_t before = 0;
  for (std::uint32_t tick = 1; tick <= 200; ++tick) {
    if (tick == 2) before = testing::allocations();
    for (PlayerInput& input : inputs) {
      const auto angle = static_cast<Angle>(input.entity.value * 7'000 + tick * 500);
      ArenaInput next = move_along(angle);
      next.fire = true;
      input.input = next.encode();
    }
    arena.step(Tick{tick}, inputs, view, events);
    view.shown.reset(Tick{tick});
    arena.capture(view.shown);
    BOOST_REQUIRE(arena.digest() != 0);
  }
  BOOST_TEST(testing::allocations() - before == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::sim
