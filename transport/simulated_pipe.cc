#include "netrig/transport/simulated_pipe.h"

#include <algorithm>
#include <array>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/base/digest.h"

namespace netrig::transport {
namespace {

const sim::LinkConditions& conditions_of(const LinkSetup& setup, sim::Direction direction) {
  return direction == sim::Direction::up ? setup.up : setup.down;
}

const sim::LinkConditions& reverse_of(const LinkSetup& setup, sim::Direction direction) {
  return direction == sim::Direction::up ? setup.down : setup.up;
}

sim::StreamConditions stream_conditions(const LinkSetup& setup, sim::Direction direction) {
  return {.congestion = setup.congestion,
          .kind = setup.kind,
          .direction = direction,
          .retransmit_after = sim::nominal_delay(setup.up.delay) + sim::nominal_delay(setup.down.delay),
          .tcp = setup.tcp};
}

const sim::SharedQueues& queues_of(const LinkSetup& setup, sim::Direction direction) {
  return direction == sim::Direction::up ? setup.up_queues : setup.down_queues;
}

// Of head and body as they were hashed when they were encoded.
std::uint64_t message_digest(const OutgoingMessage& message) {
  RunningDigest digest;
  if (message.head) digest.add(message.head->digest);
  if (message.body) digest.add(message.body->digest);
  return digest.value();
}

std::size_t wire_bytes(sim::TransportKind kind, sim::Direction direction, std::size_t payload_bytes) {
  return payload_bytes + sim::overhead_bytes(kind, direction, payload_bytes);
}

// The longest write that a send buffer of `wire_bytes_max` can take.
std::size_t longest_write(sim::TransportKind kind, sim::Direction direction, std::size_t wire_bytes_max) {
  std::size_t fits = 0;
  std::size_t too_long = std::min(wire_bytes_max, sim::kStreamInFlightBytesMax) + 1;
  while (too_long - fits > 1) {
    const std::size_t middle = fits + (too_long - fits) / 2;
    (wire_bytes(kind, direction, middle) <= wire_bytes_max ? fits : too_long) = middle;
  }
  return fits;
}

std::size_t longest_write(const LinkSetup& setup, sim::Direction direction) {
  if (setup.congestion != sim::Congestion::ideal)
    return longest_write(setup.kind, direction, setup.tcp.send_buffer_bytes);
  const sim::LinkQueues queues{conditions_of(setup, direction), queues_of(setup, direction)};
  if (queues.bytes_max() > sim::kQueueBytesMax) return sim::kStreamInFlightBytesMax;  // no rate anywhere
  return longest_write(setup.kind, direction, static_cast<std::size_t>(queues.bytes_max()));
}

const OutgoingMessage& end_mark() {
  static const OutgoingMessage mark{.head = nullptr, .body = [] {
                                      auto payload = std::make_shared<Payload>();
                                      payload->bytes.push_back(0);
                                      return PayloadPool::seal(std::move(payload));
                                    }()};
  return mark;
}

bool is_whole(const Chunk& chunk) {
  return chunk.owner && chunk.bytes.data() == chunk.owner->bytes.data() &&
         chunk.bytes.size() == chunk.owner->bytes.size();
}

}  // namespace

std::optional<OutgoingMessage> whole_message(std::span<const Chunk> chunks) {
  if (chunks.size() > 2 || !std::all_of(chunks.begin(), chunks.end(), is_whole)) return std::nullopt;
  OutgoingMessage message;
  if (chunks.size() > 0) message.head = chunks[0].owner;
  if (chunks.size() > 1) message.body = chunks[1].owner;
  return message;
}

void Pipe::plan() {
  const std::optional<Instant> next = next_deadline();
  if (stopped_ || !next || *next == planned_) return;
  planned_ = *next;
  scheduler_.schedule(*this, planned_);
}

void Pipe::stop(Instant now) {
  if (!stopped_ && packets_under_way() > 0) observer_.on_abandoned(link_, packets_under_way(), now);
  stopped_ = true;
  scheduler_.cancel(*this);
}

void Pipe::run(Instant now) {
  exit_.on_due(now - std::exchange(planned_, Instant::max()));
  advance(now);
  plan();
  if (idle()) exit_.on_idle();
}

StreamPipe::StreamPipe(TaskOrder order, sim::LinkId link, const LinkSetup& setup, Random random,
                       Scheduler& scheduler, sim::NetworkObserver& observer, PipeExit& exit)
    : Pipe(order, link, scheduler, observer, exit),
      kind_(setup.kind),
      stream_(sim::make_stream(conditions_of(setup, link.direction), reverse_of(setup, link.direction),
                               stream_conditions(setup, link.direction), random,
                               queues_of(setup, link.direction))),
      message_bytes_max_(longest_write(setup, link.direction)) {}

SendStatus StreamPipe::send(const OutgoingMessage& message, Instant now) {
  NETRIG_ASSERT(end_ == End::none);
  const std::size_t size = message.size();
  if (size == 0) return SendStatus::accepted;
  const SendStatus status = stream_->enqueue(message, now);
  if (status != SendStatus::accepted) return status;
  const std::size_t wire = wire_bytes(kind_, link_.direction, size);
  sent_.push_back({.bytes_left = size, .wire_bytes = wire});
  under_way_ += static_cast<std::int64_t>(sim::packets_on_wire(kind_, wire));
  observer_.on_sent(link_, wire, message_digest(message), now);
  plan();
  return SendStatus::accepted;
}

void StreamPipe::finish(Instant now) {
  if (end_ != End::none) return;
  end_ = End::wanted;
  try_end(now);
  plan();
}

// A full send buffer refuses the end too; it has something under way then, so advance() will try again.
void StreamPipe::try_end(Instant now) {
  if (stream_->enqueue(end_mark(), now) != SendStatus::accepted) {
    NETRIG_ASSERT(stream_->next_deadline());
    return;
  }
  sent_.push_back({.bytes_left = end_mark().size(), .wire_bytes = 0});
  end_ = End::sent;
}

void StreamPipe::advance(Instant now) {
  stream_->advance(now, *this);
  if (end_ == End::wanted) try_end(now);
}

std::size_t StreamPipe::backlog_bytes(Instant now) const {
  return static_cast<std::size_t>(stream_->backlog_bytes(now));
}

void StreamPipe::on_delivered(std::span<const Chunk> chunks, Instant sent_at, Instant now) {
  if (stopped()) return;
  Sent& front = sent_.front();  // one call is about one write
  for (const Chunk& chunk : chunks) front.bytes_left -= chunk.bytes.size();
  const std::size_t wire = front.wire_bytes;
  const bool is_end = wire == 0;
  if (front.bytes_left == 0) {
    sent_.pop_front();
    under_way_ -= static_cast<std::int64_t>(sim::packets_on_wire(kind_, wire));
    if (!is_end) observer_.on_delivered(link_, wire, sent_at, now);
  }
  if (is_end) return exit_.on_ended(link_.direction);
  exit_.on_arrived(link_.direction, chunks);
}

void StreamPipe::on_dropped(sim::DropCause cause, std::size_t wire_bytes, Instant now) {
  if (stopped()) return;
  --under_way_;
  observer_.on_dropped(link_, cause, wire_bytes, now);
}

void StreamPipe::on_retransmitted(std::size_t wire_bytes, Instant now) {
  if (stopped()) return;
  ++under_way_;
  observer_.on_retransmitted(link_, wire_bytes, now);
}

DatagramPipe::DatagramPipe(TaskOrder order, sim::LinkId link, const LinkSetup& setup, Random random,
                           std::size_t message_bytes_max, Scheduler& scheduler,
                           sim::NetworkObserver& observer, PipeExit& exit)
    : Pipe(order, link, scheduler, observer, exit),
      kind_(setup.kind),
      packets_(conditions_of(setup, link.direction), random, queues_of(setup, link.direction)),
      message_bytes_max_(message_bytes_max) {}

SendStatus DatagramPipe::send(const OutgoingMessage& message, Instant now) {
  const std::size_t wire = wire_bytes(kind_, link_.direction, message.size());
  observer_.on_sent(link_, wire, message_digest(message), now);
  if (packets_.enqueue({message, static_cast<std::uint32_t>(wire)}, now) == sim::EnqueueResult::queue_full)
    observer_.on_dropped(link_, sim::DropCause::queue_full, wire, now);
  plan();
  return SendStatus::accepted;
}

void DatagramPipe::on_delivered(const sim::Packet& packet, Instant sent_at, Instant now) {
  if (stopped()) return;
  observer_.on_delivered(link_, packet.wire_bytes, sent_at, now);
  std::array<Chunk, 2> chunks;
  std::size_t count = 0;
  for (const PayloadRef* part : {&packet.message.head, &packet.message.body})
    if (*part && !(*part)->bytes.empty()) chunks[count++] = {.bytes = (*part)->bytes, .owner = *part};
  exit_.on_arrived(link_.direction, std::span{chunks}.first(count));
}

void DatagramPipe::on_corrupted(const sim::Packet& packet, std::uint64_t bits, Instant sent_at, Instant now) {
  if (stopped()) return;
  observer_.on_corrupted(link_, packet.wire_bytes, now);
  observer_.on_delivered(link_, packet.wire_bytes, sent_at, now);
  const std::shared_ptr<Payload> damaged = corrupted_.acquire();
  for (const PayloadRef* part : {&packet.message.head, &packet.message.body})
    if (*part) damaged->bytes.insert(damaged->bytes.end(), (*part)->bytes.begin(), (*part)->bytes.end());
  sim::flip_bits(damaged->bytes, bits);
  const PayloadRef sealed = PayloadPool::seal(damaged);
  const Chunk chunk{.bytes = sealed->bytes, .owner = sealed};
  exit_.on_arrived(link_.direction, std::span{&chunk, sealed->bytes.empty() ? 0u : 1u});
}

void DatagramPipe::on_dropped(const sim::Packet& packet, sim::DropCause cause, Instant now) {
  observer_.on_dropped(link_, cause, packet.wire_bytes, now);
}

void DatagramPipe::on_duplicated(const sim::Packet& packet, Instant now) {
  observer_.on_duplicated(link_, packet.wire_bytes, now);
}

void DatagramPipe::on_reordered(const sim::Packet& packet, Instant now) {
  observer_.on_reordered(link_, packet.wire_bytes, now);
}

}  // namespace netrig::transport
