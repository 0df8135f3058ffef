// How fast state may be sent. A game sends state at its own pace and never repeats it, so a lost packet says
// nothing: the links that this is built for lose one in five and have room all the same. What says that a
// path is full is a queue that grows, and what the path lets through then is its rate. So, as BBR does
// (draft-cardwell-ccwg-bbr, section 4: delivery rate and least round trip) and unlike TFRC (RFC 5348), whose
// equation gives 4 kB/s at 5 s and 1 % whatever the path:
//   - until the round trip stands over its least by more than a target, nothing is limited. An
//     application-limited flow therefore never is;
//   - then the rate is what is being delivered, less what drains the queue in about a round trip;
//   - while no queue stands the rate grows, slowly near the rate at which the queue last stood.
// The least round trip of a whole window of acks is compared (LEDBAT, RFC 6817 section 4.2: its filter, and
// 100 ms as the target), so that jitter alone is no queue; it also widens the target. Each change is judged
// by packets sent after it, so the control is stable at any round trip.
// Not told apart: a queue on the way of the acks; and a path with hardly any queue only loses packets.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/core/base/time.h"
#include "netrig/core/protocol/round_trip.h"

namespace netrig {

constexpr Duration kQueueTarget = 100ms;       // or 1/32 of the round trip; and three times its jitter
constexpr std::uint64_t kSendRateMin = 4'000;  // bytes a second: a packet every 0.3 s, at least

class SendRate {
 public:
  // A packet was sent.
  void on_sent(std::size_t bytes, Instant now);

  struct Feedback {
    std::uint64_t bytes_acked = 0;   // newly, by this ack
    std::optional<Duration> sample;  // of the round trip, if this ack measured one
    Instant largest_sent_at;         // when the newest packet that it acks was sent
  };
  void on_ack(const Feedback& feedback, const RoundTrip& rtt, Instant now);

  // Whether state may go now. Asking counts: a flow that is never refused needs no more.
  bool may_send(Instant now);
  // Bytes that may go now; without a limit, all that anybody could want.
  std::size_t budget(Instant now);

  bool limited() const { return limited_; }
  std::uint64_t bytes_per_second() const { return rate_; }  // while limited
  Duration queueing() const { return queueing_; }           // of the last window judged

 private:
  void refill(Instant now);
  void note_least(Duration sample, const RoundTrip& rtt, Instant now);
  void judge(const RoundTrip& rtt, Instant now);
  void slow_down(Duration excess, Duration epoch, std::uint64_t delivered);
  void speed_up();
  void begin_window(Instant now);

  bool limited_ = false;
  std::uint64_t rate_ = 0;
  std::uint64_t delivered_ = 0;  // bytes a second, when a queue last stood
  std::int64_t credit_ = 0;      // bytes; may be owed
  Instant refilled_at_;
  bool refused_ = false;        // since the last change
  std::uint32_t clear_ = 0;     // judgements in a row without a queue and beyond the old limit, or unasked
  std::uint32_t standing_ = 0;  // judgements in a row that found the queue no shorter

  std::optional<Duration> last_sample_;
  int differences_ = 0;  // of neighbouring samples, 16 at most
  Duration jitter_{};  // RFC 3550 6.4.1: mean difference of neighbours; a queue that grows hardly shows in it
  Duration least_{Duration::max()};         // of the round trip, in this stretch
  Duration least_before_{Duration::max()};  // in the one before
  Instant stretch_began_;

  Instant changed_at_;  // packets sent later show what the change did
  bool window_open_ = false;
  Instant window_began_;
  Duration window_least_{Duration::max()};
  std::uint64_t window_bytes_ = 0;
  std::uint32_t window_acks_ = 0;
  Duration queueing_{};
};

}  // namespace netrig
