// What was sent as each tick's state, told by the server's thread and read by the clients'.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "netrig/core/base/ids.h"
#include "netrig/loadgen/run/server_side.h"
#include "netrig/loadgen/run/virtual_client.h"

namespace netrig::loadgen {

// Holds for full replication, in which everybody is sent the same.
class SharedTruth final : public SentStates, public ServerTruth {
 public:
  explicit SharedTruth(std::size_t history_ticks) : slots_(history_ticks) {}

  void on_state_sent(Tick tick, std::uint64_t digest) override {
    Slot& slot = slots_[tick.value % slots_.size()];
    if (slot.tick.load(std::memory_order_relaxed) == tick.value) return;
    slot.tick.store(0);  // whoever reads in between finds no tick
    slot.digest.store(digest);
    slot.tick.store(tick.value);
  }

  std::optional<std::uint64_t> sent_digest(std::uint32_t, Tick tick) const override {
    const Slot& slot = slots_[tick.value % slots_.size()];
    if (tick == Tick{} || slot.tick.load() != tick.value) return std::nullopt;
    const std::uint64_t digest = slot.digest.load();
    return slot.tick.load() == tick.value ? std::optional{digest} : std::nullopt;
  }

 private:
  struct Slot {
    std::atomic<std::uint32_t> tick{0};
    std::atomic<std::uint64_t> digest{0};
  };
  std::vector<Slot> slots_;  // by tick modulo their number
};

}  // namespace netrig::loadgen
