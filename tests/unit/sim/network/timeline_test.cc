#include "netrig/sim/network/timeline.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/base/random.h"
#include "netrig/sim/network/queue.h"

using namespace netrig;
using namespace netrig::sim;
using Kind = LinkEvent::Kind;

namespace {

LinkConditions with_events(std::vector<LinkEvent> events, LinkConditions link = {}) {
  link.schedule = std::make_shared<const LinkSchedule>(LinkSchedule{.events = std::move(events)});
  return link;
}

LinkConditions with_trace(LinkTrace trace, LinkConditions link = {}) {
  link.schedule = std::make_shared<const LinkSchedule>(
      LinkSchedule{.trace = std::make_shared<const LinkTrace>(std::move(trace))});
  return link;
}

constexpr std::int64_t kMs = 1'000'000;

}  // namespace

BOOST_AUTO_TEST_SUITE(timeline)

BOOST_AUTO_TEST_CASE(an_outage_holds_from_its_first_instant_until_just_before_its_end) {
  const Timeline times{with_events({{.kind = Kind::outage, .at = 10s, .length = 2s}})};
  BOOST_CHECK(!times.cut(Instant{10s} - 1ns));
  BOOST_CHECK(times.cut(Instant{10s}) == DropCause::outage);
  BOOST_CHECK(times.cut(Instant{12s} - 1ns) == DropCause::outage);
  BOOST_CHECK(!times.cut(Instant{12s}));
  BOOST_CHECK(!times.cut(Instant{100s}));
}

BOOST_AUTO_TEST_CASE(an_event_with_an_interval_begins_again) {
  const Timeline times{with_events({{.kind = Kind::partition, .at = 10s, .length = 2s, .every = 30s}})};
  for (const Duration base : {10s, 40s, 70s, 3'610s}) {
    BOOST_CHECK(!times.cut(Instant{base} - 1ns));
    BOOST_CHECK(times.cut(Instant{base}) == DropCause::partition);
    BOOST_CHECK(!times.cut(Instant{base + 2s}));
  }
}

BOOST_AUTO_TEST_CASE(what_would_arrive_in_a_hold_arrives_at_its_end) {
  const Timeline times{with_events({{.kind = Kind::hold, .at = 100ms, .length = 50ms, .every = 200ms},
                                    {.kind = Kind::hold, .at = 150ms, .length = 10ms}})};
  BOOST_CHECK(times.released(Instant{99ms}) == Instant{99ms});
  BOOST_CHECK(times.released(Instant{100ms}) == Instant{160ms});  // one hold ends inside the other
  BOOST_CHECK(times.released(Instant{155ms}) == Instant{160ms});
  BOOST_CHECK(times.released(Instant{160ms}) == Instant{160ms});
  BOOST_CHECK(times.released(Instant{349ms}) == Instant{350ms});
}

BOOST_AUTO_TEST_CASE(a_step_changes_delay_loss_and_rate_at_once_and_for_its_length) {
  const Timeline times{with_events({{.kind = Kind::change,
                                     .at = 5s,
                                     .length = 10s,
                                     .delay = 80ms,
                                     .rate_bits_per_second = 2'000'000,
                                     .loss_ppm = 50'000}},
                                   {.delay = ConstantDelay{30ms},
                                    .loss_ppm = 1'000,
                                    .rate_bits_per_second = 8'000'000,
                                    .queue_bytes_max = 64'000})};
  BOOST_CHECK(times.delay_shift(Instant{5s} - 1ns) == 0ms);
  BOOST_CHECK(times.delay_shift(Instant{5s}) == 50ms);
  BOOST_TEST(times.loss_ppm(Instant{4s}) == 1'000u);
  BOOST_TEST(times.loss_ppm(Instant{5s}) == 50'000u);
  BOOST_TEST(times.rate_bits_per_second(Instant{14s}) == 2'000'000u);
  BOOST_TEST(times.rate_bits_per_second(Instant{15s}) == 8'000'000u);
  BOOST_CHECK(times.rate_change_after(Instant{}) == Instant{5s});
  BOOST_CHECK(times.rate_change_after(Instant{5s}) == Instant{15s});
  BOOST_CHECK(times.rate_change_after(Instant{15s}) == Instant::max());
}

BOOST_AUTO_TEST_CASE(a_ramp_moves_evenly_and_its_rate_in_steps) {
  const Timeline times{with_events(
      {{.kind = Kind::change, .at = 10s, .over = 64s, .delay = 130ms, .rate_bits_per_second = 1'640'000}},
      {.delay = ConstantDelay{30ms}, .rate_bits_per_second = 1'000'000, .queue_bytes_max = 64'000})};
  BOOST_CHECK(times.delay_shift(Instant{10s}) == 0ms);
  BOOST_CHECK(times.delay_shift(Instant{42s}) == 50ms);
  BOOST_CHECK(times.delay_shift(Instant{74s}) == 100ms);
  BOOST_CHECK(times.delay_shift(Instant{10'000s}) == 100ms);
  for (int step = 0; step < 64; ++step) {
    const Instant begins{10s + Duration{1s} * step};
    BOOST_REQUIRE(times.rate_bits_per_second(begins) == 1'000'000u + 10'000u * static_cast<unsigned>(step));
    BOOST_REQUIRE(times.rate_change_after(begins) == begins + 1s);
  }
}

BOOST_AUTO_TEST_CASE(a_change_builds_on_what_the_one_before_it_left) {
  const Timeline times{with_events({{.kind = Kind::change, .at = 0s, .delay = 50ms},
                                    {.kind = Kind::change, .at = 10s, .over = 10s, .delay = 100ms}},
                                   {.delay = ConstantDelay{10ms}})};
  BOOST_CHECK(times.delay_shift(Instant{15s}) == 65ms);  // half way from 50 to 100
}

BOOST_AUTO_TEST_CASE(a_trace_holds_each_row_and_begins_again) {
  LinkTrace trace{.rows = {{0s, 40ms, 8'000'000, 0}, {1s, 60ms, 4'000'000, 10'000}, {3s, 50ms, 1'000'000, 0}},
                  .period = 5s,
                  .has_delay = true,
                  .has_rate = true,
                  .has_loss = true};
  const Timeline times{with_trace(
      trace, {.delay = ConstantDelay{40ms}, .rate_bits_per_second = 8'000'000, .queue_bytes_max = 64'000})};
  for (const Duration round : {0s, 5s, 500s}) {
    BOOST_CHECK(times.delay_shift(Instant{round}) == 0ms);
    BOOST_CHECK(times.delay_shift(Instant{round + 1s}) == 20ms);
    BOOST_TEST(times.loss_ppm(Instant{round + 2s}) == 10'000u);
    BOOST_TEST(times.rate_bits_per_second(Instant{round + 4s}) == 1'000'000u);
    BOOST_CHECK(times.rate_change_after(Instant{round}) == Instant{round + 1s});
    BOOST_CHECK(times.rate_change_after(Instant{round + 3s}) == Instant{round + 5s});
  }
}

BOOST_AUTO_TEST_CASE(events_of_one_interval_draw_one_time_and_each_link_another) {
  LinkSchedule schedule{.events = {{.kind = Kind::hold, .length = 1ms, .every = 1s, .at_random = true},
                                   {.kind = Kind::outage, .at = 7s, .length = 1s},
                                   {.kind = Kind::outage, .length = 1ms, .every = 1s, .at_random = true},
                                   {.kind = Kind::hold, .length = 1ms, .every = 2s, .at_random = true}}};
  LinkSchedule other = schedule;
  draw_times(schedule, Random{1});
  draw_times(other, Random{2});
  BOOST_CHECK(schedule.events[0].at == schedule.events[2].at);
  BOOST_CHECK(schedule.events[0].at != schedule.events[3].at);
  BOOST_CHECK(schedule.events[0].at < 1s);
  BOOST_CHECK(schedule.events[1].at == 7s);
  BOOST_CHECK(schedule.events[0].at != other.events[0].at);
}

BOOST_AUTO_TEST_CASE(bad_schedules_are_named) {
  const auto error = [](const LinkEvent& event) { return validate_event(event); };
  BOOST_CHECK(error({.kind = Kind::outage}) == ScheduleError::no_length);
  BOOST_CHECK(error({.kind = Kind::outage, .at = 90'000s, .length = 1s}) == ScheduleError::time_out_of_range);
  BOOST_CHECK(error({.kind = Kind::hold, .length = 2s, .every = 1s}) ==
              ScheduleError::longer_than_its_interval);
  BOOST_CHECK(error({.kind = Kind::hold, .length = 2s, .at_random = true}) == ScheduleError::no_interval);
  BOOST_CHECK(error({.kind = Kind::change}) == ScheduleError::changes_nothing);
  BOOST_CHECK(error({.kind = Kind::change, .every = 1s, .delay = 1ms}) ==
              ScheduleError::repeats_without_length);
  BOOST_CHECK(error({.kind = Kind::change, .length = 1s, .over = 2s, .delay = 1ms}) ==
              ScheduleError::ramp_out_of_range);
  BOOST_CHECK(error({.kind = Kind::change, .delay = 11s}) == ScheduleError::value_out_of_range);
  BOOST_CHECK(error({.kind = Kind::change, .rate_bits_per_second = 1}) == ScheduleError::value_out_of_range);
  LinkSchedule schedule;
  schedule.events.resize(kLinkEventsMax + 1, {.kind = Kind::outage, .length = 1s});
  BOOST_CHECK(validate_schedule(schedule) == ScheduleError::too_many_events);
  BOOST_CHECK(validate_schedule({.trace = std::make_shared<const LinkTrace>()}) == ScheduleError::bad_trace);
}

BOOST_AUTO_TEST_CASE(a_rate_of_the_schedule_means_nothing_where_there_is_none_to_begin_with) {
  const Timeline times{with_events({{.kind = Kind::change, .rate_bits_per_second = 1'000'000}})};
  BOOST_TEST(times.rate_bits_per_second(Instant{1s}) == 0u);
  BOOST_CHECK(times.rate_change_after(Instant{}) == Instant::max());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(varying_rate)

BOOST_AUTO_TEST_CASE(what_waits_when_the_rate_changes_leaves_at_the_new_one) {
  const LinkConditions link =
      with_events({{.kind = Kind::change, .at = 500ms, .rate_bits_per_second = 2'000'000}},
                  {.rate_bits_per_second = 8'000'000, .queue_bytes_max = 1'000'000});
  DropTailQueue queue{Timeline{link}, link.queue_bytes_max};
  Instant last{};
  for (int i = 0; i < 1'000; ++i) last = queue.push(1'000, Instant{});
  // Half a second at 8 Mbit/s moves 500 kB; the other half takes 2 s.
  BOOST_CHECK(last == Instant{2'500ms});
  BOOST_TEST(queue.bytes(Instant{500ms}) == 500'000u);
  BOOST_TEST(queue.bytes(Instant{1'500ms}) == 250'000u);
  BOOST_TEST(!queue.fits(500'001, Instant{500ms}));
  BOOST_TEST(queue.fits(500'000, Instant{500ms}));
  BOOST_TEST(queue.bytes(Instant{2'500ms}) == 0u);
}

// The queue keeps two instants; the oracle drains byte by byte, at 1 or 2 us a byte.
BOOST_AUTO_TEST_CASE(it_agrees_with_a_queue_that_counts_bytes) {
  const LinkConditions link = with_events(
      {{.kind = Kind::change, .at = 3ms, .length = 5ms, .every = 11ms, .rate_bits_per_second = 4'000'000}},
      {.rate_bits_per_second = 8'000'000, .queue_bytes_max = 5'000});
  DropTailQueue queue{Timeline{link}, link.queue_bytes_max};
  const auto is_slow = [](std::int64_t at_us) { return at_us >= 3'000 && (at_us - 3'000) % 11'000 < 5'000; };
  Random random{7};
  std::uint64_t half_bytes = 0;  // what is left, in halves: 2 leave each fast microsecond, 1 each slow one
  std::int64_t now_us = 0;
  std::size_t dropped = 0;
  for (int i = 0; i < 20'000; ++i) {
    for (auto pause = static_cast<std::int64_t>(random.below(2'600)); pause > 0; --pause, ++now_us)
      half_bytes -= std::min<std::uint64_t>(half_bytes, is_slow(now_us) ? 1 : 2);
    const Instant now = instant_from_ns(now_us * 1'000);
    BOOST_REQUIRE(queue.bytes(now) == (half_bytes + 1) / 2);
    const auto size = static_cast<std::uint32_t>(1 + random.below(2'000));
    const bool fits = (half_bytes + 1) / 2 + size <= 5'000;
    BOOST_REQUIRE(queue.fits(size, now) == fits);
    if (!fits) {
      ++dropped;
      continue;
    }
    half_bytes += 2 * size;
    std::int64_t empty_us = now_us;
    for (std::uint64_t left = half_bytes; left > 0; ++empty_us) {
      if (left == 1 && !is_slow(empty_us)) break;  // half a microsecond
      left -= is_slow(empty_us) ? 1 : 2;
    }
    const Instant departs = queue.push(size, now);
    BOOST_REQUIRE(ns_since_start(departs) / 1'000 == empty_us);
  }
  BOOST_TEST(dropped > 100u);
  BOOST_TEST(now_us * 1'000 > 20 * kMs);
}

BOOST_AUTO_TEST_SUITE_END()
