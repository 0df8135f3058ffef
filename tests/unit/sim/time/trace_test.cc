#include "netrig/sim/time/trace.h"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "netrig/core/base/random.h"

namespace {

using namespace netrig;
using namespace netrig::sim;

TraceEvent event_number(std::uint64_t index) {
  Random random = Random{7}.fork("event", index);
  return {instant_from_ns(static_cast<std::int64_t>(index) * 1'000), static_cast<EventKind>(random.below(10)),
          static_cast<std::uint32_t>(random.below(64)), random.below(4'000), random.bits()};
}

Trace trace_of(const std::vector<TraceEvent>& events, TraceWindow capture = {}) {
  Trace trace{capture};
  for (const TraceEvent& event : events) trace.record(event);
  return trace;
}

std::vector<TraceEvent> events_of_a_run(std::uint64_t count) {
  std::vector<TraceEvent> events;
  for (std::uint64_t i = 0; i < count; ++i) events.push_back(event_number(i));
  return events;
}

// What the driver of a run does with two runs that differ: compare, run both again with a capture, name the
// event.
std::optional<std::uint64_t> first_diverging_event(const std::vector<TraceEvent>& a,
                                                   const std::vector<TraceEvent>& b) {
  const auto divergence = compare(trace_of(a), trace_of(b));
  if (!divergence) return std::nullopt;
  const Trace again_a = trace_of(a, divergence->window);
  const Trace again_b = trace_of(b, divergence->window);
  const auto index = first_difference(again_a.captured(), again_b.captured());
  BOOST_REQUIRE(index.has_value());
  return divergence->window.first + *index;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(trace)

BOOST_AUTO_TEST_CASE(equal_runs_have_equal_digests_and_no_divergence) {
  const auto events = events_of_a_run(10'000);
  BOOST_TEST(trace_of(events).digest() == trace_of(events).digest());
  BOOST_TEST(trace_of(events).events() == 10'000u);
  BOOST_TEST(!compare(trace_of(events), trace_of(events)).has_value());
}

BOOST_AUTO_TEST_CASE(the_digest_depends_on_every_field_and_on_the_order) {
  const TraceEvent event{instant_from_ns(5), EventKind::send, 3, 100, 9};
  const std::uint64_t original = trace_of({event}).digest();
  std::vector<TraceEvent> changed(5, event);
  changed[0].at += 1ns;
  changed[1].kind = EventKind::deliver;
  changed[2].owner = 4;
  changed[3].subject = 101;
  changed[4].detail = 8;
  for (const TraceEvent& other : changed) BOOST_TEST(trace_of({other}).digest() != original);
  BOOST_TEST(trace_of({event, changed[0]}).digest() != trace_of({changed[0], event}).digest());
}

BOOST_AUTO_TEST_CASE(one_changed_event_anywhere_is_found) {
  // Around the start, the end, checkpoints and both sides of the thinning at 4,096 and 8,192 events.
  const auto events = events_of_a_run(20'003);
  for (const std::size_t at :
       {0u, 1u, 2u, 1'000u, 4'094u, 4'095u, 4'096u, 8'191u, 8'192u, 12'345u, 20'000u, 20'002u}) {
    auto changed = events;
    changed[at].detail ^= 1;
    const auto found = first_diverging_event(events, changed);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(*found == at);
  }
}

BOOST_AUTO_TEST_CASE(a_missing_and_an_additional_event_are_found) {
  const auto events = events_of_a_run(9'000);
  auto missing = events;
  missing.erase(missing.begin() + 5'000);
  BOOST_TEST(first_diverging_event(events, missing).value() == 5'000u);
  BOOST_TEST(first_diverging_event(missing, events).value() == 5'000u);

  auto shorter = events;
  shorter.pop_back();
  BOOST_TEST(first_diverging_event(events, shorter).value() == 8'999u);
  BOOST_TEST(first_diverging_event(events, {}).value() == 0u);

  const auto far_shorter = events_of_a_run(10);  // another interval between checkpoints
  BOOST_TEST(first_diverging_event(far_shorter, events).value() == 10u);
}

BOOST_AUTO_TEST_CASE(a_divergence_tells_the_last_instant_both_share) {
  const auto events = events_of_a_run(100);  // a checkpoint after each
  auto changed = events;
  changed[40].owner ^= 1;
  const auto divergence = compare(trace_of(events), trace_of(changed));
  BOOST_REQUIRE(divergence.has_value());
  BOOST_CHECK((divergence->window == TraceWindow{40, 41}));
  BOOST_CHECK(divergence->after == events[39].at);
}

BOOST_AUTO_TEST_CASE(checkpoints_stay_within_their_bound_and_lie_where_the_count_says) {
  Trace trace;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    trace.record(event_number(i % 100));
    BOOST_REQUIRE(trace.checkpoints().size() <= Trace::kCheckpointsMax);
  }
  BOOST_TEST(trace.interval() == 32u);  // 100,000 / 32 = 3,125 < 4,096 <= 100,000 / 16
  BOOST_REQUIRE(trace.checkpoints().size() == 3'125u);
  for (std::size_t i = 0; i < trace.checkpoints().size(); ++i)
    BOOST_REQUIRE(trace.checkpoints()[i].events == (i + 1) * 32);
}

BOOST_AUTO_TEST_CASE(a_capture_holds_exactly_its_window) {
  const auto events = events_of_a_run(50);
  const Trace trace = trace_of(events, {10, 13});
  BOOST_REQUIRE(trace.captured().size() == 3u);
  for (std::size_t i = 0; i < 3; ++i) BOOST_CHECK(trace.captured()[i] == events[10 + i]);
  BOOST_TEST(trace.digest() == trace_of(events).digest());  // to look changes nothing
  BOOST_TEST(trace_of(events).captured().empty());
}

BOOST_AUTO_TEST_CASE(an_event_is_described_in_one_line) {
  const TraceEvent event{instant_from_ns(1'250'000'001), EventKind::deliver, 7, 3'700, 0x00c0ffee00c0ffee};
  BOOST_TEST(describe(event) == "1.250000001 s deliver owner 7 subject 3700 detail 00c0ffee00c0ffee");
}

BOOST_AUTO_TEST_SUITE_END()
