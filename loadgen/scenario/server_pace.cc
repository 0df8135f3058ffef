#include "netrig/loadgen/scenario/server_pace.h"

#include <algorithm>

namespace netrig::loadgen {
namespace {

// When the occurrence of the stall that covers `at` ends; `at` when none does.
Instant end_of(const Stall& stall, Instant at) {
  Duration since = at - (Instant{} + stall.at);
  if (since < Duration{0}) return at;
  if (stall.every) since %= *stall.every;
  return since < stall.length ? at + (stall.length - since) : at;
}

// The first begin of the stall after `at`, or never.
Instant next_begin(const Stall& stall, Instant at) {
  const Instant first = Instant{} + stall.at;
  if (first > at) return first;
  if (!stall.every) return Instant::max();
  return first + ((at - first) / *stall.every + 1) * *stall.every;
}

}  // namespace

bool leaves_time(const ServerPace& pace) {
  constexpr std::int64_t kMillion = 1'000'000;
  std::int64_t busy_ppm = 0;
  for (const Stall& stall : pace.stalls)
    if (stall.every) busy_ppm += stall.length.count() / 1'000 * kMillion / (stall.every->count() / 1'000) + 1;
  return busy_ppm < kMillion;
}

Instant running_from(const ServerPace& pace, Instant at) {
  for (bool moved = true; moved;) {
    moved = false;
    for (const Stall& stall : pace.stalls) {
      const Instant end = end_of(stall, at);
      moved = moved || end > at;
      at = end;
    }
  }
  return at;
}

Instant finished_at(const ServerPace& pace, Instant from, Duration work) {
  Instant at = running_from(pace, from);
  while (true) {
    Instant interrupted = Instant::max();
    for (const Stall& stall : pace.stalls) interrupted = std::min(interrupted, next_begin(stall, at));
    if (interrupted == Instant::max() || work <= interrupted - at) return at + work;
    work -= interrupted - at;
    at = running_from(pace, interrupted);
  }
}

Duration work_of(const TickCost& cost, std::uint32_t ticks, std::uint64_t entities, std::uint64_t clients) {
  const Duration tick = cost.constant + cost.per_entity * static_cast<std::int64_t>(entities);
  return tick * std::int64_t{ticks} + cost.per_client * static_cast<std::int64_t>(clients);
}

}  // namespace netrig::loadgen
