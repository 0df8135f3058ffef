// One direction of one simulated connection: a link model, the task that drives it, and what it tells the
// observer. Part of simulated.h's implementation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "netrig/core/base/payload.h"
#include "netrig/core/base/scheduler.h"
#include "netrig/sim/network/growing_ring.h"
#include "netrig/sim/network/link.h"
#include "netrig/sim/network/network_observer.h"
#include "netrig/sim/network/stream.h"
#include "netrig/transport/simulated.h"

namespace netrig::transport {

// The message that these chunks are, referred to and not copied. Nothing when they are not whole payloads.
std::optional<OutgoingMessage> whole_message(std::span<const Chunk> chunks);

// Called from a scheduler turn. May stop the pipe, and must not destroy it.
class PipeExit {
 public:
  virtual ~PipeExit() = default;
  virtual void on_arrived(sim::Direction direction, std::span<const Chunk> chunks) = 0;
  virtual void on_ended(sim::Direction direction) = 0;  // once, after everything that was sent
  virtual void on_idle() = 0;                           // nothing is under way any more
  // What is due is about to arrive. Under a real clock it is so late.
  virtual void on_due(Duration /*late*/) {}
};

class Pipe : public Task {
 public:
  ~Pipe() override { scheduler_.cancel(*this); }

  // Datagrams answer `accepted` even when the link drops them: the network does not tell.
  virtual SendStatus send(const OutgoingMessage& message, Instant now) = 0;
  virtual void finish(Instant now) = 0;  // streams: the end follows what was sent. datagrams: nothing
  virtual std::size_t message_bytes_max() const = 0;
  virtual std::size_t backlog_bytes(Instant now) const = 0;
  virtual bool idle() const = 0;
  // Of a stream whose model has windows.
  virtual std::optional<sim::StreamFacts> stream_facts(Instant) const { return std::nullopt; }
  virtual void restart_stream_facts(Instant) {}
  sim::LinkId link() const { return link_; }

  void stop(Instant now);  // drops what is under way; nothing comes out any more
  void run(Instant now) final;

 protected:
  Pipe(TaskOrder order, sim::LinkId link, Scheduler& scheduler, sim::NetworkObserver& observer,
       PipeExit& exit)
      : Task(order), link_(link), scheduler_(scheduler), observer_(observer), exit_(exit) {}

  virtual void advance(Instant now) = 0;
  virtual std::optional<Instant> next_deadline() const = 0;
  virtual std::size_t packets_under_way() const = 0;  // whose fate the observer has not heard of
  void plan();                                        // after each change of next_deadline()
  bool stopped() const { return stopped_; }

  const sim::LinkId link_;
  Scheduler& scheduler_;
  sim::NetworkObserver& observer_;
  PipeExit& exit_;

 private:
  bool stopped_ = false;
  Instant planned_ = Instant::max();  // when run() is due; max: it is not
};

// Bytes in order. The end is one byte more in the sequence, as TCP's FIN is: it waits, travels and is lost
// like any other. It is not reported as sent.
class StreamPipe final : public Pipe, private sim::StreamSink {
 public:
  StreamPipe(TaskOrder order, sim::LinkId link, const LinkSetup& setup, Random random, Scheduler& scheduler,
             sim::NetworkObserver& observer, PipeExit& exit);

  SendStatus send(const OutgoingMessage& message, Instant now) override;
  void finish(Instant now) override;
  std::size_t message_bytes_max() const override { return message_bytes_max_; }
  std::size_t backlog_bytes(Instant now) const override;
  bool idle() const override { return stream_->empty(); }
  std::optional<sim::StreamFacts> stream_facts(Instant now) const override { return stream_->facts(now); }
  void restart_stream_facts(Instant now) override { stream_->restart_facts(now); }

 private:
  enum class End : std::uint8_t { none, wanted, sent };
  struct Sent {
    std::size_t bytes_left = 0;  // of payload, not delivered yet
    std::size_t wire_bytes = 0;  // 0: the end
  };

  void advance(Instant now) override;
  std::optional<Instant> next_deadline() const override { return stream_->next_deadline(); }
  std::size_t packets_under_way() const override {
    return under_way_ < 0 ? 0 : static_cast<std::size_t>(under_way_);
  }
  void try_end(Instant now);
  void on_delivered(std::span<const Chunk> chunks, Instant sent_at, Instant now) override;
  void on_dropped(sim::DropCause cause, std::size_t wire_bytes, Instant now) override;
  void on_retransmitted(std::size_t wire_bytes, Instant now) override;

  sim::TransportKind kind_;
  std::unique_ptr<sim::Stream> stream_;
  std::size_t message_bytes_max_;
  // Packets sent, and sent again, less those that arrived or were dropped. The end is none: while it is lost,
  // this is one too small.
  std::int64_t under_way_ = 0;
  sim::GrowingRing<Sent> sent_;  // what stream_ holds, in order
  End end_ = End::none;
};

class DatagramPipe final : public Pipe, private sim::LinkSink {
 public:
  DatagramPipe(TaskOrder order, sim::LinkId link, const LinkSetup& setup, Random random,
               std::size_t message_bytes_max, Scheduler& scheduler, sim::NetworkObserver& observer,
               PipeExit& exit);

  SendStatus send(const OutgoingMessage& message, Instant now) override;
  void finish(Instant) override {}
  std::size_t message_bytes_max() const override { return message_bytes_max_; }
  std::size_t backlog_bytes(Instant) const override { return 0; }  // handed to the network at once
  bool idle() const override { return packets_.in_flight() == 0; }

 private:
  void advance(Instant now) override { packets_.advance(now, *this); }
  std::optional<Instant> next_deadline() const override { return packets_.next_deadline(); }
  std::size_t packets_under_way() const override {
    return packets_.in_flight() - packets_.copies_in_flight();
  }
  void on_delivered(const sim::Packet& packet, Instant sent_at, Instant now) override;
  void on_dropped(const sim::Packet& packet, sim::DropCause cause, Instant now) override;
  void on_corrupted(const sim::Packet& packet, std::uint64_t bits, Instant sent_at, Instant now) override;
  void on_duplicated(const sim::Packet& packet, Instant now) override;
  void on_reordered(const sim::Packet& packet, Instant now) override;

  sim::TransportKind kind_;
  sim::Link packets_;
  PayloadPool corrupted_;  // what arrives in place of packets whose bits are flipped
  std::size_t message_bytes_max_;
};

}  // namespace netrig::transport
