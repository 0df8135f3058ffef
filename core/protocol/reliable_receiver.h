// Reliable messages as they come in over datagrams: each handed on once and in order, whatever the network
// did. Holds what comes too early within kReliableBytesMax; an honest sender never has more unacked.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "netrig/core/base/growing_ring.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {

class ReliableReceiver {
 public:
  explicit ReliableReceiver(Sender peer_is) : peer_is_(peer_is) {}

  enum class Outcome : std::uint8_t {
    taken,
    duplicate,      // came before
    beyond_window,  // an id, or bytes, that no honest sender has in flight
    broken_parts,   // a whole message inside the parts of another, or parts that make no message
  };
  // A numbered message (`inner` is its tag, `bytes` its inner body) or a part (`bytes` of it).
  Outcome receive_numbered(std::uint16_t id, MessageType inner, Bytes bytes);
  Outcome receive_part(std::uint16_t id, bool last, Bytes bytes);

  // Messages that became due since the last begin(), in order: appended to `out`. Their bodies are valid
  // until the next begin(); one that came in order lies where it came.
  void take(std::vector<RawMessage>& out);
  void begin();

  std::size_t held_bytes() const { return held_bytes_; }  // as kReliableBytesMax counts them
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t duplicates() const { return duplicates_; }

 private:
  static constexpr std::uint32_t kNoBlock = UINT32_MAX;
  struct Slot {
    std::uint32_t block = kNoBlock;  // the first; the others follow by next_
    std::uint16_t size = 0;
    MessageType inner = MessageType::numbered;  // of a whole message
    bool present = false;
    bool is_part = false;
    bool last = false;
  };
  struct Ready {  // a message to hand on: a view, or where it lies in ready_bytes_
    MessageType type = MessageType::app_reliable;
    Bytes view;
    std::size_t at = 0;
    std::size_t size = 0;
    bool copied = false;
  };
  Outcome receive(std::uint16_t id, const Slot& head, Bytes bytes);
  Outcome hold(std::uint32_t ahead, Slot slot, Bytes bytes);
  Outcome deliver_held();
  Outcome end_whole(const Ready& ready);
  Outcome end_part(bool last);
  std::uint32_t take_block();
  void store(Slot& slot, Bytes bytes);
  void release(const Slot& slot, std::vector<std::uint8_t>& to);

  Sender peer_is_;
  std::uint16_t expected_ = 0;
  GrowingRing<Slot> slots_;  // from expected_ on
  std::size_t held_bytes_ = 0;

  std::vector<std::array<std::uint8_t, kReliableBlockBytes>> blocks_;
  std::vector<std::uint32_t> next_;  // of each block: the next of its message, or the next free one
  std::uint32_t free_ = kNoBlock;

  std::vector<std::uint8_t>
      assembly_;  // the parts so far; the first byte is the inner tag; empty between messages

  std::vector<Ready> ready_;
  std::vector<std::uint8_t> ready_bytes_;
  std::uint64_t delivered_ = 0;
  std::uint64_t duplicates_ = 0;
};

}  // namespace netrig
