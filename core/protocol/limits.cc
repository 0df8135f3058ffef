#include "netrig/core/protocol/limits.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

std::uint32_t ticks_in(Duration duration, std::uint32_t rate_hz) {
  return static_cast<std::uint32_t>((duration.count() * rate_hz + 999'999'999) / 1'000'000'000);
}

}  // namespace

Windows derive_windows(const Horizon& horizon) {
  NETRIG_ASSERT(horizon.rtt_max >= 0ns && horizon.rtt_max <= kRttLimit);
  NETRIG_ASSERT(horizon.jitter_max >= 0ns && horizon.jitter_max <= kRttLimit);
  NETRIG_ASSERT(horizon.tick_rate_hz >= 1 && horizon.tick_rate_hz <= kTickRateHzLimit);

  Windows windows{};
  windows.idle_timeout = horizon.rtt_max + 10 * kPingInterval;
  windows.handshake_timeout = 4 * horizon.rtt_max + 2s;
  windows.cookie_life = std::max(kCookieLifeMin, windows.handshake_timeout);
  windows.history_ticks = ticks_in(horizon.rtt_max + 2 * horizon.jitter_max, horizon.tick_rate_hz) + 16;
  windows.inputs_burst_max =
      std::max(32u, ticks_in(horizon.rtt_max + horizon.jitter_max, horizon.tick_rate_hz));
  windows.inputs_queued_max = windows.inputs_burst_max + 64;
  windows.inputs_in_flight_max = 2 * windows.history_ticks;
  windows.pings_in_flight_max = static_cast<std::uint32_t>(windows.idle_timeout / kPingInterval) + 2;
  windows.reliable_in_flight_max = std::max(1024u, 4 * ticks_in(horizon.rtt_max, horizon.tick_rate_hz));

  NETRIG_ASSERT(windows.idle_timeout > horizon.rtt_max + horizon.jitter_max);
  NETRIG_ASSERT(windows.cookie_life >= 2 * horizon.rtt_max);
  NETRIG_ASSERT(windows.history_ticks > ticks_in(horizon.rtt_max, horizon.tick_rate_hz));
  return windows;
}

}  // namespace netrig
