// What one direction of a link does to packets: plain values, checked once, described in plain words.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "netrig/core/base/time.h"
#include "netrig/sim/network/codel.h"
#include "netrig/sim/network/delay_shape.h"
#include "netrig/sim/network/schedule.h"
#include "netrig/sim/network/timed_bursts.h"
#include "netrig/sim/network/words.h"

namespace netrig::sim {

constexpr std::uint64_t kRateMin = 1'000;            // bit/s; below it one packet takes more than 10 s
constexpr std::uint64_t kRateMax = 100'000'000'000;  // bit/s
constexpr std::uint64_t kQueueBytesMin = 1'500;      // one full packet, or nothing would ever pass
constexpr std::uint64_t kQueueBytesMax = 1 << 30;    // 8.6e9 bits * 1e9 ns/s fit 64 bits in the rate limiter

// Losses in bursts: a state that is good or bad, and a loss probability of each. E. N. Gilbert, "Capacity of
// a burst-noise channel", 1960; E. O. Elliott, 1963; fitted to networks by Hasslinger and Hohlfeld, "The
// Gilbert-Elliott model for packet loss in real time services on the Internet", 2008. The state moves with
// each packet, not with time.
struct GilbertElliott {
  std::uint32_t enter_ppm = 0;             // good to bad, before a packet (p)
  std::uint32_t leave_ppm = 0;             // bad to good (r); bad states last 1 / r packets on average
  std::uint32_t loss_good_ppm = 0;         // 1 - k
  std::uint32_t loss_bad_ppm = 1'000'000;  // 1 - h
  friend bool operator==(const GilbertElliott&, const GilbertElliott&) = default;
};

// Loss that comes with delay, as in a network whose queues are full somewhere: probability 0 for a packet
// that takes `from` or less from end to end (waiting included), rising evenly to `loss_ppm` at `to`, and no
// further. It is RED's line (Floyd and Jacobson, 1993) over delay in place of queue length, which are the
// same behind a constant rate. That they go together: Moon, Skelly and Towsley, "Correlation of packet delay
// and loss in the Internet", 1998.
struct LossByDelay {
  Duration from{0};
  Duration to{0};
  std::uint32_t loss_ppm = 0;
  friend bool operator==(const LossByDelay&, const LossByDelay&) = default;
};

// One direction. The default is a perfect link: no delay, no loss, no limit.
struct LinkConditions {
  Delay delay = ConstantDelay{};  // propagation, 0 to kDelayMax
  Duration jitter{0};             // each packet's delay is shifted uniformly within +-jitter, not below 0
  // How much a packet's delay and jitter resemble those of the packet before it, each: the correlation of the
  // normal numbers behind them.
  std::uint32_t correlation_ppm = 0;
  // Whether a packet may overtake another one because its delay came out shorter (by jitter, by the shape of
  // the delay, or by the schedule). If not, it waits for the one before it.
  bool jitter_may_reorder = false;
  std::uint32_t loss_ppm = 0;              // independent
  std::optional<GilbertElliott> bursts{};  // beside it
  std::optional<TimedBursts> timed_bursts{};
  std::optional<LossByDelay> loss_by_delay{};
  std::uint32_t corrupt_ppm = 0;    // datagrams arrive with bits flipped; of a stream, TCP drops the segment
  std::uint32_t duplicate_ppm = 0;  // datagrams only: a stream's receiver discards copies
  std::uint32_t reorder_ppm = 0;    // this share of packets takes `reorder_delay` longer and holds back
  Duration reorder_delay{0};        // nobody
  std::uint64_t rate_bits_per_second = 0;  // of wire bytes; 0: unlimited
  std::uint64_t queue_bytes_max = 0;       // wire bytes that wait for the rate limiter; what exceeds it is
                                           // dropped. Only with a rate
  std::optional<CoDelConditions> codel{};  // drops from that queue. Only with a rate
  std::shared_ptr<const LinkSchedule> schedule{};  // null: nothing changes. Its rates only with a rate

  friend bool operator==(const LinkConditions& a, const LinkConditions& b);
};

// A queue that several links pass one after the other's packets: a household's line, a server's.
struct QueueConditions {
  std::uint64_t rate_bits_per_second = 0;  // kRateMin to kRateMax
  std::uint64_t bytes_max = 0;
  std::optional<CoDelConditions> codel{};
  friend bool operator==(const QueueConditions&, const QueueConditions&) = default;
};

enum class ConditionsError : std::uint8_t {
  delay_out_of_range,
  delay_min_above_max,
  delay_shape_out_of_range,
  delay_table_invalid,
  jitter_out_of_range,
  correlation_out_of_range,
  reorder_delay_out_of_range,
  reorder_without_delay,
  share_above_one,
  timed_bursts_out_of_range,
  loss_by_delay_out_of_range,
  rate_out_of_range,
  queue_out_of_range,
  codel_out_of_range,
  schedule_invalid,
};
std::string_view text(ConditionsError error);

// The first thing wrong with `conditions`, or nothing.
std::optional<ConditionsError> validate(const LinkConditions& conditions);
std::optional<ConditionsError> validate_queue(const QueueConditions& conditions);

// A line that is bad `mean_ppm` of the time, for `mean_burst_milli` thousandths of a packet at a time, and
// then loses everything: the simple Gilbert model. Nothing when no probability in whole parts per million
// comes within 1 % of that mean.
std::optional<GilbertElliott> bursts_of(std::uint32_t mean_ppm, std::uint32_t mean_burst_milli);

// The share of packets that a link loses by chance in the long run, delay and schedule aside.
std::uint32_t mean_loss_ppm(const LinkConditions& conditions);

// No packet takes longer, but for jitter, reordering and queues.
Duration largest_delay(const LinkConditions& conditions);

// One direction in words: "delay 100 ms +-20 ms, loss 1 %, 8 Mbit/s behind a queue of 64 kB".
std::string describe(const LinkConditions& conditions);
std::string describe_queue(const QueueConditions& conditions);

}  // namespace netrig::sim
