// Every bound of the native protocol, with its arithmetic. Windows are derived from what the network may do,
// never picked: libraries with fixed windows break between 0.5 and 4.3 s of RTT.
#pragma once

#include <cstddef>
#include <cstdint>

#include "netrig/core/base/frame.h"
#include "netrig/core/base/time.h"
#include "netrig/core/world/input.h"

namespace netrig {

constexpr std::uint16_t kProtocolVersionMin = 1;
constexpr std::uint16_t kProtocolVersionMax = 1;

constexpr Duration kRttLimit = 10s;              // what the protocol promises to work with
constexpr std::uint32_t kTickRateHzLimit = 240;  // fastest tournament servers run at 128
constexpr Duration kPingInterval = 1s;           // also the keep-alive
constexpr std::size_t kEntitiesMax = 65'535;     // u16 in a state header

constexpr std::size_t kDatagramBytesMax = 1200;  // 1280 IPv6 minimum - 40 IP - 8 UDP - 32 reserve
constexpr Duration kCookieLifeMin = 20s;         // 2 x kRttLimit, whatever the deployment promises

constexpr std::size_t kPacketBytesMax = kFramePacketBytesMax;  // stream header and messages of one frame
constexpr std::size_t kAppMessageBytesMax = 32 * 1024;         // leaves a packet room for others beside it
constexpr std::size_t kReasonTextBytesMax = 64;
constexpr std::size_t kLatestKeysMax = 64;  // keys of the latest-wins channel per peer and direction
constexpr std::size_t kPendingBytesMax = 256 * 1024;  // app messages queued for one peer and not yet written
constexpr std::uint32_t kBadPacketsMax = 16;          // undecodable packets after which a peer is sent away
constexpr std::uint32_t kInputSequenceJumpMax = 16'384;  // a larger step forward is not a loss but a lie

static_assert(4 + 4 + kInputBytesMax < 128, "sequence, acked tick and input: a length of one byte");
static_assert(kAppMessageBytesMax + 64 <= kPacketBytesMax);

// What the deployment promises about its network and its pace.
struct Horizon {
  Duration rtt_max = kRttLimit;
  Duration jitter_max = 1s;
  std::uint32_t tick_rate_hz = 20;
};

// What follows from it.
struct Windows {
  Duration idle_timeout;        // a silent peer is gone: rtt_max + 10 s, ten missed pings on the slowest link
  Duration handshake_timeout;   // 4 x rtt_max + 2 s: request, challenge, answer, one retransmission
  Duration cookie_life;         // one cookie serves a whole handshake, and for 20 s at the least
  std::uint32_t history_ticks;  // ticks a state stays known: (rtt_max + 2 x jitter_max) x rate + 16
  // A lost segment holds back a round trip of inputs, which then arrive at once: that many are taken from a
  // player at once, but never fewer than 32: (rtt_max + jitter_max) x rate.
  std::uint32_t inputs_burst_max;
  std::uint32_t inputs_queued_max;       // a player's inputs waiting for their tick: inputs_burst_max + 64
  std::uint32_t inputs_in_flight_max;    // unacked inputs a client remembers: twice history_ticks, inputs may
                                         // outpace ticks
  std::uint32_t pings_in_flight_max;     // idle_timeout / ping interval + 2
  std::uint32_t reliable_in_flight_max;  // unacked reliable messages: 4 a tick over rtt_max, at least 1,024
};

// Asserts that the horizon is within the limits above and that every window covers it.
Windows derive_windows(const Horizon& horizon);

// The instant of a tick, exact at any rate: tick 0 is at `start`.
constexpr Instant tick_instant(Instant start, std::uint64_t tick, std::uint32_t rate_hz) {
  return start + Duration{static_cast<std::int64_t>(tick * 1'000'000'000u / rate_hz)};
}

}  // namespace netrig
