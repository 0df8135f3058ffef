// The world's time on a server of either dialect: which ticks are due, and the phases of one. A server's own.
#pragma once

#include <cstdint>
#include <vector>

#include "netrig/core/base/time.h"
#include "netrig/core/server/server_observer.h"
#include "netrig/core/world/world.h"

namespace netrig {

class WorldTicks {
 public:
  static constexpr std::uint32_t kCatchUpTicksMax = 4;

  // What a tick needs of its server.
  class Host {
   public:
    virtual void collect_inputs(std::vector<PlayerInput>& into) = 0;  // sorted by entity; `into` is empty
    virtual void encode_state() = 0;                                  // of state()

   protected:
    ~Host() = default;
  };

  // World, observer and host outlive it. Tick k is at start + k / rate; the first is tick 1.
  WorldTicks(World& world, ServerObserver& observer, Host& host, std::uint32_t rate_hz, Instant start);

  // Runs every tick that is due, at most kCatchUpTicksMax; skips and reports the rest.
  void advance(Instant now);

  Tick tick() const { return tick_; }
  const Snapshot& state() const { return state_; }  // of tick()
  Instant instant_of(Tick tick) const;
  Instant next_at() const { return instant_of(next(tick_)); }

 private:
  class PresentView;

  void skip(Instant now);
  void run(Instant now);

  World& world_;
  ServerObserver& observer_;
  Host& host_;
  std::uint32_t rate_hz_;
  Instant start_;
  Tick tick_;
  std::vector<PlayerInput> inputs_;  // of the current tick
  Snapshot state_;
};

}  // namespace netrig
