// Independent pieces of work on all cores: each in a process of its own, so that one that crashes takes
// nobody with it, and what it has leaked or overwritten is gone with it.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace netrig::loadgen {

constexpr std::size_t kJobsMax = 256;  // pipes and processes at once

struct WorkerOutcome {
  enum class State : std::uint8_t {
    not_run,   // interrupted before it was over
    finished,  // `text` is its result
    lost,      // it ended without one; `text` says how: "killed by signal 6 (Aborted)"
  };
  State state = State::not_run;
  std::string text;
};

struct WorkersProgress {
  std::size_t finished = 0;  // or lost
  std::size_t running = 0;
  std::size_t total = 0;
  double share = 0;  // of all the work, 0 to 1
};

// Called by a worker as often as it likes, with the share of its work that is done.
using ReportShare = std::function<void(double)>;

// Calls `work(index, report)` for each index below `count` in a child of this process, at most `jobs` at a
// time, and answers what they returned, by index: it does not depend on `jobs`. `on_progress` is called here,
// a few times a second. When `*interrupted` is set, those that still run are ended and no more are begun.
// Before the first call, nobody may have started a thread.
std::vector<WorkerOutcome> run_in_workers(
    std::size_t count, std::size_t jobs,
    const std::function<std::string(std::size_t, const ReportShare&)>& work,
    const std::function<void(const WorkersProgress&)>& on_progress,
    const volatile std::sig_atomic_t* interrupted);

}  // namespace netrig::loadgen
