// Time as integer nanoseconds. Nothing in core or sim reads a clock: `Instant now` is always an argument.
#pragma once

#include <chrono>
#include <cstdint>

namespace netrig {

using Duration = std::chrono::nanoseconds;

// The time line of one run. Its zero is the start of the run, under the virtual clock and the real one alike.
struct RunTime {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<RunTime>;
  static constexpr bool is_steady = true;
};

using Instant = RunTime::time_point;

using std::chrono_literals::operator""ns;
using std::chrono_literals::operator""us;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr Instant instant_from_ns(std::int64_t since_start_ns) {
  return Instant{Duration{since_start_ns}};
}
constexpr std::int64_t ns_since_start(Instant instant) {
  return instant.time_since_epoch().count();
}

// For reports only: simulated time itself stays integer.
constexpr double seconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

}  // namespace netrig
