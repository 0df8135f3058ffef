#include "netrig/core/protocol/datagram_writer.h"

#include <algorithm>

#include "netrig/core/base/assert.h"
#include "netrig/core/protocol/reassembler.h"

namespace netrig {
namespace {

constexpr std::size_t kFlagsBytes = 1;

}  // namespace

DatagramWriter::DatagramWriter(std::size_t packet_bytes_max) : packet_bytes_max_(packet_bytes_max) {}

void DatagramWriter::begin(const Context& context) {
  context_ = context;
  bytes_.clear();
  items_.clear();
  for (Packet& packet : std::span{packets_}.first(count_)) packet.shared.reset();
  count_ = 0;
  is_open_ = false;
  ack_pending_ = context.ack != nullptr;
  ack_bytes_ = ack_pending_ ? ack_bytes(*context.ack) : 0;
}

std::size_t DatagramWriter::open_bytes() const {
  const Packet& packet = packets_[count_];
  return bytes_.size() - packet.begin + (packet.shared ? packet.shared->bytes.size() : 0);
}

void DatagramWriter::open_packet(std::size_t bytes) {
  if (packets_.size() == count_) packets_.emplace_back();
  Packet& packet = packets_[count_];
  packet.begin = bytes_.size();
  packet.items_begin = items_.size();
  packet.breakdown = {};
  packet.breakdown.protocol_bytes = kFlagsBytes;
  packet.has_ack = packet.has_messages = false;
  is_open_ = true;
  writer_.u8(0);
  if (ack_pending_ && kFlagsBytes + ack_bytes_ + bytes <= packet_bytes_max_) add_ack();
}

// Behind the flags of the open packet; what stands there already makes room.
void DatagramWriter::add_ack() {
  Packet& packet = open();
  const std::size_t at = bytes_.size();
  encode_ack(*context_.ack, writer_);
  const auto behind_flags = bytes_.begin() + static_cast<std::ptrdiff_t>(packet.begin + kFlagsBytes);
  std::rotate(behind_flags, bytes_.begin() + static_cast<std::ptrdiff_t>(at), bytes_.end());
  bytes_[packet.begin] |= kFlagAck;
  packet.has_ack = true;
  packet.breakdown.protocol_bytes += ack_bytes_;
  ack_pending_ = false;
}

void DatagramWriter::close_packet() {
  if (!is_open_) return;
  if (ack_pending_ && open_bytes() + ack_bytes_ <= packet_bytes_max_) add_ack();
  is_open_ = false;
  Packet& packet = open();
  if (!packet.has_messages && !packet.has_ack) {  // room was made, and nothing came
    bytes_.resize(packet.begin);
    return;
  }
  NETRIG_ASSERT(open_bytes() <= packet_bytes_max_);
  packet.end = bytes_.size();
  packet.items_end = items_.size();
  ++count_;
}

void DatagramWriter::make_room(std::size_t bytes) {
  NETRIG_ASSERT(kFlagsBytes + bytes <= packet_bytes_max_);
  const bool fits = is_open_ && !open().shared && open_bytes() + bytes <= packet_bytes_max_;
  if (fits) return;
  close_packet();
  open_packet(bytes);
}

void DatagramWriter::keep_together(std::size_t bytes) {
  write_fragments(std::nullopt);
  make_room(bytes);
}

void DatagramWriter::envelope(MessageType type, std::size_t body_bytes) {
  make_room(envelope_bytes(body_bytes) + body_bytes);
  writer_.u8(static_cast<std::uint8_t>(type));
  writer_.varint(static_cast<std::uint32_t>(body_bytes));
  open().has_messages = true;
  open().breakdown.protocol_bytes += envelope_bytes(body_bytes);
}

ByteWriter& DatagramWriter::message(MessageType type, std::size_t body_bytes) {
  write_fragments(std::nullopt);
  NETRIG_ASSERT(carriage(type) == Carriage::plain);
  if (kFlagsBytes + envelope_bytes(body_bytes) + body_bytes > packet_bytes_max_) {
    NETRIG_ASSERT(1 + body_bytes <= kFragmentedBytesMax);
    long_writer_.u8(static_cast<std::uint8_t>(type));
    return long_writer_;
  }
  envelope(type, body_bytes);
  MessageTotal& total = open().breakdown.by_message[message_row(type)];
  total.count += 1;
  total.bytes += body_bytes;
  return writer_;
}

// The long message written last, if there is one, in packets of which each notes `item`.
void DatagramWriter::write_fragments(std::optional<SentItem> item) {
  if (long_bytes_.empty()) return;
  const std::size_t envelope_max = 1 + varint_size(static_cast<std::uint32_t>(packet_bytes_max_));
  const std::size_t piece_max = packet_bytes_max_ - kFlagsBytes - envelope_max - kFragmentHeadBytes;
  const std::size_t count = (long_bytes_.size() + piece_max - 1) / piece_max;
  NETRIG_ASSERT(count >= 2 && count <= kFragmentsMax);
  const std::size_t row = message_row(static_cast<MessageType>(long_bytes_[0]));
  Bytes rest = long_bytes_;
  for (std::size_t index = 0; index < count; ++index) {
    const Bytes piece = rest.first(std::min(piece_max, rest.size()));
    rest = rest.subspan(piece.size());
    envelope(MessageType::fragment, kFragmentHeadBytes + piece.size());
    writer_.u16(next_group_);
    writer_.u8(static_cast<std::uint8_t>(index));
    writer_.u8(static_cast<std::uint8_t>(count));
    writer_.bytes(piece);
    const std::size_t tag_bytes = index == 0 ? 1 : 0;
    PacketBreakdown& breakdown = open().breakdown;
    breakdown.protocol_bytes += kFragmentHeadBytes + tag_bytes;
    breakdown.by_message[row].count += tag_bytes;
    breakdown.by_message[row].bytes += piece.size() - tag_bytes;
    if (item) items_.push_back(*item);
  }
  ++next_group_;
  long_bytes_.clear();
}

void DatagramWriter::note(SentItem item) {
  if (!long_bytes_.empty()) return write_fragments(item);
  NETRIG_ASSERT(is_open_ && open().has_messages);
  items_.push_back(item);
}

void DatagramWriter::write_shared(PayloadRef messages, const PacketBreakdown& breakdown) {
  write_fragments(std::nullopt);
  make_room(messages->bytes.size());
  open().breakdown += breakdown;
  open().has_messages = true;
  open().shared = std::move(messages);
}

void DatagramWriter::write_due_reliable() {
  write_fragments(std::nullopt);
  std::size_t written = 0;
  while (written < context_.reliable_bytes_max) {
    const std::optional<ReliableSender::Due> due = context_.reliable->next_due(context_.now);
    if (!due) return;
    write_reliable(*due);
    context_.reliable->on_written(*due, context_.smoothed, context_.now);
    written += due->size + kNumberedHeadBytes;
  }
}

void DatagramWriter::write_reliable(const ReliableSender::Due& due) {
  static_assert(kNumberedHeadBytes == kPartHeadBytes);
  envelope(due.type, kNumberedHeadBytes + due.size);
  writer_.u16(static_cast<std::uint16_t>(due.number));
  writer_.u8(due.head);
  context_.reliable->copy_body(due, writer_.space(due.size).data());
  items_.push_back({SentItem::Kind::reliable, due.number});
  const std::size_t tag_bytes = due.type == MessageType::part && due.counts ? 1 : 0;
  PacketBreakdown& breakdown = open().breakdown;
  breakdown.protocol_bytes += kNumberedHeadBytes + tag_bytes;
  breakdown.by_message[message_row(due.inner)].count += due.counts ? 1 : 0;
  breakdown.by_message[message_row(due.inner)].bytes += due.size - tag_bytes;
}

std::span<DatagramWriter::Packet> DatagramWriter::finish() {
  write_fragments(std::nullopt);
  close_packet();
  if (ack_pending_ && context_.ack_wanted) {
    open_packet(0);
    close_packet();
  }
  return std::span{packets_}.first(count_);
}

}  // namespace netrig
