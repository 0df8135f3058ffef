// The ideal stream: what TCP makes of loss and rate, without a window. tcp_stream.h has the windows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/sim/network/bottleneck.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/growing_ring.h"
#include "netrig/sim/network/header_model.h"
#include "netrig/sim/network/passage.h"
#include "netrig/sim/network/stream.h"
#include "netrig/sim/network/stream_write.h"

namespace netrig::sim {

constexpr Duration kRetransmitAfterMin = 1ms;  // or a stream that loses everything would never let time pass

// Each write is framed and cut into segments of its own. A segment waits for the rate limiter and travels;
// one that is lost is sent again one round trip later and passes all of it again. The receiver gets bytes in
// order, so a lost segment holds back whatever follows. Segments of one write that leave at one instant share
// one delay and arrive together: one event per write, unless a rate or a loss pulls them apart.
class StreamModel final : public Stream {
 public:
  // `link` is valid. `random` is this link's own fork of the run's seed. `shared`: queues that other links
  // pass too, before this one's own.
  StreamModel(const LinkConditions& link, const StreamConditions& stream, Random random,
              SharedQueues shared = {});

  // With a rate, the link's queue is the send buffer: a write that has no room in it is refused.
  SendStatus enqueue(const OutgoingMessage& write, Instant now) override;
  void advance(Instant now, StreamSink& sink) override;
  std::optional<Instant> next_deadline() const override {
    if (runs_.empty()) return std::nullopt;
    const Instant arrival = runs_.front().arrives_at;  // nothing behind it is deliverable before
    return retransmissions_.empty() ? arrival : std::min(arrival, retransmissions_.front().at);
  }

  // Accepted wire bytes that have not left the sender; 0 without a rate.
  std::uint64_t backlog_bytes(Instant now) const override { return queues_.bytes(now); }
  std::size_t in_flight_bytes() const { return in_flight_bytes_; }  // of payload, accepted and not delivered
  bool empty() const override { return writes_.empty(); }
  std::uint64_t segments_retransmitted() const { return segments_retransmitted_; }

 private:
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
  std::uint32_t wire_bytes(const Run& run) const;

  LinkQueues queues_;
  Passage passage_;
  Passage retransmission_passage_;
  Random reorder_;
  std::uint32_t reorder_ppm_;
  Duration reorder_delay_;
  StreamConditions stream_;

  GrowingRing<StreamWrite> writes_;              // in order; the front one may be delivered in part
  GrowingRing<Run> runs_;                        // of those writes, in order
  std::uint64_t first_run_ = 0;                  // number of runs_.front()
  GrowingRing<Retransmission> retransmissions_;  // by (at, run)
  std::vector<Chunk> chunks_;                    // of the delivery in progress; empty between calls
  std::size_t in_flight_bytes_ = 0;
  std::uint64_t segments_retransmitted_ = 0;
};

}  // namespace netrig::sim
