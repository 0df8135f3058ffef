#include "netrig/core/protocol/peer.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

constexpr std::size_t kHeldPingsMax =
    4;  // an honest peer sends one a second; writes are at most a second apart
constexpr int kClockDriftDivisor =
    1000;  // clocks that measure the same wait: each slewed by at most 500 ppm (NTP)

// The entry of `key` in a vector sorted by key, added when there is room. Null: too many keys.
template <class Entry>
Entry* entry_of(std::vector<Entry>& entries, std::uint16_t key) {
  const auto at =
      std::lower_bound(entries.begin(), entries.end(), key,
                       [](const Entry& entry, std::uint16_t wanted) { return entry.key < wanted; });
  if (at != entries.end() && at->key == key) return &*at;
  if (entries.size() >= kLatestKeysMax) return nullptr;
  Entry added;
  added.key = key;
  return &*entries.insert(at, std::move(added));
}

}  // namespace

Peer::Peer(const Windows& windows, Instant now)
    : windows_(windows),
      last_heard_(now),
      sent_pings_(windows.pings_in_flight_max),
      next_ping_at_(now),
      reliable_(windows.reliable_in_flight_max) {
  held_pings_.reserve(kHeldPingsMax);
}

bool Peer::on_reliable_ack(std::uint32_t received) {
  return reliable_.acked(received);
}

void Peer::on_ping(const Ping& ping, Instant now) {
  if (held_pings_.size() < kHeldPingsMax) held_pings_.push_back({ping.id, now});
}

PongFate Peer::on_pong(const Pong& pong, Instant now) {
  if (pong.id == 0 || pong.id >= next_ping_id_) return PongFate::false_answer;
  while (!sent_pings_.empty() && sent_pings_.front().id < pong.id) sent_pings_.pop();
  const bool awaited = !sent_pings_.empty() && sent_pings_.front().id == pong.id;
  if (!awaited) return PongFate::too_late;
  const Duration elapsed = now - sent_pings_.front().at;
  sent_pings_.pop();
  const Duration held = std::chrono::microseconds{pong.held_us};
  if (held > elapsed + elapsed / kClockDriftDivisor) return PongFate::false_answer;
  rtt_.add(std::max(elapsed - held, Duration{}), instant_from_ns(static_cast<std::int64_t>(pong.time_ns)),
           now);
  return PongFate::measured;
}

bool Peer::is_latest(const LatestMessage& message) {
  Latest* const latest = entry_of(latest_in_, message.key);
  if (latest == nullptr || static_cast<std::int32_t>(message.sequence - latest->sequence) <= 0) return false;
  latest->sequence = message.sequence;
  return true;
}

SendStatus Peer::send_reliable(const AppMessage& message) {
  if (message.bytes.size() > kAppMessageBytesMax) return SendStatus::too_large;
  return reliable_.push(MessageType::app_reliable, [&](auto& out) { encode_body(message, out); });
}

SendStatus Peer::send_reliable(const EntityRemoved& message) {
  return reliable_.push(MessageType::entity_removed, [&](auto& out) { encode_body(message, out); });
}

SendStatus Peer::send_latest(std::uint16_t key, Bytes bytes) {
  if (bytes.size() > kAppMessageBytesMax) return SendStatus::too_large;
  Latest* const latest = entry_of(latest_out_, key);
  if (latest == nullptr) return SendStatus::queue_full;
  ++latest->sequence;
  latest->pending = true;
  latest->body.clear();
  encode_body(LatestMessage{key, latest->sequence, bytes}, latest->body);
  return SendStatus::accepted;
}

bool Peer::has_due(Instant now) const {
  const bool ack_due =
      datagrams_ ? datagrams_->channel().has_due(now) : reliable_ack_written_ != reliable_received_;
  const bool latest_due = std::any_of(latest_out_.begin(), latest_out_.end(),
                                      [](const Latest& latest) { return latest.pending; });
  return ack_due || latest_due || !held_pings_.empty() || reliable_.has_unwritten() || now >= next_ping_at_;
}

void Peer::write_due(FrameWriter& writer, Instant now) {
  if (reliable_ack_written_ != reliable_received_) {
    writer.acknowledge(reliable_received_);
    reliable_ack_written_ = reliable_received_;
  }
  write_pings(writer, now);
  for (; reliable_.has_unwritten(); reliable_.written()) {
    writer.write_encoded(reliable_.next_type(), reliable_.next_body());
  }
  for (Latest& latest : latest_out_) {
    if (latest.pending) writer.write_encoded(MessageType::app_latest, latest.body);
    latest.pending = false;
  }
}

void Peer::write_pings(MessageWriter& writer, Instant now) {
  for (const HeldPing& held : held_pings_) {
    const auto held_us = std::chrono::duration_cast<std::chrono::microseconds>(now - held.arrived).count();
    writer.write(
        Pong{held.id, static_cast<std::uint32_t>(held_us), static_cast<std::uint64_t>(ns_since_start(now))});
  }
  held_pings_.clear();
  if (now >= next_ping_at_) {
    if (sent_pings_.full()) sent_pings_.pop();  // unanswered for longer than the idle timeout
    sent_pings_.push({next_ping_id_, now});
    writer.write(Ping{next_ping_id_++});
    next_ping_at_ = now + kPingInterval;
  }
}

// --- over datagrams

void Peer::open_datagrams(const DatagramTerms& terms) {
  datagrams_ = std::make_unique<DatagramSession>(windows_, terms);
}

void Peer::send_first(MessageType type, Bytes body) {
  const SendStatus status = datagrams_->channel().send_reliable(type, body);
  NETRIG_ASSERT(status == SendStatus::accepted);
  ++first_sent_;
}

Result<std::span<const RawMessage>, PeerFault> Peer::receive_datagram(Bytes datagram, Instant now) {
  const std::uint64_t opened = datagrams_->opened();
  const auto messages = datagrams_->receive(datagram, now);
  if (datagrams_->opened() == opened) return messages;
  last_heard_ = now;
  const std::uint32_t acked = datagrams_->channel().reliable_out().acked_messages();
  if (acked > first_sent_) {
    const bool known = reliable_.acked(acked_before_ + acked - first_sent_);
    NETRIG_ASSERT(known);
  }
  return messages;
}

DatagramWriter& Peer::begin_write(Instant now) {
  DatagramChannel& channel = datagrams_->channel();
  while (reliable_.has_unwritten() &&
         channel.send_reliable(reliable_.next_type(), reliable_.next_body()) == SendStatus::accepted) {
    reliable_.written();
  }
  DatagramWriter& writer = channel.begin_write(now);
  for (const std::uint16_t key : channel.take_lost_latest()) entry_of(latest_out_, key)->pending = true;
  writer.write_due_reliable();
  write_pings(writer, now);
  for (Latest& latest : latest_out_) {
    if (!latest.pending) continue;
    writer.write_encoded(MessageType::app_latest, latest.body);
    writer.note_latest(latest.key);
    latest.pending = false;
  }
  return writer;
}

std::optional<Instant> Peer::next_datagram_at() const {
  return datagrams_ ? datagrams_->channel().next_deadline() : std::nullopt;
}

// --- resuming

void Peer::restart(Instant now) {
  frames_ = FrameReader{kPacketBytesMax};
  datagrams_.reset();
  first_sent_ = 0;
  last_heard_ = now;
  rtt_ = {};
  sent_pings_.clear();
  held_pings_.clear();
  next_ping_at_ = now;
}

void Peer::forget_channels() {
  Peer fresh{windows_, last_heard_};
  reliable_ = std::move(fresh.reliable_);
  reliable_received_ = reliable_ack_written_ = acked_before_ = 0;
  latest_out_.clear();
  latest_in_.clear();
}

bool Peer::resume(std::uint32_t received) {
  if (!reliable_.rewind(received)) return false;
  acked_before_ = received;
  reliable_ack_written_ = reliable_received_;  // told in the handshake
  for (Latest& latest : latest_out_) latest.pending = true;
  return true;
}

}  // namespace netrig
