#include "netrig/loadgen/run/workers.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <stdexcept>

namespace netrig::loadgen {
namespace {

using State = WorkerOutcome::State;

std::vector<WorkerOutcome> run(std::size_t count, std::size_t jobs,
                               const std::function<std::string(std::size_t)>& work) {
  return run_in_workers(
      count, jobs, [&](std::size_t index, const ReportShare&) { return work(index); }, {}, nullptr);
}

BOOST_AUTO_TEST_SUITE(workers)

BOOST_AUTO_TEST_CASE(outcomes_stand_by_index_however_many_run_at_a_time) {
  const auto work = [](std::size_t index) {
    return std::string(index * 40'000, static_cast<char>('a' + index));
  };
  for (const std::size_t jobs : {1, 3, 20}) {
    const std::vector<WorkerOutcome> outcomes = run(9, jobs, work);
    BOOST_REQUIRE_EQUAL(outcomes.size(), 9u);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      BOOST_TEST((outcomes[i].state == State::finished));
      BOOST_TEST((outcomes[i].text == work(i)));  // more than a pipe holds
    }
  }
}

BOOST_AUTO_TEST_CASE(one_that_crashes_is_lost_and_takes_nobody_with_it) {
  const std::vector<WorkerOutcome> outcomes = run(4, 2, [](std::size_t index) -> std::string {
    if (index == 1) std::raise(SIGKILL);
    if (index == 2) throw std::runtime_error{"no"};
    return "done";
  });
  BOOST_TEST((outcomes[0].state == State::finished));
  BOOST_TEST((outcomes[1].state == State::lost));
  BOOST_TEST(outcomes[1].text == "killed by signal 9 (Killed)");
  BOOST_TEST((outcomes[2].state == State::lost));
  BOOST_TEST(outcomes[2].text == "it ended without a result");
  BOOST_TEST(outcomes[3].text == "done");
}

BOOST_AUTO_TEST_CASE(no_more_are_begun_after_an_interruption) {
  volatile std::sig_atomic_t interrupted = 0;
  const std::vector<WorkerOutcome> outcomes = run_in_workers(
      50, 1, [](std::size_t, const ReportShare&) { return std::string{"done"}; },
      [&](const WorkersProgress& now) { interrupted = now.finished >= 3 ? 1 : 0; }, &interrupted);
  const auto finished = std::ranges::count(outcomes, State::finished, &WorkerOutcome::state);
  BOOST_TEST(finished >= 3);
  BOOST_TEST(finished < 50);
  BOOST_TEST(std::ranges::count(outcomes, State::lost, &WorkerOutcome::state) == 0);
}

BOOST_AUTO_TEST_CASE(progress_grows_to_all_of_it) {
  double last = 0;
  std::size_t finished = 0;
  run_in_workers(
      4, 2,
      [](std::size_t, const ReportShare& report) {
        for (int step = 1; step <= 100; ++step) report(step / 100.0);
        return std::string{};
      },
      [&](const WorkersProgress& now) {
        BOOST_TEST(now.share >= last - 1e-6);
        BOOST_TEST(now.share <= 1.0);
        last = now.share;
        finished = now.finished;
      },
      nullptr);
  BOOST_TEST(last == 1.0);
  BOOST_TEST(finished == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
