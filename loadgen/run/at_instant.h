// Something done once, when its time has come.
#pragma once

#include <functional>
#include <utility>

#include "netrig/core/base/scheduler.h"

namespace netrig::loadgen {

class AtInstant final : public Task {
 public:
  // The scheduler outlives it. `lane` tells those of one scheduler apart.
  AtInstant(Scheduler& scheduler, std::uint16_t lane, std::function<void(Instant)> work)
      : Task({TaskClass::timer, UINT32_MAX, lane}), scheduler_(scheduler), work_(std::move(work)) {}
  ~AtInstant() override { scheduler_.cancel(*this); }

  // Its scheduler's thread only. `work` is told `at`, not the moment at which it really runs.
  void plan(Instant at) {
    at_ = at;
    scheduler_.schedule(*this, at);
  }
  void run(Instant) override { work_(at_); }

 private:
  Scheduler& scheduler_;
  std::function<void(Instant)> work_;
  Instant at_;
};

}  // namespace netrig::loadgen
