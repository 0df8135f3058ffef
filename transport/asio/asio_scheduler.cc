#include "netrig/transport/asio/asio_scheduler.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/transport/asio/task_heap.h"

namespace netrig::transport {

namespace asio = boost::asio;

struct AsioScheduler::Loop {
  Loop(LatenessObserver* observer_of, Zero zero_of) : observer(observer_of), zero(zero_of) {}

  Instant now() const { return Instant{std::chrono::steady_clock::now() - zero}; }

  // The timer stands at the first deadline. One that stands too early only wakes the loop once in vain.
  void arm() {
    if (heap.empty() || (armed && *armed <= heap.front().due)) return;
    armed = heap.front().due;
    timer.expires_at(zero + armed->time_since_epoch());
    timer.async_wait([this](boost::system::error_code error) {
      if (!error) turn();
    });
  }

  // Runs what is due as the turn begins. Sockets have theirs before the next one.
  void turn() {
    armed.reset();
    turn_began = now();
    while (!heap.empty() && heap.front().due <= *turn_began && !context.stopped()) {
      const TaskHeap::Node node = heap.pop();
      const Instant at = now();
      if (observer != nullptr) observer->on_task_run(*node.task, node.deadline, at);
      node.task->run(at);
    }
    turn_began.reset();
    arm();
  }

  LatenessObserver* observer;
  const Zero zero;
  TaskHeap heap;
  asio::io_context context{1};  // one thread runs it
  asio::steady_timer timer{context};
  asio::steady_timer bound{context};  // of run_until
  std::optional<Instant> armed;       // where the timer stands
  std::optional<Instant> turn_began;  // while a turn runs
};

AsioScheduler::AsioScheduler(LatenessObserver* observer, Zero zero)
    : loop_(std::make_unique<Loop>(observer, zero)) {}

AsioScheduler::~AsioScheduler() = default;

Instant AsioScheduler::now() const {
  return loop_->now();
}

void AsioScheduler::schedule(Task& task, Instant deadline) {
  const Instant earliest = loop_->turn_began ? *loop_->turn_began + 1ns : deadline;
  loop_->heap.put({.due = std::max(deadline, earliest), .deadline = deadline, .task = &task});
  if (!loop_->turn_began) loop_->arm();
}

void AsioScheduler::cancel(Task& task) {
  if (task.queue_slot != Task::kNotQueued) loop_->heap.remove(task);
}

void AsioScheduler::run() {
  NETRIG_ASSERT(!loop_->turn_began);
  auto work = asio::make_work_guard(loop_->context);
  loop_->context.run();
  work.reset();  // the last work to end stops the context
  loop_->context.restart();
}

void AsioScheduler::run_until(Instant bound) {
  NETRIG_ASSERT(!loop_->turn_began);
  const auto reached =
      std::make_shared<bool>(false);  // after a stop the handler comes later than this call ends
  loop_->bound.expires_at(loop_->zero + bound.time_since_epoch());
  loop_->bound.async_wait([reached](boost::system::error_code) { *reached = true; });
  while (!*reached && loop_->context.run_one() > 0) {
  }
  if (loop_->context.stopped()) loop_->context.restart();
}

std::size_t AsioScheduler::poll() {
  NETRIG_ASSERT(!loop_->turn_began);
  const std::size_t events = loop_->context.poll();
  if (loop_->context.stopped()) loop_->context.restart();
  return events;
}

void AsioScheduler::stop() {
  loop_->context.stop();
}

void AsioScheduler::post(std::function<void()> work) {
  asio::post(loop_->context, std::move(work));
}

std::size_t AsioScheduler::pending() const {
  return loop_->heap.size();
}

std::optional<Instant> AsioScheduler::next_deadline() const {
  if (loop_->heap.empty()) return std::nullopt;
  return loop_->heap.front().due;
}

asio::io_context& AsioScheduler::context() {
  return loop_->context;
}

}  // namespace netrig::transport
