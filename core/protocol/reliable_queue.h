// One side's reliable messages, from the moment they are queued until the other side says they have come:
// what resuming a session writes again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/protocol/messages.h"

namespace netrig {

// Bodies stand side by side in one block that is kept: nothing is allocated once it has grown to its peak.
class ReliableQueue {
 public:
  // Bounds what is queued and not acked: `messages_max` and kPendingBytesMax.
  explicit ReliableQueue(std::uint32_t messages_max) : messages_max_(messages_max) {}

  // `encode` appends the body. queue_full: nothing was taken.
  template <class Encode>
  SendStatus push(MessageType type, Encode&& encode) {
    if (full()) return SendStatus::queue_full;
    const std::size_t before = bytes_.size();
    encode(bytes_);
    entries_.push_back({type, static_cast<std::uint32_t>(bytes_.size() - before)});
    ++queued_;
    return SendStatus::accepted;
  }

  // The oldest message that has not been written yet, until written() or the next push.
  bool has_unwritten() const { return written_ != queued_; }
  MessageType next_type() const { return entry(written_).type; }
  Bytes next_body() const { return Bytes{bytes_}.subspan(next_at_, entry(written_).size); }
  void written();

  // The other side has `received` of them in all, modulo 2^32. False: fewer than it said before, or more than
  // were ever written.
  bool acked(std::uint32_t received);
  bool could_be_acked(std::uint32_t received) const { return received - acked_ <= written_ - acked_; }
  bool rewind(std::uint32_t received);  // acked(received), and the rest is to be written again

  std::uint32_t unacked() const { return queued_ - acked_; }  // queued counts as sent

 private:
  struct Entry {
    MessageType type = MessageType::app_reliable;
    std::uint32_t size = 0;
  };

  bool full() const;
  const Entry& entry(std::uint32_t number) const { return entries_[first_ + (number - acked_)]; }
  void compact();

  std::uint32_t messages_max_;
  std::vector<Entry> entries_;  // [first_, end): not acked
  std::vector<std::uint8_t> bytes_;
  std::size_t first_ = 0;
  std::size_t first_at_ = 0;  // where the body of entries_[first_] begins
  std::size_t next_at_ = 0;   // where the body of the next to be written begins
  std::uint32_t queued_ = 0;  // in all, modulo 2^32, and so the next two
  std::uint32_t written_ = 0;
  std::uint32_t acked_ = 0;
};

}  // namespace netrig
