// Reliable messages on their way out over datagrams: numbered, cut into parts when long, kept until acked,
// and sent again when every packet that carried them was lost.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "netrig/core/base/growing_ring.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/protocol/datagram_header.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/messages.h"

namespace netrig {

constexpr std::uint32_t kNumberedHeadBytes = 2 + 1;  // id, inner tag
constexpr std::uint32_t kPartHeadBytes = 2 + 1;      // id, flags

// A long wait makes a second loss expensive, so a message that was lost goes out in 2 packets, then in 4,
// then in 6; where the wait is short, not before it was lost twice. They keep apart: what loses one packet
// loses its neighbours, too.
constexpr Duration kRedundantRttMin = 500ms;
constexpr std::uint32_t kCopiesMax = 6;
constexpr int kCopySpacingDivisor = 16;  // of the round trip
// What one write carries at most, so that a long message does not fill the queue of a slow link at once.
constexpr std::size_t kReliableBurstBytes = 16 * kDatagramBytesMax;

// What a message counts in the window (kReliableBytesMax): whole blocks, one at least.
constexpr std::size_t window_bytes(std::size_t size) {
  return std::max<std::size_t>(1, (size + kReliableBlockBytes - 1) / kReliableBlockBytes) *
         kReliableBlockBytes;
}

class ReliableSender {
 public:
  // `message_bytes_max`: the longest body that fits a packet of its own, its head included.
  ReliableSender(const Windows& windows, std::size_t message_bytes_max);

  // queue_full: the window has no room until acks come; too_large: over kAppMessageBytesMax.
  SendStatus send(MessageType type, Bytes body);

  // One message or part to be written now.
  struct Due {
    std::uint32_t number = 0;                  // its id is the lower 16 bits
    MessageType type = MessageType::numbered;  // or part
    std::uint8_t head = 0;                     // after the id: the inner tag, or the flags of a part
    MessageType inner = MessageType::app_reliable;
    std::size_t size = 0;
    bool counts = false;  // the first packet of its message, for accounting
  };
  // The next one that is due: lost ones, further copies, then new ones.
  std::optional<Due> next_due(Instant now);
  void copy_body(const Due& due, std::uint8_t* to) const;
  // It was written into a packet. `smoothed`: the round trip.
  void on_written(const Due& due, Duration smoothed, Instant now);

  void on_acked(std::uint32_t number);
  void on_lost(std::uint32_t number, Duration smoothed, Instant now);

  bool has_due(Instant now) const;
  std::optional<Instant> next_copy_at() const;
  std::uint32_t unacked() const { return static_cast<std::uint32_t>(messages_.size()); }  // waiting included
  std::size_t window_bytes_used() const { return window_used_; }
  // Whole messages of which all before have come, too; modulo 2^32.
  std::uint32_t acked_messages() const { return acked_messages_; }
  std::uint64_t resends() const { return resends_; }  // of messages and parts, each packet of it

 private:
  struct Message {
    std::uint64_t at = 0;  // of its body in bytes_
    std::uint16_t size = 0;
    MessageType type = MessageType::numbered;
    MessageType inner = MessageType::app_reliable;
    std::uint8_t head = 0;
    std::uint8_t attempts = 0;    // begun; stops counting at its maximum
    std::uint8_t copies_due = 0;  // of this attempt, not written yet
    std::uint16_t copies_in_flight = 0;
    bool first_part = true;
    bool acked = false;
  };
  struct Again {
    std::uint32_t number = 0;
    Instant at;
  };
  void send_parts(MessageType inner, Bytes body, std::size_t parts);
  void store(Bytes bytes);
  void queue(Message message);  // with what was stored since the one before
  Message* find(std::uint32_t number);
  const Message* find(std::uint32_t number) const;
  std::optional<Due> due_again(GrowingRing<Again>& queue, Instant now);
  Due due_of(std::uint32_t number, const Message& message) const;

  std::uint32_t in_flight_max_;
  std::size_t message_bytes_max_;
  Duration spacing_min_;           // of copies: a tick
  GrowingRing<Message> messages_;  // from first_ on; the first one is not acked
  std::uint32_t first_ = 0;
  std::uint32_t unsent_ = 0;  // the first that was never written
  std::size_t window_used_ = 0;

  std::vector<std::uint8_t> bytes_;  // bodies in a circle: a power of two, or none
  std::uint64_t bytes_begin_ = 0;
  std::uint64_t bytes_end_ = 0;

  GrowingRing<Again> lost_;    // to be written as soon as possible, in order
  GrowingRing<Again> copies_;  // to be written again at their time; about in order of it
  std::uint64_t resends_ = 0;
  std::uint32_t acked_messages_ = 0;
};

}  // namespace netrig
