// Which packets have come from the other side: tells replays, and says what to ack. Knows a sequence only
// after the owner has opened the packet's seal, so that a forged one moves nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "netrig/core/protocol/datagram_header.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {

// A range that has not changed is repeated in this many acks: bursts that lose as many packets in a row are
// rarer than 1 in 10,000 where every fifth packet is lost in bursts of four (0.2 x 0.75^31). No fewer than a
// second's.
constexpr std::uint32_t kAckRepeatsMin = 32;
// The newest ranges go along until they are confirmed: two bytes each, mostly.
constexpr std::uint32_t kAckRangesAlways = 8;

class AckTracker {
 public:
  // `first_sequence`: the least that the other side may use.
  AckTracker(const Windows& windows, std::uint64_t first_sequence);

  // The 64-bit sequence of a packet; nothing when it came before or is too old to tell. Changes nothing.
  std::optional<std::uint64_t> unwrap(std::uint32_t sequence_low) const;
  // The packet is genuine: it is not taken again. `sequence` comes from unwrap().
  void accept(std::uint64_t sequence);
  // It was understood as well: it is acked. `wants_ack`: it carried a message; acks alone are not acked, or
  // two idle sides would go on forever.
  void on_received(std::uint64_t sequence, bool wants_ack, Instant now);

  // When an ack has to be written at the latest; nothing while nobody waits for one.
  std::optional<Instant> ack_deadline() const { return ack_deadline_; }
  // Whether something came that no ack has told yet.
  bool has_news() const { return has_news_; }
  // What an ack says now, in at most `bytes_max` bytes. Only after something has come.
  Ack ack(std::size_t bytes_max, Instant now) const;
  // That ack was written into a packet. Returns its number, from 1.
  std::uint32_t on_ack_written();
  // The packet that carried ack `number` has arrived: older ranges need no repeating (RFC 9000 13.2.4).
  void on_ack_arrived(std::uint32_t number);

  std::uint64_t largest() const { return largest_; }
  std::uint32_t ranges() const { return count_; }
  std::uint64_t ranges_forgotten() const { return ranges_forgotten_; }  // more gaps than kAckRangesMax

 private:
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint32_t changed = 0;  // number of the first ack that tells all of it
  };
  bool seen(std::uint64_t sequence) const;
  void forget_up_to(std::uint64_t sequence);
  void insert_range(std::uint32_t at, std::uint64_t sequence);
  void erase_range(std::uint32_t at);
  void add_to_ranges(std::uint64_t sequence);

  Duration ack_delay_max_;
  std::uint32_t repeats_;
  std::uint64_t first_sequence_;
  std::vector<std::uint64_t> seen_;  // a bit per sequence of the window, at its lowest bits
  std::uint64_t mask_;               // window - 1
  bool any_ = false;
  std::uint64_t newest_ = 0;  // accepted; the window ends here

  std::uint64_t largest_ = 0;  // received: acked
  Instant largest_at_;
  std::array<Range, kAckRangesMax> ranges_;  // newest first, never touching
  std::uint32_t count_ = 0;
  std::uint32_t acks_written_ = 0;
  std::uint64_t ranges_forgotten_ = 0;
  bool has_news_ = false;
  std::optional<Instant> ack_deadline_;
};

}  // namespace netrig
