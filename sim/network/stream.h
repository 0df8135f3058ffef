// One direction of a link for reliable, ordered bytes: what every model of a stream promises. stream_model.h
// has the ideal one, tcp_stream.h TCP. Models own no clock: the owner calls advance() at next_deadline(), and
// may look at next_deadline() after each enqueue().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "netrig/core/base/payload.h"
#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"
#include "netrig/sim/network/bottleneck.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/header_model.h"
#include "netrig/sim/network/link_id.h"

namespace netrig::sim {

// Sent or waiting behind a loss: 10 s of round trip, sent four times, at 1.6 MB/s.
constexpr std::size_t kStreamInFlightBytesMax = 64 * 1024 * 1024;

constexpr std::uint64_t kReceiveWindowMin = kSegmentBytesMax;        // or nothing could ever be sent
constexpr std::uint64_t kReceiveWindowMax = std::uint64_t{1} << 30;  // RFC 7323, 2.3: with window scaling
constexpr std::uint64_t kSendBufferMin = 4 * 1024;                   // Linux, tcp_wmem[0]
constexpr std::uint64_t kSendBufferMax = kStreamInFlightBytesMax;
constexpr std::uint32_t kInitialWindowMax = 100;  // segments
constexpr Duration kTimeoutMinMin = 1ms;
constexpr Duration kTimeoutMinMax = 60s;

enum class Congestion : std::uint8_t {
  ideal,  // never limited by a window; a loss costs one retransmission
  cubic,  // TCP: windows, acknowledgements, CUBIC, retransmission timeouts
};
std::string_view text(Congestion congestion);

// What a scenario may say about TCP. The defaults are those of Linux.
struct TcpOptions {
  std::uint64_t receive_window_bytes = 3 * 1024 * 1024;  // half of tcp_rmem[2]
  std::uint64_t send_buffer_bytes = 4 * 1024 * 1024;     // tcp_wmem[2]; sent and not acknowledged, and unsent
  std::uint32_t initial_window_segments = 10;            // RFC 6928
  Duration timeout_min = 200ms;                          // tcp_rto_min

  friend bool operator==(const TcpOptions&, const TcpOptions&) = default;
};

struct StreamConditions {
  Congestion congestion = Congestion::ideal;
  TransportKind kind = TransportKind::tcp;  // decides headers; not udp
  Direction direction = Direction::up;
  // One round trip: the nominal delays of both directions. ideal: when a lost segment is sent again; at least
  // 1 ms counts. cubic: what the handshake measured.
  Duration retransmit_after{0};
  TcpOptions tcp{};  // cubic only
};

// What a stream's sender was doing, from its first byte or from restart_facts() on.
enum class StreamLimit : std::uint8_t {
  application,        // nothing waited to be sent
  congestion_window,  // bytes waited because the congestion window was full
  receive_window,     // ... because the receiver's window was
};
constexpr std::size_t kStreamLimits = 3;
std::string_view text(StreamLimit limit);

struct StreamFacts {
  Duration observed{0};
  std::array<Duration, kStreamLimits> limited{};  // by StreamLimit; sums to `observed`
  Duration slow_start{0};
  // From its first byte until the window last limited it before the window was cut for the first time: what
  // the first slow start cost. Never restarted.
  Duration ramp_up{0};
  std::uint64_t window_bytes_min = 0;
  std::uint64_t window_bytes_max = 0;
  std::uint64_t window_byte_ms = 0;  // the window, added up over `observed`
  std::uint64_t segments = 0;        // sent for the first time
  std::uint64_t fast_retransmissions = 0;
  std::uint64_t timeout_retransmissions = 0;
  std::uint64_t retransmitted_wire_bytes = 0;  // of both
  std::uint64_t timeouts = 0;
  std::uint64_t window_cuts = 0;  // recoveries: losses that the window was cut for without a timeout
  std::uint64_t acks = 0;         // that the receiver sent, each a segment without payload
  std::uint64_t acks_lost = 0;

  // The longest ramp_up; one stream more, also in parts of its time.
  StreamFacts& operator+=(const StreamFacts& other);
};

// What the sender's side and the receiver's side of a stream hear.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  // The next bytes of the pipe: what became deliverable at this instant of one write, cut at segments and
  // where its head meets its body. Owners are set.
  virtual void on_delivered(std::span<const Chunk> chunks, Instant sent_at, Instant now) = 0;
  // A segment did not get through. ideal tells when the sender notices, TCP in the next advance().
  virtual void on_dropped(DropCause, std::size_t /*wire_bytes*/, Instant /*now*/) {}
  // A segment was sent again: right after on_dropped of it, or because the sender only thought so.
  virtual void on_retransmitted(std::size_t /*wire_bytes*/, Instant /*now*/) {}
};

class Stream {
 public:
  virtual ~Stream() = default;
  // One write, referred to until it is delivered. It is taken whole or refused: queue_full when the send
  // buffer has no room, too_large when it never could have. Allowed from inside the sink.
  virtual SendStatus enqueue(const OutgoingMessage& write, Instant now) = 0;
  // Does everything that is due by `now`. The sink must not destroy the stream.
  virtual void advance(Instant now, StreamSink& sink) = 0;
  virtual std::optional<Instant> next_deadline() const = 0;

  virtual std::uint64_t backlog_bytes(Instant now) const = 0;  // accepted, not yet left the sender
  virtual bool empty() const = 0;                              // everything accepted was delivered

  // Nothing for a model without windows.
  virtual std::optional<StreamFacts> facts(Instant) const { return std::nullopt; }
  virtual void restart_facts(Instant) {}
};

// `link` carries the stream, `reverse` its acknowledgements; both are valid. `random` is this link's own fork
// of the run's seed. `shared`: queues that other links pass too, before this one's own.
std::unique_ptr<Stream> make_stream(const LinkConditions& link, const LinkConditions& reverse,
                                    const StreamConditions& stream, Random random, SharedQueues shared = {});

}  // namespace netrig::sim
