// The virtual scheduler, with cancel, beside std::priority_queue without it: the hold model, in which each
// event that is taken out puts in another one, 0 to 200 ms later, uniformly. The argument is the number of
// pending events.
#include <benchmark/benchmark.h>
#include <cstdint>
#include <memory>
#include <queue>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/sim/time/trace.h"
#include "netrig/sim/time/virtual_scheduler.h"

namespace {

using netrig::Duration;
using netrig::Instant;
using netrig::Random;

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kDelays = 4'096;

// Drawn beforehand, so that neither side pays for its random numbers.
class Delays {
 public:
  Delays() {
    Random random{kSeed};
    for (std::uint32_t& delay : delays_) delay = static_cast<std::uint32_t>(random.below(200'000'000));
  }
  Duration next() { return Duration{delays_[at_++ % kDelays]}; }

 private:
  std::vector<std::uint32_t> delays_ = std::vector<std::uint32_t>(kDelays);
  std::size_t at_ = 0;
};

struct Event {
  std::uint64_t at_ns;
  std::uint64_t sequence;
  std::uint32_t id;
};
static_assert(sizeof(Event) == 24);

struct Later {
  bool operator()(const Event& a, const Event& b) const {
    return a.at_ns != b.at_ns ? a.at_ns > b.at_ns : a.sequence > b.sequence;
  }
};

void priority_queue_hold(benchmark::State& state) {
  Delays delays;
  std::priority_queue<Event, std::vector<Event>, Later> queue;
  std::uint64_t sequence = 0;
  const auto push = [&](std::uint64_t now_ns, std::uint32_t id) {
    queue.push({now_ns + static_cast<std::uint64_t>(delays.next().count()), ++sequence, id});
  };
  for (std::uint32_t id = 0; id < static_cast<std::uint32_t>(state.range(0)); ++id) push(0, id);
  for (auto _ : state) {
    const Event event = queue.top();
    queue.pop();
    push(event.at_ns, event.id);
  }
  state.SetItemsProcessed(state.iterations());
}

class HoldTask final : public netrig::Task {
 public:
  HoldTask(std::uint32_t owner, netrig::Scheduler& scheduler, Delays& delays)
      : Task({netrig::TaskClass::timer, owner, 0}), scheduler_(scheduler), delays_(delays) {}
  void run(Instant now) override { scheduler_.schedule(*this, now + delays_.next()); }

 private:
  netrig::Scheduler& scheduler_;
  Delays& delays_;
};

struct Hold {
  explicit Hold(std::int64_t pending) {
    for (std::uint32_t owner = 0; owner < static_cast<std::uint32_t>(pending); ++owner) {
      tasks.push_back(std::make_unique<HoldTask>(owner, scheduler, delays));
      scheduler.schedule(*tasks.back(), Instant{delays.next()});
    }
  }
  Delays delays;
  netrig::sim::VirtualScheduler scheduler;
  std::vector<std::unique_ptr<HoldTask>> tasks;
};

void virtual_scheduler_hold(benchmark::State& state) {
  Hold hold{state.range(0)};
  for (auto _ : state) hold.scheduler.run_next();
  state.SetItemsProcessed(state.iterations());
}

// What std::priority_queue cannot do: each event moves another one too, as an acknowledgement moves a
// timeout.
void virtual_scheduler_hold_and_move(benchmark::State& state) {
  Hold hold{state.range(0)};
  std::size_t at = 0;
  for (auto _ : state) {
    hold.scheduler.run_next();
    at = (at + 7'919) % hold.tasks.size();
    hold.scheduler.schedule(*hold.tasks[at], hold.scheduler.now() + hold.delays.next());
  }
  state.SetItemsProcessed(state.iterations());
}

void trace_record(benchmark::State& state) {
  netrig::sim::Trace trace;
  netrig::sim::TraceEvent event{Instant{}, netrig::sim::EventKind::deliver, 7, 3'700, 0};
  for (auto _ : state) {
    event.at += Duration{1'000};
    ++event.detail;
    trace.record(event);
  }
  benchmark::DoNotOptimize(trace.digest());
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(priority_queue_hold)->Arg(1'000)->Arg(100'000);
BENCHMARK(virtual_scheduler_hold)->Arg(1'000)->Arg(100'000);
BENCHMARK(virtual_scheduler_hold_and_move)->Arg(1'000)->Arg(100'000);
BENCHMARK(trace_record);

}  // namespace

BENCHMARK_MAIN();
