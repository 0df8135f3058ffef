#include "netrig/tests/support/duel_world.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "netrig/core/world/v1_columns.h"

namespace netrig {
namespace {

using testing::DuelInput;
using testing::DuelWorld;
namespace column = testing::duel_column;

class View final : public RewindView {
 public:
  const Snapshot& at(Instant) const override { return shown; }
  Snapshot shown{column::count};
};

// Somebody unguarded in a lane.
void show(Snapshot& snapshot, EntityId id, std::int32_t lane) {
  const auto row = snapshot.add(id);
  std::ranges::fill(row, 0);
  row[column::lane] = lane;
}

class Counter final : public WorldEvents {
 public:
  void on_event(std::uint16_t kind, EntityId, EntityId) override { struck += kind == testing::kDuelStruck; }
  int struck = 0;
};

Snapshot captured(const DuelWorld& world) {
  Snapshot snapshot{column::count};
  world.capture(snapshot);
  return snapshot;
}

void step(DuelWorld& world, std::uint32_t tick, std::vector<PlayerInput> inputs, const View& view,
          Counter& counter) {
  world.step(Tick{tick}, inputs, view, counter);
}

BOOST_AUTO_TEST_SUITE(duel_world)

BOOST_AUTO_TEST_CASE(uses_every_encoding_and_kind) {
  std::set<V1Encoding> encodings;
  std::set<FieldKind> kinds;
  const Schema schema = testing::duel_schema();
  for (const ComponentSpec& component : schema.components()) {
    for (const FieldSpec& field : component.fields) {
      encodings.insert(field.v1);
      kinds.insert(field.kind);
    }
  }
  BOOST_TEST(encodings.size() == 5u);
  BOOST_TEST(kinds.size() == 4u);
}

BOOST_AUTO_TEST_CASE(only_the_view_decides_a_strike) {
  DuelWorld world{Random{4}};
  const EntityId one = world.spawn(ClientId{1});
  const EntityId two = world.spawn(ClientId{2});
  View view;
  Counter counter;
  const Input strike = DuelInput{.strike = true}.encode();
  for (std::uint32_t tick = 1; tick <= 2; ++tick) step(world, tick, {}, view, counter);  // charges
  view.shown = captured(world);
  const std::int32_t lane = view.shown.row(0)[column::lane];
  Snapshot beside{column::count};
  show(beside, one, lane);
  show(beside, two, lane == 0 ? 1 : 0);
  view.shown = beside;
  step(world, 3, {{ClientId{1}, one, strike, {}}}, view, counter);
  BOOST_TEST(counter.struck == 0);

  for (std::uint32_t tick = 4; tick <= 5; ++tick) step(world, tick, {}, view, counter);
  Snapshot together{column::count};
  show(together, one, lane);
  show(together, two, lane);
  view.shown = together;
  step(world, 6, {{ClientId{1}, one, strike, {}}}, view, counter);
  BOOST_TEST(counter.struck == 1);
  BOOST_TEST(captured(world).row(0)[column::wins] == 1);
}

BOOST_AUTO_TEST_CASE(stays_within_its_schema_under_any_input) {
  DuelWorld world{Random{5}};
  const V1Columns columns{world.schema()};
  std::vector<EntityId> fighters;
  for (std::uint64_t i = 1; i <= 4; ++i) fighters.push_back(world.spawn(ClientId{i}));
  Random random{6};
  View view;
  Counter counter;
  std::vector<std::uint8_t> payload(columns.state_update_bytes());
  std::vector<std::int32_t> back(columns.columns());
  for (std::uint32_t tick = 1; tick <= 2000; ++tick) {
    view.shown = captured(world);
    std::vector<PlayerInput> inputs;
    for (const EntityId fighter : fighters) {
      std::vector<std::uint8_t> bytes(random.below(6) == 0 ? random.below(48) : 4);
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(4) + 254);
      inputs.push_back({ClientId{1}, fighter, Input{bytes}, {}});
    }
    step(world, tick, inputs, view, counter);
    const Snapshot now = captured(world);
    for (std::size_t i = 0; i < now.size(); ++i) {
      columns.write_all(now.row(i), payload);  // asserts the ranges
      BOOST_REQUIRE(columns.read_all(payload, back));
      BOOST_REQUIRE(std::equal(back.begin(), back.end(), now.row(i).begin()));
    }
  }
  BOOST_TEST(counter.struck > 0);
}

BOOST_AUTO_TEST_CASE(one_seed_gives_one_digest) {
  const auto digest = [](std::uint64_t seed, int spawned) {
    DuelWorld world{Random{seed}};
    for (int i = 0; i < spawned; ++i) world.spawn(ClientId{1});
    return world.digest();
  };
  BOOST_TEST(digest(1, 2) == digest(1, 2));
  BOOST_TEST(digest(1, 2) != digest(2, 2));
  BOOST_TEST(digest(1, 2) != digest(1, 3));
}

BOOST_AUTO_TEST_CASE(a_despawned_fighter_is_gone_and_its_id_is_not_reused) {
  DuelWorld world{Random{1}};
  const EntityId one = world.spawn(ClientId{1});
  world.despawn(one);
  world.despawn(EntityId{99});
  BOOST_TEST(captured(world).size() == 0u);
  BOOST_TEST(world.spawn(ClientId{1}).value == one.value + 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig
