// Something done again and again, as long as it lives.
#pragma once

#include <functional>
#include <utility>

#include "netrig/core/base/scheduler.h"

namespace netrig::loadgen {

class Pulse final : public Task {
 public:
  // Begins at once. The scheduler outlives it; construction and destruction are its thread's, or nobody's
  // while it does not run. `lane` tells those of one scheduler apart, and from AtInstant's.
  Pulse(Scheduler& scheduler, std::uint16_t lane, Duration interval, std::function<void(Instant)> work)
      : Task({TaskClass::timer, UINT32_MAX, lane}),
        scheduler_(scheduler),
        interval_(interval),
        work_(std::move(work)) {
    scheduler_.schedule(*this, scheduler_.now());
  }
  ~Pulse() override { scheduler_.cancel(*this); }

  void run(Instant now) override {
    work_(now);
    scheduler_.schedule(*this, now + interval_);
  }

 private:
  Scheduler& scheduler_;
  Duration interval_;
  std::function<void(Instant)> work_;
};

}  // namespace netrig::loadgen
