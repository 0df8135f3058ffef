// A second, minimal game, with components that no other has: it proves that core carries any game as its
// schema describes it, and it uses every encoding and kind of field. Fighters turn, change lanes, guard and
// strike whoever they saw unguarded in their lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/core/world/world.h"

namespace netrig::testing {

// pose: heading u32, an angle; lane i8. tag: name, 6 bytes. score: wins u64; guarding u32, a flag.
// charge: current f64 in hundredths.
Schema duel_schema();

namespace duel_column {
inline constexpr std::size_t heading = 0;
inline constexpr std::size_t lane = 1;
inline constexpr std::size_t name = 2;  // and 3
inline constexpr std::size_t wins = 4;
inline constexpr std::size_t guarding = 5;
inline constexpr std::size_t charge = 6;
inline constexpr std::size_t count = 7;
}  // namespace duel_column

constexpr std::int32_t kDuelTurn = 65'536;  // a full turn of `heading`
constexpr std::int32_t kDuelLaneMax = 3;
constexpr std::int32_t kDuelWinsMax = 1'000'000'000;
constexpr std::int32_t kDuelChargeMax = 10'000;
constexpr std::int32_t kDuelChargePerTick = 500;
constexpr std::int32_t kDuelStrikeCost = 1'000;

constexpr std::uint16_t kDuelStruck = 1;  // the event's kind: subject won a point from object

// turn i16 | sidestep i8, -1 to 1 | buttons u8 (bit 0 strike, bit 1 guard, the others 0), little-endian.
struct DuelInput {
  std::int16_t turn = 0;
  std::int8_t sidestep = 0;
  bool strike = false;
  bool guard = false;

  Input encode() const;
  static std::optional<DuelInput> decode(const Input& input);
};

class DuelMotion final : public Motion {
 public:
  void step(std::span<std::int32_t> entity, const Input& input) const override;
};

class DuelWorld final : public World {
 public:
  explicit DuelWorld(Random random) : random_(random), schema_(duel_schema()) {}

  const Schema& schema() const override { return schema_; }
  EntityId spawn(ClientId client) override;  // in a drawn lane, with a drawn heading and name
  void despawn(EntityId entity) override;
  void step(Tick tick, std::span<const PlayerInput> inputs, const RewindView& rewind,
            WorldEvents& events) override;
  void capture(Snapshot& out) const override;
  std::uint64_t digest() const override;

 private:
  struct Fighter {
    EntityId id;
    std::vector<std::int32_t> row;
  };

  void strike(Fighter& fighter, const Snapshot& seen, WorldEvents& events) const;

  Random random_;
  Schema schema_;
  std::vector<Fighter> fighters_;  // by id
  Tick tick_;
  std::uint64_t last_id_ = 0;
};

}  // namespace netrig::testing
