#include "netrig/sim/network/stream_model.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig::sim {
namespace {

constexpr std::uint32_t kSegment = kSegmentBytesMax;

}  // namespace

StreamModel::StreamModel(const LinkConditions& link, const StreamConditions& stream, Random random)
    : queue_(link.rate_bits_per_second, link.queue_bytes_max),
      loss_(link.loss_ppm, random.fork("loss", 0)),
      retransmission_loss_(link.loss_ppm, random.fork("retransmission.loss", 0)),
      delay_(link, random.fork("delay", 0)),
      retransmission_delay_(link, random.fork("retransmission.delay", 0)),
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
  if (wire > queue_.bytes_max()) return SendStatus::too_large;
  if (in_flight_bytes_ + payload_bytes > kStreamInFlightBytesMax) return SendStatus::queue_full;
  if (!queue_.fits(wire, now)) return SendStatus::queue_full;

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
    const Instant departs_at = queue_.push(wire_bytes(run), now);
    if (departs_at != train_departs_at) {
      train_departs_at = departs_at;
      train_delay = delay_.draw();
    }
    const Duration held_back = reorder_.chance(reorder_ppm_) ? reorder_delay_ : Duration{0};
    if (loss_.draw()) {
      await_retransmission(first_run_ + runs_.size(), DropCause::loss, departs_at);
    } else {
      run.arrives_at = departs_at + train_delay + held_back;
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
  if (queue_.fits(wire, due.at)) {
    const Instant departs_at = queue_.push(wire, due.at);
    if (retransmission_loss_.draw()) {
      await_retransmission(due.run, DropCause::loss, departs_at);
    } else {
      run.arrives_at = departs_at + retransmission_delay_.draw();
    }
  } else {
    await_retransmission(due.run, DropCause::queue_full, due.at);
  }
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
