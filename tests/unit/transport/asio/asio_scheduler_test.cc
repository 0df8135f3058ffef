#include "netrig/transport/asio/asio_scheduler.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>
#include <vector>

namespace netrig::transport {
namespace {

// Writes its name down when it runs, and does one thing more.
class Named final : public Task {
 public:
  Named(std::string name, TaskOrder order, std::vector<std::string>& ran)
      : Task(order), name_(std::move(name)), ran_(ran) {}
  void run(Instant now) override {
    ran_.push_back(name_);
    ran_at = now;
    if (then) then(now);
  }
  std::function<void(Instant)> then;
  Instant ran_at;

 private:
  std::string name_;
  std::vector<std::string>& ran_;
};

using Names = std::vector<std::string>;

struct Clockwork {
  AsioScheduler scheduler;
  Names ran;
  Named network{"network", {.task_class = TaskClass::network}, ran};
  Named timer{"timer", {.task_class = TaskClass::timer}, ran};
  Named tick{"tick", {.task_class = TaskClass::tick}, ran};
};

BOOST_FIXTURE_TEST_SUITE(asio_scheduler, Clockwork)

BOOST_AUTO_TEST_CASE(tasks_of_one_deadline_run_in_their_own_order) {
  const Instant at = scheduler.now() + 2ms;
  scheduler.schedule(tick, at);
  scheduler.schedule(timer, at);
  scheduler.schedule(network, at);
  scheduler.run_until(at + 5ms);
  BOOST_TEST(ran == (Names{"network", "timer", "tick"}));
}

BOOST_AUTO_TEST_CASE(an_earlier_deadline_runs_first_and_none_too_early) {
  const Instant at = scheduler.now() + 10ms;
  scheduler.schedule(network, at);
  scheduler.schedule(tick, at - 6ms);
  scheduler.schedule(timer, at - 3ms);
  scheduler.run_until(at + 5ms);
  BOOST_TEST(ran == (Names{"tick", "timer", "network"}));
  BOOST_TEST((tick.ran_at >= at - 6ms));
  BOOST_TEST((timer.ran_at >= at - 3ms));
  BOOST_TEST((network.ran_at >= at));
}

BOOST_AUTO_TEST_CASE(scheduling_again_moves_a_task_and_cancelling_forgets_it) {
  const Instant start = scheduler.now();
  scheduler.schedule(tick, start + 1ms);
  scheduler.schedule(timer, start + 2ms);
  scheduler.schedule(network, start + 3ms);
  scheduler.schedule(tick, start + 6ms);
  scheduler.cancel(timer);
  scheduler.cancel(timer);  // not queued: nothing happens
  BOOST_TEST(scheduler.pending() == 2u);
  scheduler.run_until(start + 10ms);
  BOOST_TEST(ran == (Names{"network", "tick"}));
  BOOST_TEST(scheduler.pending() == 0u);
  BOOST_TEST(!scheduler.next_deadline());
}

// A task that is always late must not starve the sockets.
BOOST_AUTO_TEST_CASE(what_is_scheduled_for_the_past_runs_in_a_later_turn) {
  int posted_after = 0;
  tick.then = [&](Instant) {
    if (ran.size() < 50) scheduler.schedule(tick, Instant{});
    if (ran.size() == 1) scheduler.post([&] { posted_after = static_cast<int>(ran.size()); });
  };
  scheduler.schedule(tick, Instant{});
  scheduler.run_until(scheduler.now() + 50ms);
  BOOST_TEST(ran.size() == 50u);
  BOOST_TEST(posted_after > 0);
  BOOST_TEST(posted_after < 5);
}

BOOST_AUTO_TEST_CASE(a_task_may_cancel_another_that_is_due_too) {
  const Instant at = scheduler.now() + 1ms;
  network.then = [&](Instant) { scheduler.cancel(timer); };
  scheduler.schedule(network, at);
  scheduler.schedule(timer, at);
  scheduler.schedule(tick, at);
  scheduler.run_until(at + 5ms);
  BOOST_TEST(ran == (Names{"network", "tick"}));
}

BOOST_AUTO_TEST_CASE(lateness_is_reported_from_the_deadline_that_was_asked_for) {
  struct Lateness final : LatenessObserver {
    void on_task_run(const Task& task, Instant deadline, Instant now) override {
      (task.order_key() == tick_key ? tick : other) = now - deadline;
    }
    std::uint64_t tick_key = TaskOrder{.task_class = TaskClass::tick}.key();
    Duration tick{};
    Duration other{};
  } late;
  AsioScheduler observed{&late};
  const Instant at = observed.now() + 1ms;
  network.then = [&](Instant) { std::this_thread::sleep_for(20ms); };  // keeps the tick waiting
  observed.schedule(network, at);
  observed.schedule(tick, at);
  observed.run_until(at + 25ms);
  BOOST_TEST((late.tick >= 20ms));
  BOOST_TEST((late.other >= 0ms));

  network.then = [&](Instant now) { observed.schedule(tick, now - 7ms); };  // due long before it is known
  observed.schedule(network, observed.now());
  observed.run_until(observed.now() + 5ms);
  BOOST_TEST((late.tick >= 7ms));
}

BOOST_AUTO_TEST_CASE(schedulers_of_one_run_share_their_zero) {
  const auto zero = std::chrono::steady_clock::now() - std::chrono::seconds{5};
  const AsioScheduler first{nullptr, zero};
  const AsioScheduler second{nullptr, zero};
  const Instant before = first.now();
  BOOST_TEST((before >= instant_from_ns(5'000'000'000)));
  BOOST_TEST((second.now() >= before));
}

BOOST_AUTO_TEST_CASE(another_thread_may_post_and_stop) {
  std::thread other{[&] {
    scheduler.post([&] { ran.push_back("posted"); });
    scheduler.post([&] { scheduler.stop(); });
  }};
  scheduler.run();
  other.join();
  BOOST_TEST(ran == Names{"posted"});
  scheduler.stop();  // before it runs: the next run ends at once, and only that one
  scheduler.run();
  scheduler.schedule(tick, scheduler.now());
  scheduler.run_until(scheduler.now() + 5ms);
  BOOST_TEST(ran == (Names{"posted", "tick"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_stop_inside_a_task_leaves_the_rest_for_the_next_run) {
  const Instant at = scheduler.now();
  network.then = [&](Instant) { scheduler.stop(); };
  scheduler.schedule(network, at);
  scheduler.schedule(tick, at);
  scheduler.run_until(at + 10s);
  BOOST_TEST(ran == Names{"network"});
  BOOST_TEST((scheduler.now() < at + 10s));
  scheduler.run_until(scheduler.now() + 5ms);
  BOOST_TEST(ran == (Names{"network", "tick"}));
}

BOOST_AUTO_TEST_CASE(a_thousand_tasks_run_each_once_and_in_order) {
  std::vector<std::unique_ptr<Named>> many;
  const Instant start = scheduler.now();
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    many.push_back(std::make_unique<Named>(std::to_string(i), TaskOrder{.owner = i}, ran));
    scheduler.schedule(*many.back(), start + Duration{(i * 7'919 % 1'000) / 100 * 1'000'000});
  }
  for (std::uint32_t i = 0; i < 1'000; i += 3) scheduler.cancel(*many[i]);
  scheduler.run_until(start + 50ms);
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < 1'000; ++i)
    if (i % 3 != 0) expected.push_back(i);
  std::stable_sort(expected.begin(), expected.end(), [](std::uint32_t a, std::uint32_t b) {
    return (a * 7'919 % 1'000) / 100 < (b * 7'919 % 1'000) / 100;
  });
  BOOST_REQUIRE_EQUAL(ran.size(), expected.size());
  for (std::size_t i = 0; i < ran.size(); ++i) BOOST_REQUIRE_EQUAL(ran[i], std::to_string(expected[i]));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport
