// Runs a scenario and says what it found. Used by every command that runs one.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "netrig/loadgen/report/run_result.h"
#include "netrig/loadgen/run/input_recorder.h"
#include "netrig/loadgen/run/shard.h"
#include "netrig/loadgen/scenario/plan.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/metrics/exposition.h"
#include "netrig/metrics/timeline.h"
#include "netrig/sim/time/trace.h"

namespace netrig::loadgen {

// How far a run is, for whoever shows it. Called many times a second of wall time.
struct RunProgress {
  Duration simulated{};
  Duration planned{};  // until the end, as far as it is known
  metrics::RunState state = metrics::RunState::warming_up;
  std::uint32_t clients = 0;  // in session
  const Plan& plan;
  // What was recorded so far, and how it went second by second; valid during the call. Missing under the real
  // clock, unless the run is watched.
  const metrics::Registry* registry = nullptr;
  const metrics::Timeline* timeline = nullptr;
};
metrics::RunFacts published_facts(const RunProgress& now);

struct RunControls {
  std::function<void(const RunProgress&)> on_progress;      // may be empty
  const volatile std::sig_atomic_t* interrupted = nullptr;  // set by a signal: stop at the next event
  InputRecorder* inputs = nullptr;                          // hears all that clients say; may be missing
  std::function<void(const RunProgress&)> on_publish{};  // may be empty; every 100 ms of wall time, and when
                                                         // it is over. Then the run is watched
  bool watched = false;                                  // whoever hears progress looks at the registry
  bool keep_history = false;                             // for shard().recorder().history()
  Dialect dialect = Dialect::netrig;                     // under the virtual clock
};

// One finished run. Registry and trace stay readable as long as it lives.
class FinishedRun {
 public:
  FinishedRun(std::unique_ptr<Plan> plan, std::unique_ptr<Shard> shard, RunResult result)
      : plan_(std::move(plan)), shard_(std::move(shard)), result_(std::move(result)) {}

  RunResult& result() { return result_; }
  const RunResult& result() const { return result_; }
  const Shard& shard() const { return *shard_; }
  const sim::Trace& trace() const { return shard_->trace(); }

 private:
  std::unique_ptr<Plan> plan_;
  std::unique_ptr<Shard> shard_;
  RunResult result_;
};

// Under the virtual clock. The result holds everything but the comparison with a baseline, `file_digest` and
// `replay`, which are the command's to know. `scenario` outlives the run. `capture`: which events the trace
// keeps.
FinishedRun run_virtual(const Scenario& scenario, std::uint64_t seed, const RunControls& controls = {},
                        sim::TraceWindow capture = {});

}  // namespace netrig::loadgen
