// One side of a datagram session, below the messages: what arrived and is acked, what was sent and is lost,
// reliable messages, fragments, and how fast state may go. No socket, no clock, no key: the owner seals and
// opens packets, and calls in with `now`.
//
//   incoming: sequence = unwrap(low 32 bits) -> open the seal -> receive(sequence, packet, now)
//   outgoing: begin_write(now) -> writer.write(...) -> finish_write() -> seal and send each
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "netrig/core/base/payload.h"
#include "netrig/core/base/result.h"
#include "netrig/core/protocol/ack_tracker.h"
#include "netrig/core/protocol/datagram_codec.h"
#include "netrig/core/protocol/datagram_writer.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/reassembler.h"
#include "netrig/core/protocol/reliable_receiver.h"
#include "netrig/core/protocol/reliable_sender.h"
#include "netrig/core/protocol/send_rate.h"
#include "netrig/core/protocol/sent_packets.h"

namespace netrig {

enum class DatagramFault : std::uint8_t {
  undecodable,    // dropped whole and not acked; decode_fault() says why. The session goes on
  false_ack,      // acks what was never sent, or was held for longer than it was away
  beyond_window,  // reliable messages that no honest peer has unacked
  broken_parts,   // parts of a reliable message that are none, or too many
};
std::string_view text(DatagramFault fault);
// All others end the session: no honest peer sends such a packet.
constexpr bool ends_session(DatagramFault fault) {
  return fault != DatagramFault::undecodable;
}

struct OutgoingDatagram {
  std::uint64_t sequence = 0;
  Bytes own;                  // header, ack and this peer's messages
  PayloadRef shared;          // follows them; may be null
  PacketBreakdown breakdown;  // of both

  std::size_t size() const { return own.size() + (shared ? shared->bytes.size() : 0); }
};

class DatagramChannel final : private SentPacketObserver {
 public:
  struct Config {
    Sender peer_is = Sender::client;
    std::size_t datagram_bytes_max = kDatagramBytesMax;
    std::size_t seal_bytes = 0;        // all that the owner puts around a packet: kind, sequence, tag
    std::uint64_t first_sequence = 0;  // of what this side sends
    std::uint64_t peer_first_sequence = 0;
    std::optional<Duration> rtt;  // as the handshake measured it
  };
  DatagramChannel(const Windows& windows, const Config& config);
  DatagramChannel(const DatagramChannel&) = delete;

  // --- incoming

  // The sequence in 64 bits; nothing when the packet came before or is too old to tell.
  std::optional<std::uint64_t> unwrap(std::uint32_t sequence_low) const {
    return received_.unwrap(sequence_low);
  }
  // A genuine packet: `sequence` is from unwrap(). Returns the messages to act on now, in order: those of the
  // packet, and what it completed. Views into `packet` and this channel; valid until the next call.
  Result<std::span<const RawMessage>, DatagramFault> receive(std::uint64_t sequence, Bytes packet,
                                                             Instant now);
  DecodeFault decode_fault() const { return decode_fault_; }  // of the last undecodable packet

  // --- outgoing

  // queue_full: acks must come first; too_large: over kAppMessageBytesMax. Only types that are numbered.
  SendStatus send_reliable(MessageType type, Bytes body) { return reliable_out_.send(type, body); }
  // Begins one write; judges first what is due. Valid until finish_write().
  DatagramWriter& begin_write(Instant now);
  // Adds an ack where one is due, and returns the packets of this write, counted as sent when it began. Valid
  // until the next begin_write().
  std::span<const OutgoingDatagram> finish_write();
  // The sink did not take a packet of the last write: it counts as lost at once, but not as the network's
  // loss.
  void drop(std::uint64_t sequence, Instant now) { sent_.drop(sequence, now); }
  // Whether a state may go out now, or the path is full of earlier ones, or nobody acks them. Ask once before
  // each.
  bool may_send_state(Instant now) { return !sent_.is_silent(now) && rate_.may_send(now); }

  // --- time

  // When has_due() becomes true next, or a loss is to be found.
  std::optional<Instant> next_deadline() const;
  // Whether begin_write() would find a reliable message or an overdue ack to write.
  bool has_due(Instant now) const;
  // Finds losses by time; begin_write() does it too.
  void advance(Instant now);

  // --- facts

  // Keys whose newest value was lost, since the last call. Valid until the next.
  std::span<const std::uint16_t> take_lost_latest();
  // Marks noted in packets that have arrived, since the last call, in any order. Valid until the next.
  std::span<const std::uint32_t> take_arrived_marks();

  struct Counters {
    std::uint64_t packets_received = 0;
    std::uint64_t packets_undecodable = 0;
    std::uint64_t messages_refused = 0;  // fragments that made no message
  };
  const Counters& counters() const { return counters_; }
  const RoundTrip& rtt() const { return sent_.rtt(); }
  const SentPackets& sent() const { return sent_; }
  const AckTracker& received() const { return received_; }
  const ReliableSender& reliable_out() const { return reliable_out_; }
  const ReliableReceiver& reliable_in() const { return reliable_in_; }
  const Reassembler& fragments() const { return fragments_; }
  const SendRate& send_rate() const { return rate_; }
  // What one packet can hold of messages, envelopes included, when it carries no ack.
  std::size_t message_bytes_max() const { return packet_bytes_max_ - 1; }

 private:
  struct LatestSent {
    std::uint16_t key = 0;
    std::uint64_t write = 0;           // number of the write that carried the newest value
    std::uint64_t first_sequence = 0;  // of its packets
  };
  void on_packet_acked(std::uint64_t sequence, const SentPacket& packet, Instant now) override;
  void on_packet_lost(std::uint64_t sequence, const SentPacket& packet, LossCause cause,
                      Instant now) override;
  bool take_ack(const Ack& ack, Instant now);
  std::optional<DatagramFault> take_messages(Bytes messages, Instant now);
  void take_fragment(const FragmentMessage& fragment, Instant now);
  LatestSent* find_latest(std::uint16_t key);
  void note_latest_sent(std::span<const SentItem> items, std::uint64_t sequence);
  Duration fragments_kept_for() const;

  Sender peer_is_;
  std::size_t packet_bytes_max_;
  std::size_t seal_bytes_;
  Duration rtt_max_;

  AckTracker received_;
  SentPackets sent_;
  ReliableSender reliable_out_;
  ReliableReceiver reliable_in_;
  Reassembler fragments_;
  SendRate rate_;
  DatagramWriter writer_;

  Ack ack_in_;
  Ack ack_out_;
  Instant write_at_;
  std::uint64_t writes_ = 0;
  std::vector<OutgoingDatagram> outgoing_;
  std::vector<RawMessage> messages_;
  std::vector<std::uint8_t> fragmented_;       // messages that this packet completed, inner tags before them
  std::vector<std::size_t> fragmented_sizes_;  // the size of each

  std::vector<LatestSent> latest_;  // by key; at most kLatestKeysMax
  std::vector<std::uint16_t> lost_latest_;
  std::vector<std::uint16_t> lost_latest_taken_;
  std::vector<std::uint32_t> arrived_marks_;
  std::vector<std::uint32_t> arrived_marks_taken_;

  DecodeFault decode_fault_ = DecodeFault::empty;
  Counters counters_;
};

}  // namespace netrig
