// Real time: tasks run when the machine's steady clock says so, between the events of real sockets.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "netrig/core/base/scheduler.h"

namespace boost::asio {
class io_context;
}

namespace netrig::transport {

// Hears of every task that runs. `now - deadline` is how late it was: the scheduler's own measure of whether
// this machine keeps up.
class LatenessObserver {
 public:
  virtual ~LatenessObserver() = default;
  virtual void on_task_run(const Task& task, Instant deadline, Instant now) = 0;
};

// One thread's loop over tasks and sockets. Due tasks run in the order (deadline, order_key), each with the
// time it really is; what a task schedules for now or for the past runs in a later turn, after the sockets
// had theirs. Everything but stop() and post() belongs to the thread that runs it.
class AsioScheduler final : public Scheduler {
 public:
  using Zero = std::chrono::steady_clock::time_point;

  // `zero` is the Instant 0: schedulers of one run share it. `observer` may be null; it outlives the
  // scheduler.
  explicit AsioScheduler(LatenessObserver* observer = nullptr, Zero zero = std::chrono::steady_clock::now());
  ~AsioScheduler() override;

  Instant now() const override;
  void schedule(Task& task, Instant deadline) override;
  void cancel(Task& task) override;

  void run();                     // until stop()
  void run_until(Instant bound);  // until the clock reaches `bound`, or stop()
  std::size_t poll();             // what is ready now, without waiting; answers how many events that were
  void stop();                    // any thread: the run in progress ends, or the next one when none is
  void post(std::function<void()> work);  // any thread: runs `work` in a turn of its own

  std::size_t pending() const;  // tasks
  std::optional<Instant> next_deadline() const;
  boost::asio::io_context& context();  // for sockets, which are this thread's too

 private:
  struct Loop;

  std::unique_ptr<Loop> loop_;
};

}  // namespace netrig::transport
