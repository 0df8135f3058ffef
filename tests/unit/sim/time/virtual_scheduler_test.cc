#include "netrig/sim/time/virtual_scheduler.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/tests/support/allocation_counter.h"

namespace {

using namespace netrig;
using sim::VirtualScheduler;

constexpr Instant kStart{};

// Writes its owner's number into a log when it runs, then does what the test asks for.
class LoggedTask final : public Task {
 public:
  LoggedTask(TaskOrder order, std::vector<std::uint32_t>& log)
      : Task(order), owner_(order.owner), log_(log) {}
  void run(Instant now) override {
    log_.push_back(owner_);
    if (then) then(now);
  }
  std::uint32_t owner() const { return owner_; }

  std::function<void(Instant)> then;

 private:
  std::uint32_t owner_;
  std::vector<std::uint32_t>& log_;
};

struct Bench {
  LoggedTask& task(std::uint32_t owner, TaskClass task_class = TaskClass::timer) {
    tasks.push_back(std::make_unique<LoggedTask>(TaskOrder{task_class, owner, 0}, log));
    return *tasks.back();
  }
  void run_all() {
    while (scheduler.run_next()) {
    }
  }

  VirtualScheduler scheduler;
  std::vector<std::uint32_t> log;
  std::vector<std::unique_ptr<LoggedTask>> tasks;
};

using Log = std::vector<std::uint32_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_scheduler)

BOOST_AUTO_TEST_CASE(time_jumps_to_the_next_deadline) {
  Bench bench;
  BOOST_TEST(!bench.scheduler.run_next());
  BOOST_TEST(!bench.scheduler.next_deadline().has_value());

  bench.scheduler.schedule(bench.task(1), kStart + 5s);
  BOOST_TEST(bench.scheduler.pending() == 1u);
  BOOST_CHECK(bench.scheduler.next_deadline() == kStart + 5s);
  BOOST_TEST(bench.scheduler.run_next());
  BOOST_CHECK(bench.scheduler.now() == kStart + 5s);
  BOOST_TEST(bench.scheduler.events() == 1u);
  BOOST_TEST(bench.scheduler.pending() == 0u);
}

BOOST_AUTO_TEST_CASE(at_one_instant_class_then_owner_then_lane_decide_and_no_order_of_calls) {
  Bench bench;
  LoggedTask& tick = bench.task(1, TaskClass::tick);
  LoggedTask& timer_9 = bench.task(9);
  LoggedTask& timer_8 = bench.task(8);
  LoggedTask& network = bench.task(7, TaskClass::network);
  LoggedTask second_lane{{TaskClass::timer, 8, 1}, bench.log};
  for (LoggedTask* task : {&tick, &second_lane, &timer_9, &network, &timer_8})
    bench.scheduler.schedule(*task, kStart + 1ms);
  bench.run_all();
  BOOST_TEST(bench.log == (Log{7, 8, 8, 9, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_deadline_in_the_past_runs_now) {
  Bench bench;
  LoggedTask& late = bench.task(2);
  LoggedTask& first = bench.task(1);
  first.then = [&](Instant now) { bench.scheduler.schedule(late, now - 500ms); };
  Instant ran_at{};
  late.then = [&](Instant now) { ran_at = now; };
  bench.scheduler.schedule(first, kStart + 1s);
  bench.run_all();
  BOOST_CHECK(ran_at == kStart + 1s);
  BOOST_CHECK(bench.scheduler.now() == kStart + 1s);
}

BOOST_AUTO_TEST_CASE(a_cancelled_task_does_not_run) {
  Bench bench;
  LoggedTask& cancelled = bench.task(1);
  bench.scheduler.schedule(cancelled, kStart + 1ms);
  bench.scheduler.schedule(bench.task(2), kStart + 2ms);
  bench.scheduler.cancel(cancelled);
  bench.scheduler.cancel(cancelled);  // no effect when not queued
  BOOST_TEST(bench.scheduler.pending() == 1u);
  bench.run_all();
  BOOST_TEST(bench.log == (Log{2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_queued_task_is_moved_and_runs_once) {
  Bench bench;
  LoggedTask& moved = bench.task(1);
  bench.scheduler.schedule(moved, kStart + 1ms);
  bench.scheduler.schedule(bench.task(2), kStart + 2ms);
  bench.scheduler.schedule(moved, kStart + 3ms);
  bench.run_all();
  BOOST_TEST(bench.log == (Log{2, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(run_until_runs_what_is_due_and_leaves_the_clock_at_its_bound) {
  Bench bench;
  LoggedTask& again = bench.task(1);
  again.then = [&](Instant now) { bench.scheduler.schedule(again, now + 10ms); };
  bench.scheduler.schedule(again, kStart + 10ms);
  bench.scheduler.run_until(kStart + 35ms);
  BOOST_TEST(bench.log.size() == 3u);
  BOOST_CHECK(bench.scheduler.now() == kStart + 35ms);
  bench.scheduler.run_until(kStart + 40ms);  // the bound belongs to it
  BOOST_TEST(bench.log.size() == 4u);
  bench.scheduler.cancel(again);
}

BOOST_AUTO_TEST_CASE(while_a_task_runs_it_is_not_pending_and_the_others_can_be_changed) {
  Bench bench;
  LoggedTask& running = bench.task(1);
  LoggedTask& moved = bench.task(2);
  LoggedTask& cancelled = bench.task(3);
  LoggedTask& untouched = bench.task(4);
  bench.scheduler.schedule(moved, kStart + 9ms);
  bench.scheduler.schedule(cancelled, kStart + 2ms);
  bench.scheduler.schedule(untouched, kStart + 3ms);
  bench.scheduler.schedule(running, kStart + 1ms);
  running.then = [&](Instant now) {
    BOOST_TEST(bench.scheduler.pending() == 3u);
    BOOST_CHECK(bench.scheduler.next_deadline() == kStart + 2ms);
    bench.scheduler.cancel(cancelled);
    bench.scheduler.schedule(moved, now);
    bench.scheduler.cancel(running);
    BOOST_CHECK(bench.scheduler.next_deadline() == now);
  };
  bench.run_all();
  BOOST_TEST(bench.log == (Log{1, 2, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_task_may_destroy_itself_while_it_runs) {
  Bench bench;
  auto doomed = std::make_unique<LoggedTask>(TaskOrder{TaskClass::timer, 1, 0}, bench.log);
  doomed->then = [&](Instant) { bench.scheduler.schedule(*bench.tasks.front(), kStart + 5ms); };
  struct Destroyer final : Task {
    Destroyer() : Task({TaskClass::network, 9, 0}) {}
    void run(Instant) override { owner->reset(); }
    std::unique_ptr<Destroyer>* owner = nullptr;
  };
  auto destroyer = std::make_unique<Destroyer>();
  destroyer->owner = &destroyer;
  bench.task(2);
  bench.scheduler.schedule(*destroyer, kStart + 1ms);
  bench.scheduler.schedule(*doomed, kStart + 1ms);
  bench.run_all();
  BOOST_TEST(bench.log == (Log{1, 2}), boost::test_tools::per_element());
  BOOST_TEST(destroyer == nullptr);
}

// Runs `act` in a process of its own; true when that aborts.
template <class Act>
bool aborts(Act&& act) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(1);
    act();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

BOOST_AUTO_TEST_CASE(two_tasks_of_one_deadline_and_one_key_abort) {
  const auto run_with = [](Duration apart, std::size_t others, bool again) {
    Bench bench;
    LoggedTask& first = bench.task(5);
    LoggedTask& second = bench.task(5);
    int runs_left = again ? 1 : 0;
    first.then = [&](Instant now) {
      if (runs_left-- > 0) bench.scheduler.schedule(first, now + 1s);
    };
    for (std::size_t i = 0; i < others; ++i)
      bench.scheduler.schedule(bench.task(static_cast<std::uint32_t>(100 + i)), kStart + 1ms);
    bench.scheduler.schedule(first, kStart + 1ms);
    bench.scheduler.schedule(second, kStart + 1ms + apart);
    bench.run_all();
  };
  for (const std::size_t others : {0u, 1u, 3u, 40u}) {
    for (const bool again : {false, true}) {
      BOOST_TEST(aborts([&] { run_with(0ns, others, again); }));
      BOOST_TEST(!aborts([&] { run_with(1ns, others, again); }));
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated_after_warm_up) {
  Bench bench;
  bench.log.reserve(100'000);
  for (std::uint32_t owner = 0; owner < 100; ++owner) {
    LoggedTask& task = bench.task(owner);
    task.then = [&bench, &task](Instant now) {
      bench.scheduler.schedule(task, now + 1ms + Duration{task.owner()});
    };
    bench.scheduler.schedule(task, kStart);
  }
  const std::uint64_t warm = testing::allocations();
  bench.scheduler.run_until(kStart + 500ms);
  for (const auto& task : bench.tasks) bench.scheduler.cancel(*task);
  for (const auto& task : bench.tasks) bench.scheduler.schedule(*task, kStart + 1s);
  const std::uint64_t done = testing::allocations();
  BOOST_TEST(done - warm == 0u);
  BOOST_TEST(bench.log.size() > 40'000u);
}

BOOST_AUTO_TEST_CASE(what_is_far_is_moved_and_cancelled_as_what_is_near) {
  Bench bench;
  const Duration waits[] = {1ms, 200ms, 10s, 3600s, 86'400s * 400};
  for (std::uint32_t owner = 0; owner < 50; ++owner) {
    LoggedTask& task = bench.task(owner);
    bench.scheduler.schedule(task, kStart + waits[owner % 5] + Duration{owner});
  }
  for (std::uint32_t owner = 0; owner < 50; ++owner) {
    LoggedTask& task = *bench.tasks[owner];
    if (owner >= 10 && owner < 45) bench.scheduler.cancel(task);
    if (owner >= 45) bench.scheduler.schedule(task, kStart + waits[4 - owner % 5]);
  }
  BOOST_TEST(bench.scheduler.pending() == 15u);
  bench.run_all();
  const Log expected{0, 49, 5, 48, 1, 6, 47, 2, 7, 46, 3, 8, 45, 4, 9};
  BOOST_TEST(bench.log == expected, boost::test_tools::per_element());
  BOOST_CHECK(bench.scheduler.now() == kStart + waits[4] + 9ns);
}

BOOST_AUTO_TEST_CASE(a_far_future_that_is_given_up_does_not_hold_back_what_comes_before_it) {
  Bench bench;
  LoggedTask& far = bench.task(1);
  LoggedTask& near = bench.task(2);
  bench.scheduler.schedule(far, kStart + 3600s);  // the next event so far
  bench.scheduler.schedule(near, kStart + 1ms);
  BOOST_CHECK(bench.scheduler.next_deadline() == kStart + 1ms);
  bench.scheduler.cancel(far);
  bench.scheduler.schedule(far, kStart + 2ms);
  bench.run_all();
  BOOST_TEST(bench.log == (Log{2, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated_however_far_apart_the_tasks_are) {
  Bench bench;
  bench.log.reserve(100'000);
  Random random{1};
  for (std::uint32_t owner = 0; owner < 300; ++owner) {
    LoggedTask& task = bench.task(owner);
    task.then = [&](Instant now) {
      const auto wait = Duration{std::int64_t{1} << random.between(10, 36)};
      bench.scheduler.schedule(task, now + wait + Duration{random.between(0, 1'000)});
    };
    bench.scheduler.schedule(task, kStart);
  }
  for (int i = 0; i < 300; ++i) bench.scheduler.run_next();  // all are under way
  const std::uint64_t warm = testing::allocations();
  for (int i = 0; i < 50'000; ++i) bench.scheduler.run_next();
  BOOST_TEST(testing::allocations() - warm == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

std::uint64_t extra_seed() {
  const char* given = std::getenv("NETRIG_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}

// The same interface in the most obvious way: a sorted vector.
class Oracle {
 public:
  struct Entry {
    Instant deadline;
    std::uint64_t key;
    std::uint32_t owner;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  void schedule(const LoggedTask& task, Instant deadline) {
    cancel(task);
    const Entry entry{std::max(deadline, now), task.order_key(), task.owner()};
    entries.insert(std::upper_bound(entries.begin(), entries.end(), entry), entry);
  }
  void cancel(const LoggedTask& task) {
    std::erase_if(entries, [&](const Entry& entry) { return entry.owner == task.owner(); });
  }
  Entry take() {
    const Entry entry = entries.front();
    entries.erase(entries.begin());
    now = entry.deadline;
    return entry;
  }

  std::vector<Entry> entries;
  Instant now{};
};

// Runs random calls against the scheduler and the oracle, from between events and from inside them.
class Comparison {
 public:
  Comparison(std::uint64_t seed, std::uint32_t tasks) : random_(seed) {
    for (std::uint32_t owner = 0; owner < tasks; ++owner)
      bench_.task(owner, static_cast<TaskClass>(owner % 3)).then = [this](Instant) {
        change_inside_a_task();
      };
  }

  void step() {
    if (random_.below(3) > 0) return change();
    if (oracle_.entries.empty()) {
      BOOST_REQUIRE(!bench_.scheduler.run_next());
      return;
    }
    expected_ = oracle_.take();  // before: the task that runs changes the oracle too
    BOOST_REQUIRE(bench_.scheduler.run_next());
    BOOST_REQUIRE(bench_.log.back() == expected_.owner);
    BOOST_REQUIRE(bench_.scheduler.now() == expected_.deadline);
    check();
  }

  void drain() {
    draining_ = true;
    while (!oracle_.entries.empty()) {
      expected_ = oracle_.take();
      BOOST_REQUIRE(bench_.scheduler.run_next());
      BOOST_REQUIRE(bench_.log.back() == expected_.owner);
    }
    BOOST_REQUIRE(!bench_.scheduler.run_next());
  }

 private:
  void change() {
    LoggedTask& task = *bench_.tasks[random_.below(bench_.tasks.size())];
    if (random_.below(4) == 0) {
      bench_.scheduler.cancel(task);
      oracle_.cancel(task);
    } else {
      const Instant deadline = bench_.scheduler.now() + drawn_wait();
      bench_.scheduler.schedule(task, deadline);
      oracle_.schedule(task, deadline);
    }
    check();
  }
  // Mostly few distinct instants, so that ties are common, of which some lie in the past; also waits of every
  // length, up to a year.
  Duration drawn_wait() {
    const Duration soon{random_.between(-3, 30)};
    if (random_.below(3) > 0) return soon;
    constexpr Duration kUnits[] = {100us, 1ms, 50ms, 3s, 700s, 86'400s};
    return soon + random_.between(0, 365) * kUnits[random_.below(std::size(kUnits))];
  }
  void change_inside_a_task() {
    if (draining_) return;
    check();
    for (std::uint64_t changes = random_.below(3); changes > 0; --changes) change();
  }
  void check() {
    BOOST_REQUIRE(bench_.scheduler.pending() == oracle_.entries.size());
    const auto next = bench_.scheduler.next_deadline();
    BOOST_REQUIRE(next.has_value() == !oracle_.entries.empty());
    if (next) BOOST_REQUIRE(*next == oracle_.entries.front().deadline);
  }

  Bench bench_;
  Oracle oracle_;
  Oracle::Entry expected_{};
  Random random_;
  bool draining_ = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_scheduler_against_an_oracle)

BOOST_AUTO_TEST_CASE(random_calls_run_in_the_order_of_a_sorted_vector) {
  for (const std::uint64_t base : {std::uint64_t{0}, extra_seed()}) {
    for (std::uint32_t round = 0; round < 12; ++round) {
      const std::uint64_t seed = base * 1'000 + round;
      BOOST_TEST_MESSAGE("seed " << seed << "; repeat all with NETRIG_SEED=" << base);
      Comparison comparison{seed, 1 + round * round * 2};
      for (int i = 0; i < 4'000; ++i) comparison.step();
      comparison.drain();
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
