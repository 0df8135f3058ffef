// The sending side of TCP: what may be sent, what is taken for lost, when to give up waiting. It knows of
// segments only their numbers, counted from 0, and their sizes. Sources: RFC 9293, RFC 6298 (timeout), RFC
// 6675 (selective acknowledgements, recovery), RFC 9002, 6.1.1 and RFC 8985 (losses by order of sending), RFC
// 5681.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/core/base/time.h"
#include "netrig/sim/network/congestion_window.h"
#include "netrig/sim/network/growing_ring.h"
#include "netrig/sim/network/retransmission_timeout.h"
#include "netrig/sim/network/stream.h"
#include "netrig/sim/network/stream_facts.h"

namespace netrig::sim {

// A transmission is taken for lost when one that was sent this much later was acknowledged: three duplicate
// acknowledgements where nothing was sent twice. Counting transmissions, not segments, tells of a lost
// retransmission too, as RACK does.
constexpr std::uint64_t kReorderingMax = 3;

// One sending of a segment; numbered in order of sending, from 1.
struct Transmission {
  std::uint64_t segment = 0;
  std::uint64_t number = 0;
};

class TcpSender {
 public:
  // `segment_charge`: what each segment takes of the send buffer beside its bytes.
  TcpSender(const TcpOptions& options, Duration handshake, std::uint32_t segment_charge);

  void append(std::uint32_t bytes, Instant now);  // one more segment to send

  struct Sending {
    Transmission transmission;
    std::uint32_t bytes = 0;
    bool again = false;
  };
  // The next segment that the windows let go, until there is none; call it after everything below.
  std::optional<Sending> send_next(Instant now);

  // The receiver told of `count` more arrivals, the oldest of `arrivals`, which are taken out.
  void on_ack(GrowingRing<Transmission>& arrivals, std::uint64_t count, Instant now);
  std::optional<Instant> timer() const { return timer_; }
  void on_timer(Instant now);

  std::uint64_t buffered_bytes() const { return buffered_bytes_; }  // charges included
  std::uint64_t unsent_bytes() const { return unsent_bytes_; }
  const CongestionWindow& window() const { return window_; }
  const RetransmissionTimeout& rtt() const { return rtt_; }
  StreamFactsKeeper& facts() { return facts_; }
  const StreamFactsKeeper& facts() const { return facts_; }

 private:
  enum class Recovery : std::uint8_t { none, fast, after_timeout };
  struct Segment {
    Instant sent_at;                 // for the first time
    std::uint64_t transmission = 0;  // the last one
    std::uint32_t bytes = 0;
    bool sent_again = false;
    bool in_flight = false;
    bool lost = false;  // waits to be sent again
    bool acknowledged = false;
  };

  Segment& segment(std::uint64_t number) { return segments_[number - first_]; }
  bool fits_window(std::uint32_t bytes) const;
  std::optional<Sending> stop_at(StreamLimit limit, Instant now);
  Sending transmit(std::uint64_t number, Instant now);
  void acknowledge(const Transmission& arrived, Instant now);
  std::uint64_t forget_acknowledged();
  bool find_losses();
  void mark_lost(std::uint64_t number);
  void enter(Recovery recovery);
  void leave_flight(Segment& segment);
  void note_use(bool is_window_full);
  bool window_was_limiting() const;

  const TcpOptions options_;
  const std::uint32_t segment_charge_;
  CongestionWindow window_;
  RetransmissionTimeout rtt_;
  StreamFactsKeeper facts_;

  GrowingRing<Segment> segments_;  // from first_ on: sent and not acknowledged with all before them, unsent
  std::uint64_t first_ = 0;        // the oldest not acknowledged (SND.UNA)
  std::uint64_t unsent_ = 0;       // the oldest never sent (SND.NXT)
  std::uint64_t outstanding_bytes_ = 0;  // of [first_, unsent_): what the receive window bounds
  std::uint64_t in_flight_bytes_ = 0;  // thought to be under way ("pipe"): what the congestion window bounds
  std::uint64_t unsent_bytes_ = 0;
  std::uint64_t buffered_bytes_ = 0;

  GrowingRing<Transmission> transmissions_;  // neither acknowledged nor taken for lost, and some that are
  std::uint64_t transmitted_ = 0;
  std::uint64_t newest_acknowledged_ = 0;  // transmission
  GrowingRing<std::uint64_t> lost_;        // segments, ascending; those that are not lost any more included

  Recovery recovery_ = Recovery::none;
  std::uint64_t recovery_end_ = 0;  // over when everything before it is acknowledged
  bool sends_one_anyway_ = false;   // the first retransmission of a recovery does not wait for the window
  std::uint32_t timeouts_in_a_row_ = 0;
  std::optional<Instant> timer_;
  Instant last_sent_at_;

  // Of the acknowledgement being handled.
  std::uint64_t acked_bytes_ = 0;
  bool sampled_ = false;

  // How full the window was since use_until_ was the oldest unsent segment.
  std::uint64_t use_until_ = 0;
  std::uint64_t used_bytes_max_ = 0;
  bool was_full_ = false;
};

}  // namespace netrig::sim
