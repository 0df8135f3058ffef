#include "netrig/sim/network/schedule.h"

#include <algorithm>

#include "netrig/core/base/random.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/words.h"

namespace netrig::sim {
namespace {

bool in_range(Duration duration, Duration max) {
  return duration >= Duration{0} && duration <= max;
}

bool is_rate(std::uint64_t rate) {
  return rate >= kRateMin && rate <= kRateMax;
}

std::optional<ScheduleError> validate_change(const LinkEvent& event) {
  if (!in_range(event.over, kRampMax) || (event.length > Duration{0} && event.over > event.length))
    return ScheduleError::ramp_out_of_range;
  if (!event.delay && !event.rate_bits_per_second && !event.loss_ppm) return ScheduleError::changes_nothing;
  if ((event.delay && !in_range(*event.delay, kDelayMax)) ||
      (event.rate_bits_per_second && !is_rate(*event.rate_bits_per_second)) ||
      (event.loss_ppm && *event.loss_ppm > kPartsPerMillion))
    return ScheduleError::value_out_of_range;
  if (event.every > Duration{0} && event.length == Duration{0}) return ScheduleError::repeats_without_length;
  return std::nullopt;
}

bool is_valid(const LinkTrace& trace) {
  const auto& rows = trace.rows;
  if (rows.empty() || rows.size() > kTraceRowsMax || rows.front().at != Duration{0}) return false;
  if (trace.period <= rows.back().at || trace.period > 2 * kEventTimeMax) return false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0 && rows[i].at <= rows[i - 1].at) return false;
    if (!in_range(rows[i].delay, kDelayMax) || rows[i].loss_ppm > kPartsPerMillion) return false;
    if (trace.has_rate && !is_rate(rows[i].rate_bits_per_second)) return false;
  }
  return true;
}

std::string_view name_of(LinkEvent::Kind kind) {
  switch (kind) {
    case LinkEvent::Kind::outage:
      return "outage";
    case LinkEvent::Kind::partition:
      return "partition";
    case LinkEvent::Kind::hold:
      return "held back";
    case LinkEvent::Kind::change:
      break;
  }
  return "change";
}

std::string change_text(const LinkEvent& event) {
  std::string words;
  const auto add = [&](const std::string& what) { words.append(words.empty() ? "" : ", ").append(what); };
  if (event.delay) add("delay to " + duration_text(*event.delay));
  if (event.rate_bits_per_second) add("rate to " + rate_text(*event.rate_bits_per_second));
  if (event.loss_ppm) add("loss to " + share_text(*event.loss_ppm));
  if (event.over > Duration{0}) words += " over " + duration_text(event.over);
  if (event.length > Duration{0}) words += " for " + duration_text(event.length);
  return words;
}

}  // namespace

std::string_view text(ScheduleError error) {
  switch (error) {
    case ScheduleError::too_many_events:
      return "a link has at most 64 events";
    case ScheduleError::time_out_of_range:
      return "times lie between 0 and 24 h";
    case ScheduleError::no_interval:
      return "at a random time needs an interval: each client begins anywhere within it";
    case ScheduleError::no_length:
      return "needs a length above 0";
    case ScheduleError::longer_than_its_interval:
      return "lasts longer than the time until it begins again";
    case ScheduleError::repeats_without_length:
      return "a change that repeats needs a length";
    case ScheduleError::ramp_out_of_range:
      return "a change takes at most 1 h, and no longer than it lasts";
    case ScheduleError::changes_nothing:
      return "a change needs a delay, a rate or a loss";
    case ScheduleError::value_out_of_range:
      return "delay is at most 10 s, a rate 1 kbit/s to 100 Gbit/s, loss at most 100 %";
    case ScheduleError::bad_trace:
      return "a trace begins at 0 with ascending times";
  }
  return "unknown";
}

std::optional<ScheduleError> validate_event(const LinkEvent& event) {
  for (const Duration time : {event.at, event.length, event.every})
    if (!in_range(time, kEventTimeMax)) return ScheduleError::time_out_of_range;
  if (event.at_random && event.every == Duration{0}) return ScheduleError::no_interval;
  if (event.every > Duration{0} && event.length > event.every) return ScheduleError::longer_than_its_interval;
  if (event.kind == LinkEvent::Kind::change) return validate_change(event);
  if (event.length == Duration{0}) return ScheduleError::no_length;
  return std::nullopt;
}

std::optional<ScheduleError> validate_schedule(const LinkSchedule& schedule) {
  if (schedule.events.size() > kLinkEventsMax) return ScheduleError::too_many_events;
  for (const LinkEvent& event : schedule.events)
    if (const auto error = validate_event(event)) return error;
  if (schedule.trace && !is_valid(*schedule.trace)) return ScheduleError::bad_trace;
  return std::nullopt;
}

void draw_times(LinkSchedule& schedule, const Random& random) {
  for (LinkEvent& event : schedule.events) {
    if (!event.at_random) continue;
    const auto every = static_cast<std::uint64_t>(event.every.count());
    event.at = Duration{static_cast<std::int64_t>(random.fork("schedule", every).below(every))};
    event.at_random = false;
  }
}

bool sets_rate(const LinkSchedule& schedule) {
  return (schedule.trace && schedule.trace->has_rate) ||
         std::ranges::any_of(schedule.events,
                             [](const LinkEvent& event) { return event.rate_bits_per_second.has_value(); });
}

Duration largest_delay(const LinkSchedule& schedule) {
  Duration largest{0};
  if (schedule.trace && schedule.trace->has_delay)
    for (const LinkTrace::Row& row : schedule.trace->rows) largest = std::max(largest, row.delay);
  for (const LinkEvent& event : schedule.events)
    largest = std::max(largest, event.delay.value_or(Duration{0}));
  return largest;
}

std::string describe_event(const LinkEvent& event) {
  std::string words = event.kind == LinkEvent::Kind::change
                          ? change_text(event)
                          : std::string{name_of(event.kind)} + " for " + duration_text(event.length);
  words += event.at_random ? " at a time of its own" : " at " + duration_text(event.at);
  if (event.every > Duration{0}) words += ", again every " + duration_text(event.every);
  return words;
}

}  // namespace netrig::sim
