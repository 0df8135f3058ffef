#include "netrig/sim/network/stream_model.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::sim {
namespace {

constexpr std::uint32_t kSegment = kSegmentBytesMax;

}  // namespace

StreamModel::StreamModel(const LinkConditions& link, const StreamConditions& stream, Random random,
                         SharedQueues shared)
    : queues_(link, std::move(shared)),
      passage_(link, random.fork("loss", 0), random.fork("delay", 0), random.fork("timed_bursts", 0)),
      retransmission_passage_(link, random.fork("retransmission.loss", 0),
                              random.fork("retransmission.delay", 0), random.fork("timed_bursts", 0)),
      reorder_(random.fork("reorder", 0)),
      reorder_ppm_(link.reorder_ppm),
      reorder_delay_(link.reorder_delay),
      stream_(stream) {
  NETRIG_ASSERT(!validate(link));
  NETRIG_ASSERT(delivery(stream.kind) == Delivery::reliable_ordered);
  stream_.retransmit_after = std::max(stream.retransmit_after, kRetransmitAfterMin);
}

SendStatus StreamModel::enqueue(const OutgoingMessage& write, Instant now) {
  const std::size_t payload_bytes = write.size();
  if (payload_bytes == 0) return SendStatus::accepted;
  if (payload_bytes > kStreamInFlightBytesMax) return SendStatus::too_large;
  const std::size_t framing = framing_bytes(stream_.kind, stream_.direction, payload_bytes);
  const std::size_t framed_bytes = framing + payload_bytes;
  const std::size_t wire = framed_bytes + packets(stream_.kind, stream_.direction, payload_bytes) *
                                              packet_header_bytes(stream_.kind);
  if (wire > queues_.bytes_max()) return SendStatus::too_large;
  if (in_flight_bytes_ + payload_bytes > kStreamInFlightBytesMax) return SendStatus::queue_full;
  if (!queues_.fits(wire, now)) return SendStatus::queue_full;

  const std::uint32_t runs = cut_into_runs(static_cast<std::uint32_t>(framed_bytes), now);
  writes_.push_back(make_stream_write(write, framing, runs, now));
  in_flight_bytes_ += payload_bytes;
  return SendStatus::accepted;
}

// Sends every segment of a write that has room in the queue. Returns the number of runs it made.
std::uint32_t StreamModel::cut_into_runs(std::uint32_t framed_bytes, Instant now) {
  const std::size_t runs_before = runs_.size();
  Instant train_departs_at = Instant::min();  // segments that leave together share one delay
  Duration train_delay{0};
  for (std::uint32_t begin = 0; begin < framed_bytes; begin += kSegment) {
    Run run{Instant::max(), begin, std::min(begin + kSegment, framed_bytes)};
    const Departure departure = queues_.push(wire_bytes(run), now);
    if (departure.at != train_departs_at) {
      train_departs_at = departure.at;
      train_delay = passage_.draw_delay(departure.at);
    }
    const Duration held_back = reorder_.chance(reorder_ppm_) ? reorder_delay_ : Duration{0};
    const Duration travels = train_delay + held_back;
    std::optional<DropCause> dropped = departure.dropped;
    if (const auto lost = passage_.draw_loss(departure.at); !dropped) dropped = lost;
    if (!dropped) dropped = passage_.draw_segment_loss(departure.at + travels - now);
    if (dropped) {
      await_retransmission(first_run_ + runs_.size(), *dropped, departure.at);
    } else {
      run.arrives_at = passage_.released(departure.at + travels);
    }
    append_run(run, begin > 0);
  }
  return static_cast<std::uint32_t>(runs_.size() - runs_before);
}

void StreamModel::append_run(const Run& run, bool may_join_previous) {
  const bool arrives = run.arrives_at != Instant::max();
  if (may_join_previous && arrives && runs_.back().arrives_at == run.arrives_at) {
    runs_.back().end = run.end;
  } else {
    runs_.push_back(run);
  }
}

void StreamModel::await_retransmission(std::uint64_t run, DropCause cause, Instant lost_at) {
  retransmissions_.insert_sorted(
      {lost_at + stream_.retransmit_after, run, cause},
      [](const Retransmission& a, const Retransmission& b) { return a.at < b.at; });
}

void StreamModel::advance(Instant now, StreamSink& sink) {
  while (!retransmissions_.empty() && retransmissions_.front().at <= now)
    retransmit(retransmissions_.pop_front(), sink);
  deliver(now, sink);
}

void StreamModel::retransmit(const Retransmission& due, StreamSink& sink) {
  Run& run = runs_[due.run - first_run_];
  const std::uint32_t wire = wire_bytes(run);
  const Departure departure = queues_.push(wire, due.at);
  std::optional<DropCause> dropped = departure.dropped;
  if (!dropped) dropped = retransmission_passage_.draw_loss(departure.at);
  if (!dropped) {
    const Instant arrives_at = departure.at + retransmission_passage_.draw_delay(departure.at);
    dropped = retransmission_passage_.draw_segment_loss(arrives_at - due.at);
    run.arrives_at = dropped ? Instant::max() : retransmission_passage_.released(arrives_at);
  }
  if (dropped) await_retransmission(due.run, *dropped, departure.at);
  ++segments_retransmitted_;
  sink.on_dropped(due.cause, wire, due.at);
  sink.on_retransmitted(wire, due.at);
}

void StreamModel::deliver(Instant now, StreamSink& sink) {
  while (!runs_.empty() && runs_.front().arrives_at <= now) {
    StreamWrite& write = writes_.front();
    const std::uint32_t begin = runs_.front().begin;
    std::uint32_t end = begin;
    do {
      end = runs_.pop_front().end;
      ++first_run_;
      --write.pieces;
    } while (write.pieces > 0 && runs_.front().arrives_at <= now);
    in_flight_bytes_ -= append_chunks(write, begin, end, chunks_);
    const Instant sent_at = write.sent_at;
    if (write.pieces == 0) writes_.pop_front();  // the chunks own what they show
    sink.on_delivered(chunks_, sent_at, now);
    chunks_.clear();
  }
}

std::uint32_t StreamModel::wire_bytes(const Run& run) const {
  return run.end - run.begin + static_cast<std::uint32_t>(packet_header_bytes(stream_.kind));
}

}  // namespace netrig::sim
