// One direction of a link for reliable byte streams: what TCP makes of loss and rate, without a congestion
// window. Owns no clock: its owner calls advance() at next_deadline(), and may look at next_deadline() after
// each enqueue().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "netrig/core/base/payload.h"
#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/delay_model.h"
#include "netrig/sim/network/growing_ring.h"
#include "netrig/sim/network/header_model.h"
#include "netrig/sim/network/link_id.h"
#include "netrig/sim/network/loss_model.h"
#include "netrig/sim/network/queue.h"

namespace netrig::sim {

// Sent or waiting behind a loss: 10 s of round trip, sent four times, at 1.6 MB/s.
constexpr std::size_t kStreamInFlightBytesMax = 64 * 1024 * 1024;
constexpr Duration kRetransmitAfterMin = 1ms;  // or a stream that loses everything would never let time pass

enum class Congestion : std::uint8_t {
  ideal,  // never limited by a window; a loss costs one retransmission
};
std::string_view text(Congestion congestion);

struct StreamConditions {
  Congestion congestion = Congestion::ideal;
  TransportKind kind = TransportKind::tcp;  // decides headers; not udp
  Direction direction = Direction::up;
  Duration retransmit_after{
      0};  // one round trip: the nominal delays of both directions; at least 1 ms counts
};

// What the sender's side and the receiver's side of a stream hear.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  // The next bytes of the pipe: what became deliverable at this instant of one write, cut at segments and
  // where its head meets its body. Owners are set.
  virtual void on_delivered(std::span<const Chunk> chunks, Instant sent_at, Instant now) = 0;
  // A segment did not get through, told when the sender notices; on_retransmitted of the same one follows.
  virtual void on_dropped(DropCause, std::size_t /*wire_bytes*/, Instant /*now*/) {}
  virtual void on_retransmitted(std::size_t /*wire_bytes*/, Instant /*now*/) {}
};

// Each write is framed and cut into segments of its own. A segment waits for the rate limiter and travels;
// one that is lost is sent again one round trip later and passes all of it again. The receiver gets bytes in
// order, so a lost segment holds back whatever follows. Segments of one write that leave at one instant share
// one delay and arrive together: one event per write, unless a rate or a loss pulls them apart.
class StreamModel {
 public:
  // `link` is valid. `random` is this link's own fork of the run's seed.
  StreamModel(const LinkConditions& link, const StreamConditions& stream, Random random);

  // One write, referred to until it is delivered. With a rate, the link's queue is the send buffer: a write
  // that has no room in it is refused (queue_full), one that never could have is too_large. Allowed from
  // inside the sink.
  SendStatus enqueue(const OutgoingMessage& write, Instant now);
  // Does everything that is due by `now`. The sink must not destroy the stream.
  void advance(Instant now, StreamSink& sink);
  std::optional<Instant> next_deadline() const {
    if (runs_.empty()) return std::nullopt;
    const Instant arrival = runs_.front().arrives_at;  // nothing behind it is deliverable before
    return retransmissions_.empty() ? arrival : std::min(arrival, retransmissions_.front().at);
  }

  // Accepted wire bytes that have not left the sender; 0 without a rate.
  std::uint64_t backlog_bytes(Instant now) const { return queue_.bytes(now); }
  std::size_t in_flight_bytes() const { return in_flight_bytes_; }  // of payload, accepted and not delivered
  bool empty() const { return writes_.empty(); }                    // everything accepted was delivered
  std::uint64_t segments_retransmitted() const { return segments_retransmitted_; }

 private:
  // In the pipe: [0, head_begin) framing, [head_begin, body_begin) head, then body.
  struct Write {
    OutgoingMessage message;  // each part until its last byte is delivered
    Instant sent_at;
    std::uint32_t head_begin = 0;
    std::uint32_t body_begin = 0;
    std::uint32_t runs = 0;  // not delivered yet
  };
  // Consecutive segments of one write with one fate.
  struct Run {
    Instant arrives_at;       // Instant::max() while a retransmission is awaited
    std::uint32_t begin = 0;  // of the framed write, in bytes
    std::uint32_t end = 0;
  };
  struct Retransmission {
    Instant at;
    std::uint64_t run = 0;  // counted from the first run of the stream
    DropCause cause = DropCause::loss;
  };

  std::uint32_t cut_into_runs(std::uint32_t framed_bytes, Instant now);
  void append_run(const Run& run, bool may_join_previous);
  void retransmit(const Retransmission& due, StreamSink& sink);
  void await_retransmission(std::uint64_t run, DropCause cause, Instant lost_at);
  void deliver(Instant now, StreamSink& sink);
  void append_chunks(Write& write, std::uint32_t begin, std::uint32_t end);
  void append_chunk(PayloadRef& part, std::uint32_t part_begin, std::uint32_t begin, std::uint32_t end);
  std::uint32_t wire_bytes(const Run& run) const;

  DropTailQueue queue_;
  LossModel loss_;
  LossModel retransmission_loss_;
  DelayModel delay_;
  DelayModel retransmission_delay_;
  Random reorder_;
  std::uint32_t reorder_ppm_;
  Duration reorder_delay_;
  StreamConditions stream_;

  GrowingRing<Write> writes_;                    // in order; the front one may be delivered in part
  GrowingRing<Run> runs_;                        // of those writes, in order
  std::uint64_t first_run_ = 0;                  // number of runs_.front()
  GrowingRing<Retransmission> retransmissions_;  // by (at, run)
  std::vector<Chunk> chunks_;                    // of the delivery in progress; empty between calls
  std::size_t in_flight_bytes_ = 0;
  std::uint64_t segments_retransmitted_ = 0;
};

}  // namespace netrig::sim
