// How fast the server under test is, under a clock that nothing takes time of: when it stands still, and how
// long a tick takes it. Plain values and integer arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netrig/core/base/time.h"

namespace netrig::loadgen {

constexpr std::size_t kStallsMax = 64;
constexpr Duration kStallMax = std::chrono::minutes{10};
constexpr Duration kTickCostMax = 10s;        // of a tick
constexpr Duration kTickCostEachMax = 100ms;  // of an entity or a client in it; 65,535 of them fit in 63 bits

// The server does nothing at all: a garbage collection, a blocking write, a machine that swaps.
struct Stall {
  Duration at{};                    // from the start of the run
  Duration length{};                // above 0
  std::optional<Duration> every{};  // again after this time, longer than `length`

  friend bool operator==(const Stall&, const Stall&) = default;
};

struct TickCost {
  Duration constant{};
  Duration per_entity{};
  Duration per_client{};  // for each state sent

  friend bool operator==(const TickCost&, const TickCost&) = default;
};

struct ServerPace {
  std::vector<Stall> stalls;
  TickCost tick_cost;

  friend bool operator==(const ServerPace&, const ServerPace&) = default;
};

// Together the repeating stalls leave the server some time: the loops below end.
bool leaves_time(const ServerPace& pace);

// When the server can do something, from `at` on: `at` unless it stands still then.
Instant running_from(const ServerPace& pace, Instant at);

// When work that takes `work` of running time is done, begun at `from`, when the server runs.
Instant finished_at(const ServerPace& pace, Instant from, Duration work);

// How long `ticks` of so many entities take, and sending the newest to so many clients.
Duration work_of(const TickCost& cost, std::uint32_t ticks, std::uint64_t entities, std::uint64_t clients);

}  // namespace netrig::loadgen
