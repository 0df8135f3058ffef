// What changes on one direction of a link while the run goes on: outages, partitions, holds, changes of
// delay, rate and loss, or a recorded trace of them. Plain values; times count from the start of the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"

namespace netrig::sim {

constexpr std::size_t kLinkEventsMax = 64;                  // each packet looks at all of them
constexpr Duration kEventTimeMax = std::chrono::hours{24};  // the longest run
constexpr Duration kRampMax = std::chrono::hours{1};        // ns * 1,000,000 of it fit 63 bits
constexpr std::size_t kTraceRowsMax = 100'000;              // a day of seconds, at 3.2 MB
constexpr std::uint64_t kRampSteps = 64;                    // of a rate, which changes in steps

struct LinkEvent {
  enum class Kind : std::uint8_t {
    outage,     // what leaves the queue meanwhile is lost
    partition,  // the same, by another name: a group is cut off from the server
    hold,       // what would arrive meanwhile arrives at its end, all at once: Wi-Fi, LTE
    change,     // delay, rate and loss are others, until it ends
  };

  Kind kind = Kind::outage;
  Duration at{0};
  Duration length{0};               // a change: 0 is for ever
  Duration every{0};                // begins again each so often; 0: once
  bool at_random = false;           // `at` is to be drawn for each link, within `every`: draw_times() does
  Duration over{0};                 // a change: takes this long, evenly; 0: a step, as a handover is
  std::optional<Duration> delay{};  // the middle of the delay's shape moves here
  std::optional<std::uint64_t> rate_bits_per_second{};
  std::optional<std::uint32_t> loss_ppm{};  // independent, beside bursts

  friend bool operator==(const LinkEvent&, const LinkEvent&) = default;
};

// Recorded conditions. Each row holds until the next one; the last as long as the one before it. Then all of
// it begins again.
struct LinkTrace {
  struct Row {
    Duration at{0};
    Duration delay{0};
    std::uint64_t rate_bits_per_second = 0;
    std::uint32_t loss_ppm = 0;
    friend bool operator==(const Row&, const Row&) = default;
  };
  std::vector<Row> rows;  // the first at 0, ascending
  Duration period{0};     // above the last row's time
  bool has_delay = false;
  bool has_rate = false;
  bool has_loss = false;

  friend bool operator==(const LinkTrace&, const LinkTrace&) = default;
};

struct LinkSchedule {
  std::shared_ptr<const LinkTrace> trace{};  // may be null; the events change what it says
  std::vector<LinkEvent> events{};           // of two at once, the later one in the list decides

  friend bool operator==(const LinkSchedule& a, const LinkSchedule& b) {
    return a.events == b.events && (a.trace == b.trace || (a.trace && b.trace && *a.trace == *b.trace));
  }
};

enum class ScheduleError : std::uint8_t {
  too_many_events,
  time_out_of_range,
  no_interval,
  no_length,
  longer_than_its_interval,
  repeats_without_length,
  ramp_out_of_range,
  changes_nothing,
  value_out_of_range,
  bad_trace,
};
std::string_view text(ScheduleError error);

std::optional<ScheduleError> validate_event(const LinkEvent& event);
std::optional<ScheduleError> validate_schedule(const LinkSchedule& schedule);

// Gives the events that have none their times. Those with one interval begin together.
void draw_times(LinkSchedule& schedule, const Random& random);

// Whether it ever sets a rate.
bool sets_rate(const LinkSchedule& schedule);

// The largest delay that the schedule ever sets; 0 when it sets none.
Duration largest_delay(const LinkSchedule& schedule);

// "outage of 2 s at 10 s, again every 30 s".
std::string describe_event(const LinkEvent& event);

}  // namespace netrig::sim
