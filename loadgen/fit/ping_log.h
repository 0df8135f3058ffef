// What ping wrote: Linux iputils (with or without -D and -O), busybox and BSD, which number their lines
// alike, and Windows in English, whose lines have no number and come in order.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/core/base/time.h"

namespace netrig::loadgen {

constexpr std::size_t kPingLogBytesMax = 64 * 1024 * 1024;  // ten days of one ping a second
constexpr std::size_t kPingsMax = 10'000'000;               // lost ones too: 160 MB

// Round trips in the order of sending; nothing where no answer came.
using RoundTrips = std::vector<std::optional<Duration>>;

struct PingSeries {
  RoundTrips round_trips;
  std::optional<Duration> interval{};  // between two pings, when the log has times
  std::size_t duplicates = 0;          // answers to a ping that had one already
};

// The error: "FILE:LINE: message".
Result<PingSeries, std::string> parse_ping_log(std::string_view text, const std::string& file);

}  // namespace netrig::loadgen
