#include "netrig/sim/network/tcp_stream.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::sim {
namespace {

// Acknowledgements do not wait behind the reverse direction's data.
LinkConditions without_rate(LinkConditions link) {
  link.rate_bits_per_second = 0;
  link.queue_bytes_max = 0;
  link.codel.reset();
  return link;
}

constexpr auto kArrivesBefore = [](const auto& a, const auto& b) { return a.arrives_at < b.arrives_at; };

}  // namespace

TcpStream::TcpStream(const LinkConditions& link, const LinkConditions& reverse,
                     const StreamConditions& stream, Random random, SharedQueues shared)
    : stream_(stream),
      header_bytes_(static_cast<std::uint32_t>(packet_header_bytes(stream.kind))),
      path_(link, random, std::move(shared)),
      ack_path_(without_rate(reverse), random.fork("ack", 0)),
      sender_(stream.tcp, stream.retransmit_after, header_bytes_) {
  NETRIG_ASSERT(delivery(stream.kind) == Delivery::reliable_ordered);
}

SendStatus TcpStream::enqueue(const OutgoingMessage& write, Instant now) {
  const std::size_t payload_bytes = write.size();
  if (payload_bytes == 0) return SendStatus::accepted;
  const std::size_t framing = framing_bytes(stream_.kind, stream_.direction, payload_bytes);
  const std::size_t segments = packets(stream_.kind, stream_.direction, payload_bytes);
  const std::size_t wire = framing + payload_bytes + segments * header_bytes_;
  if (wire > stream_.tcp.send_buffer_bytes) return SendStatus::too_large;
  if (sender_.buffered_bytes() + wire > stream_.tcp.send_buffer_bytes) return SendStatus::queue_full;

  now = tick(now);
  writes_.push_back(make_stream_write(write, framing, static_cast<std::uint32_t>(segments), now));
  for (std::uint32_t left = writes_.back().end; left > 0;) {
    const std::uint32_t bytes = std::min(left, static_cast<std::uint32_t>(kSegmentBytesMax));
    sender_.append(bytes, now);
    left -= bytes;
  }
  if (!busy_) send_all(now, nullptr);
  return SendStatus::accepted;
}

Instant TcpStream::tick(Instant now) {
  return clock_ = std::max(clock_, now);
}

std::optional<Instant> TcpStream::next_deadline() const {
  Instant next = Instant::max();
  if (!flights_.empty()) next = flights_.front().arrives_at;
  if (!acks_.empty()) next = std::min(next, acks_.front().arrives_at);
  if (const auto at = receiver_.ack_deadline()) next = std::min(next, *at);
  if (const auto at = sender_.timer()) next = std::min(next, *at);
  return next == Instant::max() ? std::nullopt : std::optional{next};
}

void TcpStream::advance(Instant now, StreamSink& sink) {
  busy_ = true;
  for (auto due = next_deadline(); due && *due <= now; due = next_deadline()) step(*due, now, sink);
  while (!drops_.empty()) {
    const Drop drop = drops_.pop_front();
    sink.on_dropped(drop.cause, drop.wire_bytes, now);
  }
  busy_ = false;
  send_all(tick(now), nullptr);  // what the sink wrote while it heard of drops
}

// Everything that is due at one instant: first what arrives, then what is told, last what nobody told.
void TcpStream::step(Instant due, Instant now, StreamSink& sink) {
  take_arrivals(due);
  if (receiver_.ack_deadline() && *receiver_.ack_deadline() <= due) acknowledge(tick(due));
  deliver(now, sink);
  take_acks(due);
  if (sender_.timer() && *sender_.timer() <= due) sender_.on_timer(tick(due));
  send_all(tick(due), &sink);
}

void TcpStream::take_arrivals(Instant due) {
  while (!flights_.empty() && flights_.front().arrives_at <= due) {
    const Flight flight = flights_.pop_front();
    const Transmission arrived = flight.transmission;
    arrivals_.push_back(arrived);
    ++arrived_;
    if (receiver_.has(arrived.segment)) drops_.push_back({DropCause::redundant, flight.wire_bytes});
    if (receiver_.take(arrived.segment, due)) acknowledge(tick(due));
  }
}

void TcpStream::acknowledge(Instant now) {
  receiver_.on_acknowledged();
  const SegmentPath::Fate fate = ack_path_.send(header_bytes_, now);
  sender_.facts().note_ack(fate.dropped.has_value());
  if (fate.dropped) return;
  if (!acks_.empty() && acks_.back().arrives_at == fate.arrives_at) {
    acks_.back().arrived = arrived_;
  } else {
    acks_.insert_sorted({fate.arrives_at, arrived_}, kArrivesBefore);
  }
}

void TcpStream::take_acks(Instant due) {
  std::uint64_t arrived = told_;
  while (!acks_.empty() && acks_.front().arrives_at <= due)
    arrived = std::max(arrived, acks_.pop_front().arrived);
  if (arrived == told_) return;
  sender_.on_ack(arrivals_, arrived - told_, tick(due));
  told_ = arrived;
}

void TcpStream::send_all(Instant now, StreamSink* sink) {
  while (const auto sending = sender_.send_next(now)) {
    const std::uint32_t wire = sending->bytes + header_bytes_;
    const SegmentPath::Fate fate = path_.send(wire, now);
    if (fate.dropped) {
      drops_.push_back({*fate.dropped, wire});
    } else {
      flights_.insert_sorted({fate.arrives_at, sending->transmission, wire}, kArrivesBefore);
    }
    if (!sending->again) continue;
    NETRIG_ASSERT(sink != nullptr);  // a write never makes room for a retransmission
    sink->on_retransmitted(wire, now);
  }
}

void TcpStream::deliver(Instant now, StreamSink& sink) {
  while (delivered_ < receiver_.next()) {
    StreamWrite& write = writes_.front();
    const std::uint32_t begin = delivered_bytes_;
    const auto segments =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(receiver_.next() - delivered_, write.pieces));
    const auto full = static_cast<std::uint32_t>(begin + segments * kSegmentBytesMax);
    delivered_bytes_ = std::min(full, write.end);
    delivered_ += segments;
    write.pieces -= segments;
    append_chunks(write, begin, delivered_bytes_, chunks_);
    const Instant sent_at = write.sent_at;
    if (write.pieces == 0) {
      writes_.pop_front();  // the chunks own what they show
      delivered_bytes_ = 0;
    }
    if (!chunks_.empty()) sink.on_delivered(chunks_, sent_at, now);
    chunks_.clear();
  }
}

std::optional<StreamFacts> TcpStream::facts(Instant now) const {
  return sender_.facts().at(sender_.window(), now);
}

void TcpStream::restart_facts(Instant now) {
  sender_.facts().restart(sender_.window(), now);
}

}  // namespace netrig::sim
