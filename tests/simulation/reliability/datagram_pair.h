// Two datagram channels joined by two simulated links, each side with a clock of its own ticks. An event loop
// in virtual time: the links deliver first, then deadlines, then ticks.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "netrig/core/base/payload.h"
#include "netrig/core/base/random.h"
#include "netrig/core/protocol/datagram_channel.h"
#include "netrig/sim/network/header_model.h"
#include "netrig/sim/network/link.h"

namespace netrig::testing {

// Loses packets in runs of `mean_burst` (Gilbert and Elliott: a good state that loses none, a bad one that
// loses all), `loss_ppm` of them in the long run.
class BurstLoss {
 public:
  BurstLoss(std::uint32_t loss_ppm, std::uint32_t mean_burst, Random random)
      : random_(random),
        leave_ppm_(kPartsPerMillion / mean_burst),
        enter_ppm_(loss_ppm == 0 ? 0
                                 : static_cast<std::uint32_t>(std::uint64_t{leave_ppm_} * loss_ppm /
                                                              (kPartsPerMillion - loss_ppm))) {}
  bool draw() {
    bad_ = random_.chance(bad_ ? kPartsPerMillion - leave_ppm_ : enter_ppm_);
    return bad_;
  }

 private:
  Random random_;
  std::uint32_t leave_ppm_;
  std::uint32_t enter_ppm_;
  bool bad_ = false;
};

struct PairConditions {
  sim::LinkConditions link;          // of each direction
  std::uint32_t burst_loss_ppm = 0;  // in bursts of four, beside what the link loses
  std::uint32_t rate_hz = 20;        // ticks of each side
  std::size_t seal_bytes = 5;        // kind and sequence
  Windows windows = derive_windows({});
  std::uint64_t first_sequence = 0;
  std::uint64_t seed = 1;
};

class DatagramPair {
 public:
  // One of the two sides, with what it sends.
  struct Side final : private sim::LinkSink {
    Side(DatagramPair& pair, std::size_t index, const PairConditions& conditions, Random random);
    void write(Instant now, const std::function<void(DatagramWriter&)>& what);
    Side& other() const;

    DatagramPair& pair;
    std::size_t index;
    DatagramChannel channel;
    sim::Link link;  // to the other side
    BurstLoss bursts;
    Duration phase;
    std::uint64_t ticks = 0;

    std::uint64_t packets_sent = 0;
    std::uint64_t packets_dropped = 0;  // by the network
    std::uint64_t bytes_sent = 0;       // of datagrams, without IP and UDP
    std::vector<bool> dropped;          // by sequence - first_sequence
    Duration queue_delay_sum{};         // of delivered packets, beyond the propagation
    std::uint64_t packets_delivered = 0;

   private:
    friend class DatagramPair;
    void on_delivered(const sim::Packet& packet, Instant sent_at, Instant now) override;
    void on_dropped(const sim::Packet& packet, sim::DropCause cause, Instant now) override;
    void count_drop(std::uint32_t sequence_low);
  };

  explicit DatagramPair(const PairConditions& conditions);

  // Called at each tick of a side, inside its write.
  std::function<void(Side&, DatagramWriter&, Instant)> on_tick;
  // Called before the write of a tick.
  std::function<void(Side&, Instant)> before_tick;
  std::function<void(Side& to, std::span<const RawMessage>, Instant)> on_messages;

  void run_until(Instant end);
  Instant now() const { return now_; }
  void replace_links(const sim::LinkConditions& conditions);  // what is in flight is lost

  PairConditions conditions;
  std::vector<std::uint8_t> received;  // scratch
  std::array<Side, 2> sides;

 private:
  Instant tick_at(const Side& side) const;
  void turn(Instant now);
  void tick(Side& side, Instant now);
  std::optional<Instant> next_event() const;

  PayloadPool pool_;
  Instant now_{};
};

}  // namespace netrig::testing
