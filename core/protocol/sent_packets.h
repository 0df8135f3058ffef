// What was sent and what became of it: acked, or lost by gap or by time, and what a late ack corrects. Judges
// packets, never messages: what a packet carried is its owner's list of items.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "netrig/core/base/growing_ring.h"
#include "netrig/core/protocol/datagram_header.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/round_trip.h"

namespace netrig {

constexpr std::uint64_t kReorderPackets = 3;  // a packet with that many newer acked is lost (RFC 9002 6.1.1)
constexpr std::uint32_t kTimeoutDoublingsMax = 3;  // doublings of the time-out; its length is bounded as well

struct SentItem {
  enum class Kind : std::uint8_t { reliable, latest, mark };
  Kind kind = Kind::mark;
  std::uint32_t value = 0;
};

struct SentPacket {
  enum class State : std::uint8_t { in_flight, acked, lost };
  Instant sent_at;
  std::uint32_t items_first = 0;  // counted since the first packet, modulo 2^32
  std::uint32_t ack_number = 0;   // of the ack it carries (AckTracker), 0: none
  std::uint16_t skip = 0;  // acked ones from here on, at least; speeds up the search for those that are not
  std::uint16_t items = 0;
  std::uint16_t bytes = 0;
  State state = State::in_flight;
  bool wants_ack : 1 = false;  // the other side acks it by itself: only then silence says anything
  bool lost_by_timeout : 1 = false;
};

enum class LossCause : std::uint8_t {
  gap,      // later ones were acked
  timeout,  // no ack came in time
  refused,  // the sink did not take it: the network is not to blame
};

static_assert(sizeof(SentPacket) == 24, "a peer's memory is mostly these");

class SentPacketObserver {
 public:
  virtual void on_packet_acked(std::uint64_t sequence, const SentPacket&, Instant now) = 0;
  // May be acked later all the same.
  virtual void on_packet_lost(std::uint64_t sequence, const SentPacket&, LossCause, Instant now) = 0;

 protected:
  ~SentPacketObserver() = default;
};

// Counts of judged packets: acked + lost. A late ack moves one from lost to acked.
struct LossFacts {
  std::uint64_t acked = 0;
  std::uint64_t lost = 0;
  std::uint64_t lost_by_gap = 0;      // ever declared
  std::uint64_t lost_by_timeout = 0;  // ever declared
  std::uint64_t late_acks = 0;        // of packets declared lost
  std::uint64_t refused = 0;          // by the sink; in none of the others
  std::uint64_t forgotten = 0;        // before they were judged: the window was too small; counted as lost
  std::uint64_t looked_at = 0;        // packets, by acks in search of those not acked yet: their work
};

class SentPackets {
 public:
  // `observer` outlives this. `rtt`: what the handshake measured, if it did.
  SentPackets(const Windows& windows, std::uint64_t first_sequence, std::optional<Duration> rtt,
              SentPacketObserver& observer);

  std::uint64_t next_sequence() const { return first_ + packets_.size(); }
  // Remembers a packet as sent now. `wants_ack`: it carries messages, so the other side acks it within its
  // ack delay; acks alone are acked along with what comes later.
  void add(std::span<const SentItem> items, std::size_t bytes, std::uint32_t ack_number, bool wants_ack,
           Instant now);
  const SentItem& item(std::uint32_t index) const { return items_[index - items_begin_]; }

  // `false`: it acks what was never sent, or was held longer than the packet was away; no honest peer does
  // that. Takes O(ranges) beside what each packet takes once.
  bool on_ack(const Ack& ack, Instant now);
  // Judges what is due by `now`.
  void advance(Instant now);
  // The sink did not take it. Allowed for the packets of the newest write only.
  void drop(std::uint64_t sequence, Instant now);

  // When the oldest packet whose ack is awaited counts as lost.
  std::optional<Instant> timeout_at() const;
  Duration timeout() const;  // with its backoff

  const RoundTrip& rtt() const { return rtt_; }
  const LossFacts& facts() const { return facts_; }
  // Of the last 512 to 1,024 judged packets.
  std::uint32_t loss_ppm() const;
  Duration reorder_window() const;
  // Whether a packet is acked or lost, as far as is known.
  bool is_judged(std::uint64_t sequence) const {
    return sequence < first_ || packets_[sequence - first_].state != SentPacket::State::in_flight;
  }
  std::size_t remembered() const { return packets_.size(); }
  Instant newest_acked_sent_at() const { return largest_acked_sent_at_; }
  std::uint64_t bytes_acked() const { return bytes_acked_; }
  // Acks are awaited, and none has come for as long as an honest one could take: whoever is still there does
  // not ack what it hears.
  bool is_silent(Instant now) const {
    return unanswered_since_ && now - *unanswered_since_ > windows_.owed_timeout;
  }

 private:
  SentPacket& at(std::uint64_t sequence) { return packets_[sequence - first_]; }
  std::uint64_t next_not_acked(std::uint64_t sequence);
  void acknowledge(std::uint64_t sequence, Instant largest_sent_at, Instant now);
  void lose(std::uint64_t sequence, LossCause cause, Instant now);
  void judge_by_gap(Instant now);
  void judge_by_time(Instant now);
  void skip_judged();
  void note_overtaken(Duration by, Instant now);
  void forget(Instant now);
  void pop();
  void count_judged(bool lost);

  Windows windows_;
  SentPacketObserver& observer_;
  RoundTrip rtt_;
  std::uint64_t first_sequence_;

  GrowingRing<SentPacket> packets_;  // from first_ on
  std::uint64_t first_;
  GrowingRing<SentItem> items_;  // of those packets, from items_begin_ on
  std::uint32_t items_begin_ = 0;

  std::uint64_t judged_below_;  // all packets below are acked or lost
  std::uint64_t timed_below_;   // as are those that want an ack
  std::optional<std::uint64_t> largest_acked_;
  Instant largest_acked_sent_at_;
  std::uint32_t backoff_ = 0;
  Instant backed_off_at_;
  std::optional<Instant> unanswered_since_;  // the first packet that wants an ack, since the last one came
  // The most that a packet was seen overtaken by, in this epoch and the one before: jitter that reorders
  // makes gaps of packets that still come.
  Duration overtaken_by_{};
  Duration overtaken_by_before_{};
  Instant overtaken_epoch_;

  LossFacts facts_;
  std::uint64_t bytes_acked_ = 0;
  std::uint32_t recent_judged_ = 0;
  std::uint32_t recent_lost_ = 0;
  std::uint32_t before_judged_ = 0;
  std::uint32_t before_lost_ = 0;
};

}  // namespace netrig
