// What one tick of a world of 32 entities costs: the figures to watch are ns per field of V1Columns and per
// step.
#include <array>
#include <benchmark/benchmark.h>

#include "netrig/core/world/v1_columns.h"
#include "netrig/sim/world/aim.h"
#include "netrig/sim/world/arena.h"

namespace netrig::sim {
namespace {

class Silent final : public WorldEvents {
 public:
  void on_event(std::uint16_t, EntityId, EntityId) override {}
};

class View final : public RewindView {
 public:
  const Snapshot& at(Instant) const override { return shown; }
  Snapshot shown{column::count};
};

constexpr std::uint32_t kScriptTicks = 200;

// 32 players who turn once a second, a quarter of whom shoot twice a second. Their inputs are made
// beforehand.
struct Match {
  Match() {
    std::vector<EntityId> players;
    for (std::uint64_t i = 1; i <= 32; ++i) players.push_back(arena.spawn(ClientId{i}));
    for (std::uint32_t at = 0; at < kScriptTicks; ++at) {
      for (const EntityId player : players) {
        ArenaInput input =
            move_along(static_cast<Angle>(player.value * 9'000 + (at + player.value) / 20 * 7'000));
        input.fire = player.value % 4 == 0 && at % 10 == player.value % 10;
        script[at].push_back({ClientId{player.value}, player, input.encode(), {}});
      }
    }
    arena.capture(view.shown);
  }
  void step() {
    ++tick;
    arena.step(Tick{tick}, script[tick % kScriptTicks], view, events);
    view.shown.reset(Tick{tick});
    arena.capture(view.shown);
  }

  Arena arena{{}, Random{1}};
  std::array<std::vector<PlayerInput>, kScriptTicks> script;
  View view;
  Silent events;
  std::uint32_t tick = 0;
};

void step_and_capture(benchmark::State& state) {
  Match match;
  for (auto _ : state) match.step();
}
BENCHMARK(step_and_capture);

void world_digest(benchmark::State& state) {
  const Match match;
  for (auto _ : state) benchmark::DoNotOptimize(match.arena.digest());
}
BENCHMARK(world_digest);

void snapshot_digest(benchmark::State& state) {
  const Match match;
  for (auto _ : state) benchmark::DoNotOptimize(match.view.shown.digest());
}
BENCHMARK(snapshot_digest);

struct Rows {
  Rows() {
    for (int i = 0; i < 40; ++i) match.step();
    for (std::size_t i = 0; i < match.view.shown.size(); ++i) {
      payloads.emplace_back(columns.state_update_bytes());
      columns.write_all(match.view.shown.row(i), payloads.back());
    }
  }
  Match match;
  V1Columns columns{match.arena.schema()};
  std::vector<std::vector<std::uint8_t>> payloads;
};

void count_fields(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * 32 * static_cast<std::int64_t>(column::count));
}

void write_32_rows(benchmark::State& state) {
  Rows rows;
  for (auto _ : state) {
    for (std::size_t i = 0; i < rows.payloads.size(); ++i)
      rows.columns.write_all(rows.match.view.shown.row(i), rows.payloads[i]);
    benchmark::ClobberMemory();
  }
  count_fields(state);
}
BENCHMARK(write_32_rows);

void read_32_rows(benchmark::State& state) {
  const Rows rows;
  std::vector<std::int32_t> row(column::count);
  for (auto _ : state) {
    for (const auto& payload : rows.payloads) benchmark::DoNotOptimize(rows.columns.read_all(payload, row));
    benchmark::ClobberMemory();
  }
  count_fields(state);
}
BENCHMARK(read_32_rows);

void aim(benchmark::State& state) {
  std::int32_t dx = 12'345;
  for (auto _ : state) benchmark::DoNotOptimize(aim_at(dx++, 6'789));
}
BENCHMARK(aim);

}  // namespace
}  // namespace netrig::sim

BENCHMARK_MAIN();
