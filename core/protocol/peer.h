// One side's protocol state for one connection, the same for client and server: framing, pings and the clock,
// the reliable-ordered and the latest-wins channel, keep-alive and the idle timeout. What a message means to
// the game or the session is its owner's business. Over a byte stream, or over datagrams, where a
// DatagramSession brings acks, resends and seals of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "netrig/core/base/frame.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/base/result.h"
#include "netrig/core/base/ring.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/datagram_session.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/protocol/reliable_queue.h"
#include "netrig/core/protocol/rtt_estimator.h"

namespace netrig {

enum class PongFate : std::uint8_t {
  measured,  // a round trip was added to rtt()
  too_late,  // for a ping that is no longer waited for: the link is slower than promised, the peer is honest
  false_answer,  // for one that was not sent, or held longer than it was away: no honest peer does that
};

class Peer {
 public:
  Peer(const Windows& windows, Instant now);

  // --- incoming

  // Restores packets from the stream and hands each to `on_packet(Bytes) -> bool`; false stops reading.
  // Returns false when the stream is beyond repair (a frame longer than allowed).
  template <class OnPacket>
  bool read(Bytes chunk, Instant now, OnPacket&& on_packet) {
    last_heard_ = now;
    bool begins = frames_.partial_bytes() == 0;
    const bool in_step = frames_.read(chunk, [&](Bytes packet) {
      begins = true;
      return on_packet(packet);
    });
    if (begins) frame_began_ = now;
    return in_step;
  }

  // What the owner found in a packet that decoded whole. `false`: it acks or answers what was never sent,
  // which no honest peer does.
  bool on_reliable_ack(std::uint32_t received);
  void on_ping(const Ping& ping, Instant now);
  PongFate on_pong(const Pong& pong, Instant now);
  void on_reliable_message() { ++reliable_received_; }  // one arrived: it is acked in the next write
  // Whether a latest-wins message is newer than all before it under its key. False for a key beyond the
  // bound, too.
  bool is_latest(const LatestMessage& message);

  // --- over datagrams

  // The handshake is done. On a fresh connection, after restart().
  void open_datagrams(const DatagramTerms& terms);
  bool over_datagrams() const { return datagrams_ != nullptr; }
  const DatagramSession* datagrams() const { return datagrams_.get(); }
  // The messages to act on now, in order; valid until the next call. A fault is the peer's own.
  Result<std::span<const RawMessage>, PeerFault> receive_datagram(Bytes datagram, Instant now);
  // Goes out before any other reliable message, and belongs to the connection: it is not resumed.
  void send_first(MessageType type, Bytes body);
  // Begins one write, with everything that is due in it.
  DatagramWriter& begin_write(Instant now);
  // Hands each datagram to `send(const OutgoingMessage&, const PacketBreakdown&) -> SendStatus`.
  template <class Send>
  void finish_write(PayloadPool& pool, Instant now, Send&& send) {
    datagrams_->finish_write(pool, now, send);
  }
  bool may_send_state(Instant now) { return datagrams_->channel().may_send_state(now); }
  std::span<const std::uint32_t> take_arrived_marks() { return datagrams_->channel().take_arrived_marks(); }
  void advance_datagrams(Instant now) {
    if (datagrams_) datagrams_->channel().advance(now);
  }
  // When the datagrams' own clockwork is due: resends, acks, losses to be found.
  std::optional<Instant> next_datagram_at() const;

  // --- outgoing

  // Queued until the next write. queue_full: too much is waiting or unacked; too_large: over
  // kAppMessageBytesMax.
  SendStatus send_reliable(const AppMessage& message);
  SendStatus send_reliable(const EntityRemoved& message);
  // Replaces what waits under the same key.
  SendStatus send_latest(std::uint16_t key, Bytes bytes);

  // Writes everything that is due into frames: ack, pongs, a ping, and the channels. After it nothing waits.
  void write_due(FrameWriter& writer, Instant now);
  bool has_due(Instant now) const;

  // --- resuming, on a fresh connection

  // Forgets what belonged to the connection; the channels keep what they have.
  void restart(Instant now);
  // The other side does not know the session that was to go on: the channels begin anew, the connection
  // stays.
  void forget_channels();
  // Whether `received` may be how many of our reliable messages the other side has.
  bool could_resume(std::uint32_t received) const { return reliable_.could_be_acked(received); }
  // What the other side does not have is written again, and so is the newest value of each latest-wins key.
  // False: it claims what it cannot have.
  bool resume(std::uint32_t received);

  // --- time

  bool is_idle(Instant now) const { return now - last_heard_ >= windows_.idle_timeout; }
  // A frame that began long ago is still not whole: a slow link brings one sooner.
  bool dribbles(Instant now) const {
    return frames_.partial_bytes() > 0 && now - frame_began_ >= windows_.owed_timeout;
  }
  Instant idle_at() const { return last_heard_ + windows_.idle_timeout; }
  Instant next_ping_at() const { return next_ping_at_; }
  const RttEstimator& rtt() const { return rtt_; }
  std::uint32_t reliable_unacked() const { return reliable_.unacked(); }
  std::uint32_t reliable_received() const { return reliable_received_; }

 private:
  struct SentPing {
    std::uint32_t id = 0;
    Instant at;
  };
  struct HeldPing {
    std::uint32_t id = 0;
    Instant arrived;
  };
  struct Latest {
    std::uint16_t key = 0;
    std::uint32_t sequence = 0;
    bool pending = false;
    std::vector<std::uint8_t> body;
  };

  void write_pings(MessageWriter& writer, Instant now);

  Windows windows_;
  FrameReader frames_{kPacketBytesMax};
  Instant frame_began_;  // the one that is not whole yet, if there is one
  Instant last_heard_;

  RttEstimator rtt_;
  Ring<SentPing> sent_pings_;
  std::vector<HeldPing> held_pings_;  // bounded: more than kHeldPingsMax between two writes are not answered
  std::uint32_t next_ping_id_ = 1;
  Instant next_ping_at_;

  std::unique_ptr<DatagramSession> datagrams_;  // null: over a stream
  std::uint32_t first_sent_ = 0;                // messages of this connection that the queue does not know
  std::uint32_t acked_before_ = 0;  // reliable messages that were acked when this connection began

  ReliableQueue reliable_;
  std::uint32_t reliable_received_ = 0;
  std::uint32_t reliable_ack_written_ = 0;

  std::vector<Latest> latest_out_;  // by key, ascending
  std::vector<Latest> latest_in_;   // bodies unused
};

}  // namespace netrig
