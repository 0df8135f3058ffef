// Packs messages into as few packets as hold them, cut between messages. An unreliable message too long for
// one packet goes out in fragments. Belongs to a DatagramChannel (datagram_channel.h), which begins and ends
// each write.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "netrig/core/base/payload.h"
#include "netrig/core/protocol/datagram_header.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/protocol/packet_breakdown.h"
#include "netrig/core/protocol/reliable_sender.h"
#include "netrig/core/protocol/sent_packets.h"

namespace netrig {

class DatagramWriter final : public MessageWriter {
 public:
  // Everything of the reliable channel that is due, within what one write may carry.
  void write_due_reliable();
  // The message written last is the newest value of a latest-wins key: lost, it is to be sent again.
  void note_latest(std::uint16_t key) { note({SentItem::Kind::latest, key}); }
  // The caller hears of `mark` when the packet with the message written last has arrived.
  void note_mark(std::uint32_t mark) { note({SentItem::Kind::mark, mark}); }
  // The next `bytes` of messages, envelopes included, stay in one packet.
  void keep_together(std::size_t bytes);
  // Messages encoded once for many peers: the end of the current packet when they fit, of the next otherwise.
  // With keep_together before, they stand behind this peer's own messages.
  void write_shared(PayloadRef messages, const PacketBreakdown& breakdown);

 private:
  friend class DatagramChannel;

  struct Packet {
    std::size_t begin = 0;  // own bytes, in bytes_
    std::size_t end = 0;
    std::size_t items_begin = 0;  // in items_
    std::size_t items_end = 0;
    PayloadRef shared;
    PacketBreakdown breakdown;
    bool has_ack = false;
    bool has_messages = false;
  };
  struct Context {
    ReliableSender* reliable = nullptr;
    std::size_t reliable_bytes_max = 0;
    Duration smoothed{};       // round trip
    const Ack* ack = nullptr;  // to be told if it fits
    bool ack_wanted = false;   // it goes out even if nothing else does
    Instant now;
  };
  explicit DatagramWriter(std::size_t packet_bytes_max);
  DatagramWriter(const DatagramWriter&) = delete;

  void begin(const Context& context);
  std::span<Packet> finish();
  Bytes bytes_of_packet(const Packet& packet) const {
    return Bytes{bytes_}.subspan(packet.begin, packet.end - packet.begin);
  }
  std::span<const SentItem> items_of(const Packet& packet) const {
    return std::span{items_}.subspan(packet.items_begin, packet.items_end - packet.items_begin);
  }

  ByteWriter& message(MessageType type, std::size_t body_bytes) override;
  void write_reliable(const ReliableSender::Due& due);
  void envelope(MessageType type, std::size_t body_bytes);
  void note(SentItem item);
  void write_fragments(std::optional<SentItem> item);

  void make_room(std::size_t bytes);
  void open_packet(std::size_t bytes);
  void close_packet();
  void add_ack();
  std::size_t open_bytes() const;  // of the open packet
  Packet& open() { return packets_[count_]; }

  std::size_t packet_bytes_max_;
  Context context_;
  std::vector<std::uint8_t> bytes_;
  ByteWriter writer_{bytes_};
  std::vector<SentItem> items_;
  std::vector<Packet> packets_;  // the first count_ are done; one more may be open
  std::size_t count_ = 0;
  bool is_open_ = false;
  bool ack_pending_ = false;
  std::size_t ack_bytes_ = 0;

  std::vector<std::uint8_t> long_bytes_;  // inner tag and body of a message to be fragmented
  ByteWriter long_writer_{long_bytes_};
  std::uint16_t next_group_ = 0;
};

}  // namespace netrig
