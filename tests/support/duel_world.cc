#include "netrig/tests/support/duel_world.h"

#include <algorithm>
#include <array>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/base/bytes.h"
#include "netrig/core/base/digest.h"

namespace netrig::testing {
namespace {

constexpr std::size_t kInputBytes = 4;
constexpr std::uint8_t kStrikeButton = 1;
constexpr std::uint8_t kGuardButton = 2;

std::int32_t drawn_letters(Random& random, int count) {
  std::uint32_t letters = 0;
  for (int i = 0; i < count; ++i) letters |= static_cast<std::uint32_t>(random.between('a', 'z')) << (8 * i);
  return static_cast<std::int32_t>(letters);
}

}  // namespace

Schema duel_schema() {
  const FieldSpec heading{.name = "heading",
                          .kind = FieldKind::angle,
                          .max = kDuelTurn - 1,
                          .v1 = V1Encoding::u32,
                          .extrapolation = Extrapolation::linear};
  const FieldSpec lane{.name = "lane", .min = -kDuelLaneMax, .max = kDuelLaneMax, .v1 = V1Encoding::i8};
  const FieldSpec name{.name = "name", .kind = FieldKind::bytes, .v1 = V1Encoding::bytes, .bytes_size = 6};
  const FieldSpec wins{.name = "wins", .max = kDuelWinsMax, .v1 = V1Encoding::u64};
  const FieldSpec guarding{.name = "guarding", .kind = FieldKind::flag, .max = 1, .v1 = V1Encoding::u32};
  const FieldSpec charge{.name = "current", .max = kDuelChargeMax, .steps_per_unit = 100};
  auto schema = Schema::make({{.name = "pose", .fields = {heading, lane}},
                              {.name = "tag", .fields = {name}},
                              {.name = "score", .fields = {wins, guarding}},
                              {.name = "charge", .fields = {charge}}});
  NETRIG_ASSERT(schema.has_value() && schema->columns() == duel_column::count);
  return *schema;
}

Input DuelInput::encode() const {
  std::array<std::uint8_t, kInputBytes> bytes{};
  store_little_endian(bytes.data(), static_cast<std::uint16_t>(turn));
  bytes[2] = static_cast<std::uint8_t>(sidestep);
  bytes[3] = static_cast<std::uint8_t>((strike ? kStrikeButton : 0) | (guard ? kGuardButton : 0));
  return Input{bytes};
}

std::optional<DuelInput> DuelInput::decode(const Input& input) {
  const Bytes bytes = input.bytes();
  if (bytes.size() != kInputBytes || bytes[3] > (kStrikeButton | kGuardButton)) return std::nullopt;
  const auto sidestep = static_cast<std::int8_t>(bytes[2]);
  if (sidestep < -1 || sidestep > 1) return std::nullopt;
  return DuelInput{.turn = static_cast<std::int16_t>(load_little_endian<std::uint16_t>(bytes.data())),
                   .sidestep = sidestep,
                   .strike = (bytes[3] & kStrikeButton) != 0,
                   .guard = (bytes[3] & kGuardButton) != 0};
}

void DuelMotion::step(std::span<std::int32_t> entity, const Input& input) const {
  NETRIG_ASSERT(entity.size() == duel_column::count);
  const DuelInput asked = DuelInput::decode(input).value_or(DuelInput{});
  std::int32_t& lane = entity[duel_column::lane];
  std::int32_t& charge = entity[duel_column::charge];
  entity[duel_column::heading] = (entity[duel_column::heading] + asked.turn + kDuelTurn) % kDuelTurn;
  lane = std::clamp(lane + asked.sidestep, -kDuelLaneMax, kDuelLaneMax);
  entity[duel_column::guarding] = asked.guard ? 1 : 0;
  charge = std::min(charge + kDuelChargePerTick, kDuelChargeMax);
}

EntityId DuelWorld::spawn(ClientId) {
  const EntityId id{++last_id_};
  Random random = random_.fork("duel.spawn", id.value);
  std::vector<std::int32_t> row(duel_column::count);
  row[duel_column::heading] = static_cast<std::int32_t>(random.below(kDuelTurn));
  row[duel_column::lane] = static_cast<std::int32_t>(random.between(-kDuelLaneMax, kDuelLaneMax));
  row[duel_column::name] = drawn_letters(random, 4);
  row[duel_column::name + 1] = drawn_letters(random, 2);
  fighters_.push_back({.id = id, .row = std::move(row)});
  return id;
}

void DuelWorld::despawn(EntityId entity) {
  std::erase_if(fighters_, [&](const Fighter& fighter) { return fighter.id == entity; });
}

void DuelWorld::step(Tick tick, std::span<const PlayerInput> inputs, const RewindView& rewind,
                     WorldEvents& events) {
  tick_ = tick;
  for (Fighter& fighter : fighters_) {
    Input steering;
    for (const PlayerInput& input : inputs) {
      const auto decoded = DuelInput::decode(input.input);
      if (input.entity != fighter.id || !decoded) continue;
      steering = input.input;
      if (decoded->strike) strike(fighter, rewind.at(input.view_time), events);
    }
    DuelMotion{}.step(fighter.row, steering);
  }
}

// Wins a point when a strike is charged and the view shows somebody else unguarded in the fighter's lane.
void DuelWorld::strike(Fighter& fighter, const Snapshot& seen, WorldEvents& events) const {
  std::int32_t& charge = fighter.row[duel_column::charge];
  if (charge < kDuelStrikeCost) return;
  charge -= kDuelStrikeCost;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const auto row = seen.row(i);
    const bool is_open =
        row[duel_column::lane] == fighter.row[duel_column::lane] && row[duel_column::guarding] == 0;
    if (seen.id(i) == fighter.id || !is_open) continue;
    std::int32_t& wins = fighter.row[duel_column::wins];
    wins = std::min(wins + 1, kDuelWinsMax);
    return events.on_event(kDuelStruck, fighter.id, seen.id(i));
  }
}

void DuelWorld::capture(Snapshot& out) const {
  for (const Fighter& fighter : fighters_) std::ranges::copy(fighter.row, out.add(fighter.id).begin());
}

// The whole state is what capture() shows, and what the next spawn depends on.
std::uint64_t DuelWorld::digest() const {
  Snapshot state{duel_column::count};
  state.reset(tick_);
  capture(state);
  RunningDigest digest;
  digest.add(state.digest());
  digest.add(last_id_);
  digest.add(random_.fork("duel.digest", 0).bits());
  return digest.value();
}

}  // namespace netrig::testing
