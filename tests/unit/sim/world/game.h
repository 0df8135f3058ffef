// An arena with what a server puts around it: a view of the present, a record of events, a tick counter.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/sim/world/arena.h"

namespace netrig::sim {

class View final : public RewindView {
 public:
  const Snapshot& at(Instant view_time) const override {
    asked = view_time;
    return shown;
  }
  Snapshot shown{column::count};
  mutable Instant asked{};
};

struct Event {
  ArenaEvent kind;
  EntityId subject;
  EntityId object;

  friend bool operator==(const Event&, const Event&) = default;
};

class EventLog final : public WorldEvents {
 public:
  void on_event(std::uint16_t kind, EntityId subject, EntityId object) override {
    events.push_back({static_cast<ArenaEvent>(kind), subject, object});
  }
  long count(ArenaEvent kind) const {
    return std::count_if(events.begin(), events.end(),
                         [&](const Event& event) { return event.kind == kind; });
  }
  std::vector<Event> events;
};

inline PlayerInput input_for(EntityId entity, const ArenaInput& input, Instant view_time = {}) {
  return {ClientId{entity.value}, entity, input.encode(), view_time};
}

inline ArenaInput fire_at(Angle aim) {
  return {.aim = aim, .fire = true};
}

inline ArenaConfig open_map() {
  ArenaConfig config;
  config.walls.emplace();
  return config;
}

// Adds an entity that stands still.
inline void show(Snapshot& snapshot, EntityId id, Vector at, std::int32_t health, std::int32_t health_max) {
  std::ranges::copy(std::array{at.x, at.y, 0, 0, health, health_max}, snapshot.add(id).begin());
}

class Game {
 public:
  explicit Game(const ArenaConfig& config, std::uint64_t seed = 1) : arena(config, Random{seed}) {}

  EntityId spawn() { return arena.spawn(ClientId{1}); }

  Snapshot capture() const {
    Snapshot snapshot{column::count};
    snapshot.reset(Tick{tick});
    arena.capture(snapshot);
    return snapshot;
  }
  std::vector<std::int32_t> row(EntityId id) const {
    const Snapshot snapshot = capture();
    const auto row = snapshot.row(snapshot.find(id));
    return {row.begin(), row.end()};
  }
  Vector place(EntityId id) const { return {row(id)[column::x], row(id)[column::y]}; }
  std::int32_t health(EntityId id) const { return row(id)[column::health]; }

  // As a server without lag compensation: the view is the present.
  void step(const std::vector<PlayerInput>& inputs = {}) {
    view.shown = capture();
    step_seeing(inputs);
  }
  // The view shows what the test has put there.
  void step_seeing(const std::vector<PlayerInput>& inputs) { arena.step(Tick{++tick}, inputs, view, log); }
  void idle(std::uint32_t ticks) {
    for (std::uint32_t i = 0; i < ticks; ++i) step();
  }
  // Shows `id`, alive and at full health, there and nobody else anywhere.
  void show_only(EntityId id, Vector at) {
    view.shown.reset(Tick{tick});
    show(view.shown, id, at, 1, 1);
  }

  Arena arena;
  View view;
  EventLog log;
  std::uint32_t tick = 0;
};

}  // namespace netrig::sim
