#include "netrig/core/protocol/datagram_channel.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

// The longest body of a message in a packet of its own: less flags, tag and a length of two bytes.
constexpr std::size_t kEnvelopeBytes = 1 + 1 + 2;

std::size_t packet_bytes(const DatagramChannel::Config& config) {
  NETRIG_ASSERT(config.datagram_bytes_max >= kDatagramBytesMin &&
                config.datagram_bytes_max <= kDatagramBytesMax);
  NETRIG_ASSERT(config.seal_bytes <= 64);
  return config.datagram_bytes_max - config.seal_bytes;
}

}  // namespace

std::string_view text(DatagramFault fault) {
  switch (fault) {
    case DatagramFault::undecodable:
      return "undecodable";
    case DatagramFault::false_ack:
      return "false_ack";
    case DatagramFault::beyond_window:
      return "beyond_window";
    case DatagramFault::broken_parts:
      return "broken_parts";
  }
  return "unknown";
}

DatagramChannel::DatagramChannel(const Windows& windows, const Config& config)
    : peer_is_(config.peer_is),
      packet_bytes_max_(packet_bytes(config)),
      seal_bytes_(config.seal_bytes),
      rtt_max_(windows.rtt_max),
      received_(windows, config.peer_first_sequence),
      sent_(windows, config.first_sequence, config.rtt, *this),
      reliable_out_(windows, packet_bytes_max_ - kEnvelopeBytes),
      reliable_in_(config.peer_is),
      writer_(packet_bytes_max_) {
  latest_.reserve(kLatestKeysMax);
}

Result<std::span<const RawMessage>, DatagramFault> DatagramChannel::receive(std::uint64_t sequence,
                                                                            Bytes packet, Instant now) {
  ++counters_.packets_received;
  messages_.clear();
  received_.accept(sequence);
  const Result<DatagramView, DecodeFault> view = decode_datagram(packet, peer_is_, ack_in_);
  if (!view) {
    decode_fault_ = view.error();
    ++counters_.packets_undecodable;
    return DatagramFault::undecodable;
  }
  if (view->has_ack && !take_ack(ack_in_, now)) return DatagramFault::false_ack;
  received_.on_received(sequence, !view->messages.empty(), now);
  if (const std::optional<DatagramFault> fault = take_messages(view->messages, now)) return *fault;
  return std::span<const RawMessage>{messages_};
}

bool DatagramChannel::take_ack(const Ack& ack, Instant now) {
  const std::uint64_t bytes_before = sent_.bytes_acked();
  const std::uint64_t samples_before = sent_.rtt().samples();
  if (!sent_.on_ack(ack, now)) return false;
  SendRate::Feedback feedback;
  feedback.bytes_acked = sent_.bytes_acked() - bytes_before;
  feedback.largest_sent_at = sent_.newest_acked_sent_at();
  if (sent_.rtt().samples() > samples_before) feedback.sample = sent_.rtt().latest();
  if (feedback.bytes_acked > 0) rate_.on_ack(feedback, sent_.rtt(), now);
  return true;
}

// Reliable messages first, so that a welcome stands before the states beside it.
std::optional<DatagramFault> DatagramChannel::take_messages(Bytes messages, Instant now) {
  reliable_in_.begin();
  for (Bytes rest = messages; !rest.empty();) {
    const RawMessage message = take_message(rest);
    ReliableReceiver::Outcome outcome = ReliableReceiver::Outcome::taken;
    if (message.type == MessageType::numbered) {
      const NumberedMessage numbered = *decode_numbered(message.body);
      outcome = reliable_in_.receive_numbered(numbered.id, numbered.inner.type, numbered.inner.body);
    } else if (message.type == MessageType::part) {
      const PartMessage part = *decode_part(message.body);
      outcome = reliable_in_.receive_part(part.id, part.last, part.bytes);
    }
    if (outcome == ReliableReceiver::Outcome::beyond_window) return DatagramFault::beyond_window;
    if (outcome == ReliableReceiver::Outcome::broken_parts) return DatagramFault::broken_parts;
  }
  reliable_in_.take(messages_);
  fragmented_.clear();
  fragmented_sizes_.clear();
  for (Bytes rest = messages; !rest.empty();) {
    const RawMessage message = take_message(rest);
    if (message.type == MessageType::fragment) {
      take_fragment(*decode_fragment(message.body), now);
    } else if (carriage(message.type) == Carriage::plain) {
      messages_.push_back(message);
    }
  }
  Bytes assembled = fragmented_;
  for (const std::size_t size : fragmented_sizes_) {
    messages_.push_back({static_cast<MessageType>(assembled[0]), assembled.subspan(1, size - 1)});
    assembled = assembled.subspan(size);
  }
  return std::nullopt;
}

Duration DatagramChannel::fragments_kept_for() const {
  return 2 * (sent_.rtt().has_sample() ? sent_.rtt().smoothed() : rtt_max_);
}

void DatagramChannel::take_fragment(const FragmentMessage& fragment, Instant now) {
  const Reassembler::Outcome outcome = fragments_.receive(fragment.group, fragment.index, fragment.count,
                                                          fragment.bytes, fragments_kept_for(), now);
  if (outcome != Reassembler::Outcome::complete) return;
  const Bytes whole = fragments_.message();
  const RawMessage inner{static_cast<MessageType>(whole[0]), whole.subspan(1)};
  if (fault_in_inner(inner, Carriage::plain, peer_is_)) {
    ++counters_.messages_refused;
    return;
  }
  fragmented_.insert(fragmented_.end(), whole.begin(), whole.end());
  fragmented_sizes_.push_back(whole.size());
}

DatagramWriter& DatagramChannel::begin_write(Instant now) {
  advance(now);
  write_at_ = now;
  ++writes_;
  DatagramWriter::Context context;
  context.reliable = &reliable_out_;
  context.reliable_bytes_max = std::clamp(rate_.budget(now), kDatagramBytesMax, kReliableBurstBytes);
  context.smoothed = sent_.rtt().smoothed();
  context.now = now;
  context.ack_wanted = received_.ack_deadline().has_value();
  if (received_.has_news()) {
    ack_out_ = received_.ack(packet_bytes_max_ / 2, now);
    context.ack = &ack_out_;
  }
  writer_.begin(context);
  return writer_;
}

std::span<const OutgoingDatagram> DatagramChannel::finish_write() {
  outgoing_.clear();
  for (DatagramWriter::Packet& packet : writer_.finish()) {
    OutgoingDatagram datagram;
    datagram.sequence = sent_.next_sequence();
    datagram.own = writer_.bytes_of_packet(packet);
    datagram.shared = packet.shared;
    datagram.breakdown = packet.breakdown;
    const std::span<const SentItem> items = writer_.items_of(packet);
    const std::size_t bytes = datagram.size() + seal_bytes_;
    const std::uint32_t ack_number = packet.has_ack ? received_.on_ack_written() : 0;
    sent_.add(items, bytes, ack_number, packet.has_messages, write_at_);
    rate_.on_sent(bytes, write_at_);
    note_latest_sent(items, datagram.sequence);
    outgoing_.push_back(std::move(datagram));
  }
  return outgoing_;
}

DatagramChannel::LatestSent* DatagramChannel::find_latest(std::uint16_t key) {
  const auto at =
      std::lower_bound(latest_.begin(), latest_.end(), key,
                       [](const LatestSent& sent, std::uint16_t wanted) { return sent.key < wanted; });
  return at != latest_.end() && at->key == key ? &*at : nullptr;
}

void DatagramChannel::note_latest_sent(std::span<const SentItem> items, std::uint64_t sequence) {
  for (const SentItem& item : items) {
    if (item.kind != SentItem::Kind::latest) continue;
    const auto key = static_cast<std::uint16_t>(item.value);
    LatestSent* sent = find_latest(key);
    if (sent == nullptr) {
      NETRIG_ASSERT(latest_.size() < kLatestKeysMax);
      const auto at = std::find_if(latest_.begin(), latest_.end(),
                                   [&](const LatestSent& other) { return other.key > key; });
      sent = &*latest_.insert(at, LatestSent{key, 0, 0});
    }
    if (sent->write == writes_) continue;  // another fragment of the same value
    sent->write = writes_;
    sent->first_sequence = sequence;
  }
}

void DatagramChannel::on_packet_acked(std::uint64_t, const SentPacket& packet, Instant) {
  if (packet.ack_number != 0) received_.on_ack_arrived(packet.ack_number);
  for (std::uint32_t i = 0; i < packet.items; ++i) {
    const SentItem& item = sent_.item(packet.items_first + i);
    if (item.kind == SentItem::Kind::reliable) reliable_out_.on_acked(item.value);
    if (item.kind == SentItem::Kind::mark) arrived_marks_.push_back(item.value);
  }
}

void DatagramChannel::on_packet_lost(std::uint64_t sequence, const SentPacket& packet, LossCause,
                                     Instant now) {
  for (std::uint32_t i = 0; i < packet.items; ++i) {
    const SentItem& item = sent_.item(packet.items_first + i);
    if (item.kind == SentItem::Kind::reliable) reliable_out_.on_lost(item.value, sent_.rtt().smoothed(), now);
    if (item.kind != SentItem::Kind::latest) continue;
    const auto key = static_cast<std::uint16_t>(item.value);
    const LatestSent* const newest = find_latest(key);
    const bool superseded = newest != nullptr && sequence < newest->first_sequence;
    const bool known = std::find(lost_latest_.begin(), lost_latest_.end(), key) != lost_latest_.end();
    if (!superseded && !known) lost_latest_.push_back(key);
  }
}

std::span<const std::uint16_t> DatagramChannel::take_lost_latest() {
  lost_latest_taken_.swap(lost_latest_);
  lost_latest_.clear();
  return lost_latest_taken_;
}

std::span<const std::uint32_t> DatagramChannel::take_arrived_marks() {
  arrived_marks_taken_.swap(arrived_marks_);
  arrived_marks_.clear();
  return arrived_marks_taken_;
}

std::optional<Instant> DatagramChannel::next_deadline() const {
  std::optional<Instant> next = received_.ack_deadline();
  for (const std::optional<Instant> other : {sent_.timeout_at(), reliable_out_.next_copy_at()}) {
    if (other && (!next || *other < *next)) next = other;
  }
  return next;
}

bool DatagramChannel::has_due(Instant now) const {
  const std::optional<Instant> ack = received_.ack_deadline();
  const bool ack_due = ack && *ack <= now;
  return ack_due || !lost_latest_.empty() || reliable_out_.has_due(now);
}

void DatagramChannel::advance(Instant now) {
  sent_.advance(now);
  fragments_.expire(fragments_kept_for(), now);
}

}  // namespace netrig
