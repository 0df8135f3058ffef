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

constexpr Duration kRttLimit = 10s;                  // what the protocol promises to work with
constexpr std::uint32_t kTickRateHzLimit = 240;      // fastest tournament servers run at 128
constexpr std::uint32_t kPacketsPerTickLimit = 256;  // 300 kB a tick; 240 Hz x 256 x 32 s still is below 2^21
constexpr Duration kPingInterval = 1s;               // also the keep-alive
constexpr std::size_t kEntitiesMax = 65'535;         // u16 in a state header

constexpr std::size_t kDatagramBytesMax = 1200;  // 1280 IPv6 minimum - 40 IP - 8 UDP - 32 reserve
constexpr Duration kCookieLifeMin = 20s;         // 2 x kRttLimit, whatever the deployment promises

constexpr std::size_t kPacketBytesMax = kFramePacketBytesMax;  // stream header and messages of one frame
constexpr std::size_t kAppMessageBytesMax = 32 * 1024;         // leaves a packet room for others beside it
constexpr std::size_t kReasonTextBytesMax = 64;
constexpr std::size_t kLatestKeysMax = 64;  // keys of the latest-wins channel per peer and direction
constexpr std::size_t kPendingBytesMax = 256 * 1024;  // app messages queued for one peer and not yet written
constexpr std::uint32_t kBadPacketsMax = 16;          // undecodable packets after which a peer is sent away
constexpr std::uint32_t kInputSequenceJumpMax = 16'384;  // a larger step forward is not a loss but a lie

// Datagrams (datagram_channel.h).
// What IPv4 must carry (576) less headers; every message that is not cut fits.
constexpr std::size_t kDatagramBytesMin = 512;
constexpr std::size_t kAckRangesMax = 64;  // 1 + 63 more, at most 1 + 4 + 3 x 5 + 63 x 10 bytes
// Unacked reliable messages of one side, each rounded up to whole blocks: the receiver can hold whatever may
// come out of order, because the sender sends no more.
constexpr std::size_t kReliableBytesMax = 256 * 1024;
constexpr std::size_t kReliableBlockBytes = 64;
constexpr std::uint32_t kReliableMessagesMax = kReliableBytesMax / kReliableBlockBytes;
constexpr std::uint32_t kReliableIdsHalf = 1 << 15;  // of 2^16 ids: which of two is newer must stay clear
static_assert(kReliableMessagesMax <= kReliableIdsHalf);
// Fragments of unreliable messages that wait for the rest, tables included.
constexpr std::size_t kReassemblyBytesMax = 256 * 1024;
constexpr std::uint32_t kReplayPacketsMin = 1'024;

static_assert(kAppMessageBytesMax < kReliableBytesMax / 2, "the longest message fits beside others");
static_assert(4 + 4 + kInputBytesMax < 128, "sequence, acked tick and input: a length of one byte");
static_assert(kAppMessageBytesMax + 64 <= kPacketBytesMax);

// What the deployment promises about its network and its pace.
struct Horizon {
  Duration rtt_max = kRttLimit;
  Duration jitter_max = 1s;
  std::uint32_t tick_rate_hz = 20;
  // Datagrams of one side: 16 x 1.2 kB hold 160 entities of the v1 form.
  std::uint32_t packets_per_tick_max = 16;
};

// What follows from it.
struct Windows {
  // A silent peer is gone: rtt_max + 10 s, ten missed pings on the slowest link; jitter_max + 2 s instead of
  // 10 s where that is more.
  Duration idle_timeout;
  // What an honest peer owes comes by then: rtt_max + 5 s; jitter_max + 2 s instead of 5 s where that is
  // more. Who dribbles a frame of a stream for longer is gone, and who acks no datagram for longer gets no
  // states.
  Duration owed_timeout;
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

  // Of datagrams only.
  Duration rtt_max;        // as promised; bounds every time-out
  Duration ack_delay_max;  // an ack waits for the next write: one tick
  Duration reorder_max;    // by how much a packet can be overtaken: 2 x jitter_max
  // The ack of a packet that timed out may come with that of what was sent again:
  // 2 x (rtt_max + reorder_max) + 2 s of delayed acks and stalls.
  Duration packet_kept_for;
  std::uint32_t packets_kept_max;  // sent packets remembered: packet_kept_for x packets a second
  // Received packets told from replays: (rtt_max + reorder_max + 2 s) x packets a second, a power of two, at
  // least 1,024.
  std::uint32_t replay_packets;
  // Unacked reliable messages. One a tick never waits: at 20 % loss, 0.2 of the messages need a second
  // attempt, which is two packets (0.2 x 0.2^2 fail), 0.008 a third of four packets (1.3e-5 fail) and the
  // rest a fourth, each a round trip after the one before; one more for finding the losses: 5 x (rtt_max +
  // jitter_max) x rate, at least 1,024, at most kReliableMessagesMax (60 Hz needs 3,300).
  std::uint32_t numbered_in_flight_max;
};

// Asserts that the horizon is within the limits above and that every window covers it.
Windows derive_windows(const Horizon& horizon);

// The instant of a tick, exact at any rate: tick 0 is at `start`.
constexpr Instant tick_instant(Instant start, std::uint64_t tick, std::uint32_t rate_hz) {
  return start + Duration{static_cast<std::int64_t>(tick * 1'000'000'000u / rate_hz)};
}

}  // namespace netrig
