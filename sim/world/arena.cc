#include "netrig/sim/world/arena.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/base/digest.h"

namespace netrig::sim {
namespace {

constexpr std::size_t kSpotsTried = 64;  // bounds the work of spawning into a crowd

Vector place_of(std::span<const std::int32_t> row) {
  return {row[column::x], row[column::y]};
}

bool are_within(Vector a, Vector b, std::int64_t distance_mm) {
  const std::int64_t dx = std::int64_t{a.x} - b.x;
  const std::int64_t dy = std::int64_t{a.y} - b.y;
  return dx * dx + dy * dy <= distance_mm * distance_mm;
}

void tell(WorldEvents& events, ArenaEvent kind, EntityId subject, EntityId object = {}) {
  events.on_event(static_cast<std::uint16_t>(kind), subject, object);
}

}  // namespace

Arena::Arena(ArenaConfig config, Random random)
    : config_(std::move(config)),
      random_(random),
      schema_(arena_schema(config_)),
      motion_(config_),
      walls_(walls_of(config_)),
      spots_(free_spots(config_)) {
  for (std::uint32_t i = 0; i < config_.pickups; ++i) {
    Entity& pickup = add(Kind::pickup);
    pickup.row[column::health] = config_.pickup_health;
    pickup.row[column::health_max] = 0;
  }
  for (std::uint32_t i = 0; i < config_.npcs; ++i) add(Kind::npc);
}

EntityId Arena::spawn(ClientId) {
  return add(Kind::avatar).id;
}

Arena::Entity& Arena::add(Kind kind) {
  const EntityId id{++last_id_};
  const Vector spot = draw_spot(id);
  entities_.push_back({.id = id,
                       .row = {spot.x, spot.y, 0, 0, config_.health_max, config_.health_max},
                       .ready_at = 0,
                       .respawn_at = 0,
                       .heading = static_cast<Angle>(random_.fork("arena.heading", id.value).bits()),
                       .kind = kind});
  hits_.reserve(entities_.capacity());  // one hit each in a tick, as the cooldown is one tick at least
  return entities_.back();
}

// The first spot from a drawn one on that is not taken, or the drawn one when the map is crowded there.
Vector Arena::draw_spot(EntityId id) const {
  const auto drawn = static_cast<std::size_t>(random_.fork("arena.spot", id.value).below(spots_.size()));
  for (std::size_t i = 0; i < kSpotsTried; ++i) {
    const Vector spot = spots_[(drawn + i) % spots_.size()];
    if (!is_taken(spot)) return spot;
  }
  return spots_[drawn];
}

bool Arena::is_taken(Vector spot) const {
  return std::any_of(entities_.begin(), entities_.end(), [&](const Entity& entity) {
    return are_within(spot, place_of(entity.row), 2 * std::int64_t{config_.radius_mm});
  });
}

Arena::Entity* Arena::find(EntityId id) {
  const auto found =
      std::lower_bound(entities_.begin(), entities_.end(), id,
                       [](const Entity& entity, EntityId wanted) { return entity.id < wanted; });
  return found != entities_.end() && found->id == id ? &*found : nullptr;
}

void Arena::despawn(EntityId entity) {
  if (const Entity* found = find(entity)) entities_.erase(entities_.begin() + (found - entities_.data()));
}

void Arena::step(Tick tick, std::span<const PlayerInput> inputs, const RewindView& rewind,
                 WorldEvents& events) {
  NETRIG_ASSERT(std::ranges::is_sorted(inputs, {}, &PlayerInput::entity));
  tick_ = tick.value;
  hits_.clear();
  auto input = inputs.begin();
  for (Entity& entity : entities_) {
    while (input != inputs.end() && input->entity < entity.id) ++input;
    const auto own = input;
    while (input != inputs.end() && input->entity == entity.id) ++input;
    if (!is_target(entity.row)) continue;
    motion_.step(entity.row, entity.kind == Kind::npc ? wander(entity) : obey(entity, {own, input}, rewind));
  }
  strike(events);
  respawn(events);
  take_pickups(events);
}

// What to move by: the last input that makes sense. Shots are fired on the way.
ArenaInput Arena::obey(Entity& entity, std::span<const PlayerInput> inputs, const RewindView& rewind) {
  ArenaInput steering;
  for (const PlayerInput& input : inputs) {
    const auto decoded = ArenaInput::decode(input.input);
    if (!decoded) continue;
    steering = *decoded;
    if (decoded->fire && tick_ >= entity.ready_at) shoot(entity, decoded->aim, rewind.at(input.view_time));
  }
  return steering;
}

void Arena::shoot(Entity& shooter, Angle aim, const Snapshot& seen) {
  shooter.ready_at = tick_ + config_.cooldown_ticks;
  const Ray ray{place_of(shooter.row), aim, config_.shot_range_mm};
  const EntityId target = first_struck(shooter, ray, seen);
  if (target != EntityId{}) hits_.push_back({.shooter = shooter.id, .target = target});
}

// The nearest of those who were alive when the shooter saw them and are alive now; among equals the lowest
// id.
EntityId Arena::first_struck(const Entity& shooter, const Ray& ray, const Snapshot& seen) {
  NETRIG_ASSERT(seen.size() == 0 || seen.columns() == column::count);
  EntityId struck;
  Ray::Reach nearest = reach_of_walls(ray);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const auto row = seen.row(i);
    if (seen.id(i) == shooter.id || !is_target(row)) continue;
    const auto reach = ray.reach_circle(place_of(row), config_.radius_mm);
    if (!reach || *reach > nearest || (*reach == nearest && struck != EntityId{})) continue;
    const Entity* present = find(seen.id(i));
    if (present == nullptr || !is_target(present->row)) continue;
    struck = present->id;
    nearest = *reach;
  }
  return struck;
}

Ray::Reach Arena::reach_of_walls(const Ray& ray) const {
  Ray::Reach nearest = INT64_MAX;
  for (const Wall& wall : walls_)
    if (const auto reach = ray.reach_wall(wall)) nearest = std::min(nearest, *reach);
  return nearest;
}

// Walks at half speed and turns to a new heading at intervals, each NPC at its own tick of the interval.
ArenaInput Arena::wander(Entity& npc) const {
  if ((tick_ + npc.id.value) % config_.npc_turn_ticks == 0)
    npc.heading = static_cast<Angle>(random_.fork("arena.npc", npc.id.value).fork("turn", tick_).bits());
  ArenaInput input = move_along(static_cast<Angle>(npc.heading));
  input.move_x /= 2;
  input.move_y /= 2;
  return input;
}

void Arena::strike(WorldEvents& events) {
  for (const Hit& hit : hits_) {
    Entity& target = *find(hit.target);
    std::int32_t& health = target.row[column::health];
    if (health == 0) continue;  // an earlier shot of this tick was enough
    health = std::max(0, health - config_.shot_damage);
    tell(events, ArenaEvent::hit, hit.shooter, hit.target);
    if (health > 0) continue;
    target.row[column::vx] = 0;
    target.row[column::vy] = 0;
    target.respawn_at = tick_ + config_.respawn_ticks;
    tell(events, ArenaEvent::kill, hit.shooter, hit.target);
  }
}

void Arena::respawn(WorldEvents& events) {
  for (Entity& entity : entities_) {
    if (entity.row[column::health] > 0 || tick_ < entity.respawn_at) continue;
    const bool is_body = entity.kind != Kind::pickup;
    entity.row[column::health] = is_body ? config_.health_max : config_.pickup_health;
    tell(events, ArenaEvent::respawn, entity.id);
  }
}

void Arena::take_pickups(WorldEvents& events) {
  for (Entity& pickup : entities_) {
    if (pickup.kind != Kind::pickup) return;
    if (pickup.row[column::health] == 0) continue;
    const auto takes = [&](const Entity& entity) {
      return is_target(entity.row) && entity.row[column::health] < entity.row[column::health_max] &&
             are_within(place_of(entity.row), place_of(pickup.row), config_.radius_mm);
    };
    const auto taker = std::find_if(entities_.begin(), entities_.end(), takes);
    if (taker == entities_.end()) continue;
    std::int32_t& health = taker->row[column::health];
    health = std::min(taker->row[column::health_max], health + pickup.row[column::health]);
    pickup.row[column::health] = 0;
    pickup.respawn_at = tick_ + config_.pickup_respawn_ticks;
    tell(events, ArenaEvent::pickup, taker->id, pickup.id);
  }
}

void Arena::capture(Snapshot& out) const {
  NETRIG_ASSERT(out.columns() == column::count);
  for (const Entity& entity : entities_) std::ranges::copy(entity.row, out.add(entity.id).begin());
}

std::uint64_t Arena::digest() const {
  static_assert(std::has_unique_object_representations_v<Entity>);
  RunningDigest digest;
  digest.add(tick_);
  digest.add(last_id_);
  digest.add(random_.fork("arena.digest", 0).bits());  // the seed: it decides what comes
  digest.add(digest_of(
      {reinterpret_cast<const std::uint8_t*>(entities_.data()), entities_.size() * sizeof(Entity)}));
  return digest.value();
}

}  // namespace netrig::sim
