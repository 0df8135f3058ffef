// TCP over one direction of a link, its acknowledgements over the other one. README.md says what is modelled
// and what is left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netrig/sim/network/growing_ring.h"
#include "netrig/sim/network/segment_path.h"
#include "netrig/sim/network/stream.h"
#include "netrig/sim/network/stream_write.h"
#include "netrig/sim/network/tcp_receiver.h"
#include "netrig/sim/network/tcp_sender.h"

namespace netrig::sim {

// Each write is framed and cut into segments of its own, which go out as far as the windows let them. What
// arrives at one instant is handled together: the receiver takes all of it, the sender all acknowledgements.
//
//   enqueue -> send buffer -> sender -> path --------> receiver -> sink
//                               ^                         |
//                               +-------- ack path <------+
//
// An acknowledgement tells how many transmissions have arrived, and so which: as selective acknowledgements
// and timestamps do, without their limit of three blocks. It costs its own loss and delay of the reverse
// direction, and waits in no queue there.
class TcpStream final : public Stream {
 public:
  TcpStream(const LinkConditions& link, const LinkConditions& reverse, const StreamConditions& stream,
            Random random, SharedQueues shared = {});

  SendStatus enqueue(const OutgoingMessage& write, Instant now) override;
  void advance(Instant now, StreamSink& sink) override;
  std::optional<Instant> next_deadline() const override;

  std::uint64_t backlog_bytes(Instant) const override { return sender_.unsent_bytes(); }
  bool empty() const override { return writes_.empty(); }
  std::optional<StreamFacts> facts(Instant now) const override;
  void restart_facts(Instant now) override;

  const TcpSender& sender() const { return sender_; }

 private:
  struct Flight {
    Instant arrives_at;
    Transmission transmission;
    std::uint32_t wire_bytes = 0;
  };
  struct Ack {
    Instant arrives_at;
    std::uint64_t arrived = 0;  // transmissions at the receiver when it was sent
  };
  struct Drop {
    DropCause cause = DropCause::loss;
    std::uint32_t wire_bytes = 0;
  };

  Instant tick(Instant now);
  void step(Instant due, Instant now, StreamSink& sink);
  void take_arrivals(Instant due);
  void acknowledge(Instant now);
  void take_acks(Instant due);
  void send_all(Instant now, StreamSink* sink);
  void deliver(Instant now, StreamSink& sink);

  const StreamConditions stream_;
  const std::uint32_t header_bytes_;
  SegmentPath path_;
  SegmentPath ack_path_;
  TcpSender sender_;
  TcpReceiver receiver_;

  GrowingRing<StreamWrite> writes_;     // not delivered; the front one may be in part
  std::uint32_t delivered_bytes_ = 0;   // of writes_.front(), framing included
  std::uint64_t delivered_ = 0;         // segments
  GrowingRing<Flight> flights_;         // by arrives_at
  GrowingRing<Transmission> arrivals_;  // that the sender has not been told of
  std::uint64_t arrived_ = 0;
  std::uint64_t told_ = 0;     // of those
  GrowingRing<Ack> acks_;      // by arrives_at
  GrowingRing<Drop> drops_;    // not reported yet
  std::vector<Chunk> chunks_;  // of the delivery in progress; empty between calls
  bool busy_ = false;          // inside advance()
  Instant clock_{};            // never goes back, even when the owner is late
};

}  // namespace netrig::sim
