#include "netrig/core/server/world_ticks.h"

#include "netrig/core/base/assert.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {
namespace {

class EventForwarder final : public WorldEvents {
 public:
  EventForwarder(ServerObserver& observer, Tick tick) : observer_(observer), tick_(tick) {}
  void on_event(std::uint16_t kind, EntityId subject, EntityId object) override {
    observer_.on_world_event(tick_, kind, subject, object);
  }

 private:
  ServerObserver& observer_;
  Tick tick_;
};

}  // namespace

// The world as it is now, whatever time a player saw: lag compensation will answer with history here.
class WorldTicks::PresentView final : public RewindView {
 public:
  explicit PresentView(const Snapshot& present) : present_(present) {}
  const Snapshot& at(Instant) const override { return present_; }

 private:
  const Snapshot& present_;
};

WorldTicks::WorldTicks(World& world, ServerObserver& observer, Host& host, std::uint32_t rate_hz,
                       Instant start)
    : world_(world),
      observer_(observer),
      host_(host),
      rate_hz_(rate_hz),
      start_(start),
      state_(world.schema().columns()) {}

Instant WorldTicks::instant_of(Tick tick) const {
  return tick_instant(start_, tick.value, rate_hz_);
}

void WorldTicks::advance(Instant now) {
  skip(now);
  while (next_at() <= now) run(now);
}

// What is beyond catching up is skipped first, so that the ticks that do run end in the present.
void WorldTicks::skip(Instant now) {
  Tick newest_due = tick_;
  while (instant_of(next(newest_due)) <= now) newest_due = next(newest_due);
  const std::uint32_t due = newest_due.value - tick_.value;
  if (due <= kCatchUpTicksMax) return;
  tick_ = Tick{newest_due.value - kCatchUpTicksMax};
  observer_.on_ticks_skipped(due - kCatchUpTicksMax, now);
}

void WorldTicks::run(Instant now) {
  tick_ = next(tick_);
  observer_.on_phase(tick_, TickPhase::receive);
  inputs_.clear();
  host_.collect_inputs(inputs_);

  observer_.on_phase(tick_, TickPhase::step);
  EventForwarder events{observer_, tick_};
  world_.step(tick_, inputs_, PresentView{state_}, events);

  observer_.on_phase(tick_, TickPhase::capture);
  state_.reset(tick_);
  world_.capture(state_);
  NETRIG_ASSERT(state_.size() <= kEntitiesMax);

  observer_.on_phase(tick_, TickPhase::encode);
  host_.encode_state();
  observer_.on_phase(tick_, TickPhase::idle);
  observer_.on_tick(tick_, static_cast<std::uint32_t>(state_.size()), world_.digest(), now);
}

}  // namespace netrig
