// The thread of a host: runs a scheduler, wakes its owner when other threads have something for it, and ends
// in time. Private to transport/host.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "netrig/transport/asio/asio_scheduler.h"

namespace netrig::transport {

class HostThread final : Task {
 public:
  // Called on the host's thread.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_wake() = 0;     // wake() was called, once or oftener
    virtual void on_goodbye() = 0;  // end() was called: the last words. Nothing follows but is_written()
    virtual bool is_written() = 0;  // all that was said has left this process
  };

  static constexpr Duration kGoodbyeWithin = 1s;       // then end() no longer waits for what is to be written
  static constexpr Duration kGoodbyeLooksEvery = 5ms;  // whether it is

  // The owner outlives the thread's end: its destructor calls end() first.
  explicit HostThread(Owner& owner) : Task(TaskOrder{.task_class = TaskClass::timer}), owner_(owner) {}
  ~HostThread() override;

  // The loop begins. Empty, or why this system gives no thread.
  std::string begin();
  // From any thread but its own, which it asserts; returns when the loop has ended. Also without a begin.
  void end();

  bool runs() const { return runs_; }
  bool is_leaving() const { return goodbye_by_.has_value(); }  // on the host's thread: on_goodbye has come
  // From any thread. Calls that the loop has not seen yet are one, so there is nothing that could pile up.
  void wake();

  AsioScheduler& scheduler() { return scheduler_; }

 private:
  void run(Instant now) override;
  void begin_goodbye();

  Owner& owner_;
  AsioScheduler scheduler_;
  std::optional<Instant> goodbye_by_;
  std::atomic<bool> runs_ = false;
  std::atomic<bool> is_woken_ = false;
  std::atomic<std::thread::id> own_id_{};
  std::mutex ending_;
  std::thread thread_;
};

}  // namespace netrig::transport
