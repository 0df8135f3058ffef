// What `loadgen verify` does when two runs part, on two runs that differ on purpose: a run of one seed never
// differs from itself.
#include <boost/test/unit_test.hpp>
#include <string>

#include "netrig/sim/time/trace.h"
#include "netrig/tests/simulation/whole_run.h"

namespace netrig::loadgen::testing {
namespace {

const std::string kStaying =
    "netrig: 1\nname: parting\nduration: 60s\ntransport: tcp\nstream: {congestion: ideal}\n"
    "server: {players_max: 4, avatars: from_start}\n"
    "clients:\n  - name: a\n    count: 4\n    link: {rtt: 80ms, jitter: 5ms, loss: 1%}\n";
const std::string kLeaving = kStaying + "    leave: {at: 31s, ramp: 40s}\n";

constexpr sim::TraceWindow kAll{0, std::uint64_t{1} << 32};

}  // namespace

BOOST_AUTO_TEST_SUITE(divergence)

BOOST_AUTO_TEST_CASE(one_seed_gives_one_trace_checkpoint_by_checkpoint) {
  const Scenario scenario = scenario_of(kStaying);
  const FinishedRun first = run_virtual(scenario, 5);
  const FinishedRun second = run_virtual(scenario, 5, {}, {100, 200});  // keeping events changes none
  BOOST_TEST(first.trace().events() > 4096u);  // the checkpoints have been thinned out
  BOOST_TEST(first.trace().digest() == second.trace().digest());
  BOOST_TEST(second.trace().captured().size() == 100u);
  BOOST_TEST(!sim::compare(first.trace(), second.trace()).has_value());
  BOOST_TEST(*first.result().world_digest == *second.result().world_digest);
}

// Both runs are the same until the first client leaves one of them, in mid-run.
BOOST_AUTO_TEST_CASE(the_first_event_of_what_differs_is_named) {
  const Scenario staying = scenario_of(kStaying);
  const Scenario leaving = scenario_of(kLeaving);
  const FinishedRun a = run_virtual(staying, 5);
  const FinishedRun b = run_virtual(leaving, 5);

  const auto parting = sim::compare(a.trace(), b.trace());
  BOOST_REQUIRE(parting.has_value());
  BOOST_TEST(parting->window.end - parting->window.first <=
             std::max(a.trace().interval(), b.trace().interval()));
  BOOST_TEST((parting->after <= Instant{} + Duration{31s}));

  // Run both again, keeping the events of that window.
  const FinishedRun again_a = run_virtual(staying, 5, {}, parting->window);
  const FinishedRun again_b = run_virtual(leaving, 5, {}, parting->window);
  const auto index = sim::first_difference(again_a.trace().captured(), again_b.trace().captured());
  BOOST_REQUIRE(index.has_value());
  const sim::TraceEvent& event = again_b.trace().captured()[*index];
  BOOST_TEST((event.at == Instant{} + Duration{31s}));
  BOOST_TEST((event.kind == sim::EventKind::send));  // its goodbye
  BOOST_TEST(event.owner == 0u);                     // client 0, upwards

  // No earlier event differs, and the window was not needed to see it.
  const FinishedRun whole_a = run_virtual(staying, 5, {}, kAll);
  const FinishedRun whole_b = run_virtual(leaving, 5, {}, kAll);
  BOOST_TEST(whole_a.trace().captured().size() == whole_a.trace().events());
  const auto in_all = sim::first_difference(whole_a.trace().captured(), whole_b.trace().captured());
  BOOST_REQUIRE(in_all.has_value());
  BOOST_TEST(*in_all == parting->window.first + *index);
}

BOOST_AUTO_TEST_CASE(two_seeds_part_at_once) {
  const Scenario scenario = scenario_of(kStaying);
  const FinishedRun a = run_virtual(scenario, 1);
  const FinishedRun b = run_virtual(scenario, 2);
  BOOST_TEST(a.trace().digest() != b.trace().digest());
  const auto parting = sim::compare(a.trace(), b.trace());
  BOOST_REQUIRE(parting.has_value());
  BOOST_TEST(parting->window.first == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen::testing
