#include "netrig/sim/network/timeline.h"

#include <algorithm>

#include "netrig/core/base/random.h"

namespace netrig::sim {
namespace {

using Kind = LinkEvent::Kind;

// How long the event's present occurrence has lasted, or nothing when there is none at `now`.
std::optional<Duration> elapsed(const LinkEvent& event, Instant now) {
  Duration since = now.time_since_epoch() - event.at;
  if (since < Duration{0}) return std::nullopt;
  if (event.every > Duration{0}) since %= event.every;
  if (event.length > Duration{0} && since >= event.length) return std::nullopt;
  return since;
}

// How much of a change has come about, in parts per million.
std::int64_t progress_ppm(const LinkEvent& event, Duration since) {
  return since >= event.over ? kPartsPerMillion
                             : since.count() * std::int64_t{kPartsPerMillion} / event.over.count();
}

std::int64_t between(std::int64_t from, std::int64_t to, std::int64_t progress_ppm) {
  return from + (to - from) * progress_ppm / std::int64_t{kPartsPerMillion};
}

std::uint64_t ramp_step(const LinkEvent& event, Duration since) {
  if (since >= event.over) return kRampSteps;
  return static_cast<std::uint64_t>(since.count()) * kRampSteps /
         static_cast<std::uint64_t>(event.over.count());
}

std::uint64_t stepped(std::uint64_t from, std::uint64_t to, std::uint64_t step) {
  return (from * (kRampSteps - step) + to * step) / kRampSteps;
}

// When step `step` of a ramp begins.
Duration step_begins(const LinkEvent& event, std::uint64_t step) {
  constexpr auto kSteps = static_cast<std::int64_t>(kRampSteps);
  return Duration{(event.over.count() * static_cast<std::int64_t>(step) + kSteps - 1) / kSteps};
}

// The next instant after `now` at which the rate that `event` sets may be another.
Instant change_after(const LinkEvent& event, Instant now) {
  const Instant first = Instant{} + event.at;
  if (now < first) return first;
  Duration since = now - first;
  if (event.every > Duration{0}) since %= event.every;
  const Instant began = now - since;
  Instant next = event.every > Duration{0} ? began + event.every : Instant::max();
  if (event.length > since) next = std::min(next, began + event.length);
  if (event.over > since) next = std::min(next, began + step_begins(event, ramp_step(event, since) + 1));
  return next;
}

}  // namespace

Timeline::Timeline(const LinkConditions& conditions)
    : schedule_(conditions.schedule),
      nominal_delay_(nominal_delay(conditions.delay)),
      rate_bits_per_second_(conditions.rate_bits_per_second),
      loss_ppm_(conditions.loss_ppm),
      varies_rate_(schedule_ != nullptr && rate_bits_per_second_ > 0 && sets_rate(*schedule_)) {}

std::optional<DropCause> Timeline::cut(Instant now) const {
  if (empty()) return std::nullopt;
  for (const LinkEvent& event : schedule_->events) {
    if (event.kind != Kind::outage && event.kind != Kind::partition) continue;
    if (elapsed(event, now)) return event.kind == Kind::outage ? DropCause::outage : DropCause::partition;
  }
  return std::nullopt;
}

// The end of one hold may lie in another one: each can move the packet once more.
Instant Timeline::released(Instant arrives_at) const {
  if (empty()) return arrives_at;
  for (std::size_t round = 0; round < schedule_->events.size(); ++round) {
    const Instant before = arrives_at;
    for (const LinkEvent& event : schedule_->events) {
      if (event.kind != Kind::hold) continue;
      if (const auto since = elapsed(event, arrives_at)) arrives_at += event.length - *since;
    }
    if (arrives_at == before) break;
  }
  return arrives_at;
}

Duration Timeline::delay_shift(Instant now) const {
  if (empty()) return Duration{0};
  Duration delay = nominal_delay_;
  if (const LinkTrace::Row* row = row_at(now); row != nullptr && schedule_->trace->has_delay)
    delay = row->delay;
  for (const LinkEvent& event : schedule_->events) {
    if (!event.delay) continue;
    if (const auto since = elapsed(event, now))
      delay = Duration{between(delay.count(), event.delay->count(), progress_ppm(event, *since))};
  }
  return delay - nominal_delay_;
}

std::uint32_t Timeline::loss_ppm(Instant now) const {
  if (empty()) return loss_ppm_;
  std::int64_t loss = loss_ppm_;
  if (const LinkTrace::Row* row = row_at(now); row != nullptr && schedule_->trace->has_loss)
    loss = row->loss_ppm;
  for (const LinkEvent& event : schedule_->events) {
    if (!event.loss_ppm) continue;
    if (const auto since = elapsed(event, now))
      loss = between(loss, *event.loss_ppm, progress_ppm(event, *since));
  }
  return static_cast<std::uint32_t>(loss);
}

std::uint64_t Timeline::rate_bits_per_second(Instant now) const {
  if (!varies_rate_) return rate_bits_per_second_;
  std::uint64_t rate = rate_bits_per_second_;
  if (const LinkTrace::Row* row = row_at(now); row != nullptr && schedule_->trace->has_rate)
    rate = row->rate_bits_per_second;
  for (const LinkEvent& event : schedule_->events) {
    if (!event.rate_bits_per_second) continue;
    if (const auto since = elapsed(event, now))
      rate = stepped(rate, *event.rate_bits_per_second, ramp_step(event, *since));
  }
  return rate;
}

Instant Timeline::rate_change_after(Instant now) const {
  Instant next = Instant::max();
  if (!varies_rate_) return next;
  if (const LinkTrace::Row* row = row_at(now); row != nullptr && schedule_->trace->has_rate) {
    const LinkTrace& trace = *schedule_->trace;
    const Instant began = now - now.time_since_epoch() % trace.period;
    const bool is_last = row == &trace.rows.back();
    next = began + (is_last ? trace.period : (row + 1)->at);
  }
  for (const LinkEvent& event : schedule_->events)
    if (event.rate_bits_per_second) next = std::min(next, change_after(event, now));
  return next;
}

const LinkTrace::Row* Timeline::row_at(Instant now) const {
  if (!schedule_->trace) return nullptr;
  const auto& rows = schedule_->trace->rows;
  const Duration at = now.time_since_epoch() % schedule_->trace->period;
  const auto after = std::ranges::upper_bound(rows, at, {}, &LinkTrace::Row::at);
  return &*std::prev(after);
}

}  // namespace netrig::sim
