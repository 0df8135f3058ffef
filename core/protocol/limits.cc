#include "netrig/core/protocol/limits.h"

#include <algorithm>
#include <bit>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

std::uint32_t ticks_in(Duration duration, std::uint32_t rate_hz) {
  return static_cast<std::uint32_t>((duration.count() * rate_hz + 999'999'999) / 1'000'000'000);
}

void derive_datagram_windows(const Horizon& horizon, Windows& windows) {
  const std::uint32_t packets_hz = horizon.tick_rate_hz * horizon.packets_per_tick_max;
  windows.rtt_max = horizon.rtt_max;
  windows.ack_delay_max = Duration{1'000'000'000 / horizon.tick_rate_hz};
  windows.reorder_max = 2 * horizon.jitter_max;
  const Duration one_round = horizon.rtt_max + windows.reorder_max;
  windows.packet_kept_for = 2 * one_round + 2s;
  windows.packets_kept_max = ticks_in(windows.packet_kept_for, packets_hz);
  windows.replay_packets = std::bit_ceil(std::max(kReplayPacketsMin, ticks_in(one_round + 2s, packets_hz)));
  windows.numbered_in_flight_max = std::clamp(
      5 * ticks_in(horizon.rtt_max + horizon.jitter_max, horizon.tick_rate_hz), 1'024u, kReliableMessagesMax);

  NETRIG_ASSERT(windows.packet_kept_for > horizon.rtt_max + horizon.jitter_max + windows.ack_delay_max);
  NETRIG_ASSERT(windows.packets_kept_max >= ticks_in(horizon.rtt_max, packets_hz));
  NETRIG_ASSERT(windows.replay_packets >= ticks_in(horizon.rtt_max, packets_hz));
}

}  // namespace

Windows derive_windows(const Horizon& horizon) {
  NETRIG_ASSERT(horizon.rtt_max >= 0ns && horizon.rtt_max <= kRttLimit);
  NETRIG_ASSERT(horizon.jitter_max >= 0ns && horizon.jitter_max <= kRttLimit);
  NETRIG_ASSERT(horizon.tick_rate_hz >= 1 && horizon.tick_rate_hz <= kTickRateHzLimit);
  NETRIG_ASSERT(horizon.packets_per_tick_max >= 1 && horizon.packets_per_tick_max <= kPacketsPerTickLimit);

  Windows windows{};
  windows.idle_timeout =
      horizon.rtt_max + std::max<Duration>(10 * kPingInterval, horizon.jitter_max + 2 * kPingInterval);
  windows.owed_timeout = horizon.rtt_max + std::max<Duration>(5s, horizon.jitter_max + 2s);
  windows.handshake_timeout = 4 * horizon.rtt_max + 2s;
  windows.cookie_life = std::max(kCookieLifeMin, windows.handshake_timeout);
  windows.history_ticks = ticks_in(horizon.rtt_max + 2 * horizon.jitter_max, horizon.tick_rate_hz) + 16;
  windows.inputs_burst_max =
      std::max(32u, ticks_in(horizon.rtt_max + horizon.jitter_max, horizon.tick_rate_hz));
  windows.inputs_queued_max = windows.inputs_burst_max + 64;
  windows.inputs_in_flight_max = 2 * windows.history_ticks;
  windows.pings_in_flight_max = static_cast<std::uint32_t>(windows.idle_timeout / kPingInterval) + 2;
  windows.reliable_in_flight_max = std::max(1024u, 4 * ticks_in(horizon.rtt_max, horizon.tick_rate_hz));

  derive_datagram_windows(horizon, windows);

  NETRIG_ASSERT(windows.idle_timeout > horizon.rtt_max + horizon.jitter_max);
  NETRIG_ASSERT(windows.cookie_life >= 2 * horizon.rtt_max);
  NETRIG_ASSERT(windows.history_ticks > ticks_in(horizon.rtt_max, horizon.tick_rate_hz));
  return windows;
}

}  // namespace netrig
