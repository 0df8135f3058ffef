#include "netrig/core/protocol/reliable_receiver.h"

#include <algorithm>

#include "netrig/core/protocol/datagram_codec.h"
#include "netrig/core/protocol/reliable_sender.h"

namespace netrig {
namespace {

constexpr std::size_t kAssemblyBytesMax = 1 + kAppMessageBytesMax + 6;  // inner tag, key and sequence

}  // namespace

void ReliableReceiver::begin() {
  ready_.clear();
  ready_bytes_.clear();
}

void ReliableReceiver::take(std::vector<RawMessage>& out) {
  for (const Ready& ready : ready_) {
    out.push_back(
        {ready.type, ready.copied ? Bytes{ready_bytes_}.subspan(ready.at, ready.size) : ready.view});
  }
  ready_.clear();
}

ReliableReceiver::Outcome ReliableReceiver::receive_numbered(std::uint16_t id, MessageType inner,
                                                             Bytes bytes) {
  Slot slot;
  slot.inner = inner;
  return receive(id, slot, bytes);
}

ReliableReceiver::Outcome ReliableReceiver::receive_part(std::uint16_t id, bool last, Bytes bytes) {
  Slot slot;
  slot.is_part = true;
  slot.last = last;
  return receive(id, slot, bytes);
}

ReliableReceiver::Outcome ReliableReceiver::receive(std::uint16_t id, const Slot& head, Bytes bytes) {
  const auto ahead = static_cast<std::uint16_t>(id - expected_);
  if (ahead >= kReliableIdsHalf) {
    ++duplicates_;
    return Outcome::duplicate;
  }
  if (ahead >= kReliableMessagesMax) return Outcome::beyond_window;
  if (ahead > 0) return hold(ahead, head, bytes);
  if (!slots_.empty()) slots_.pop_front();  // an empty place
  ++expected_;
  Outcome outcome = Outcome::taken;
  if (head.is_part) {
    assembly_.insert(assembly_.end(), bytes.begin(), bytes.end());
    outcome = end_part(head.last);
  } else {
    outcome = end_whole({head.inner, bytes, 0, 0, false});
  }
  return outcome == Outcome::taken ? deliver_held() : outcome;
}

ReliableReceiver::Outcome ReliableReceiver::hold(std::uint32_t ahead, Slot slot, Bytes bytes) {
  while (slots_.size() <= ahead) slots_.push_back({});
  if (slots_[ahead].present) {
    ++duplicates_;
    return Outcome::duplicate;
  }
  if (held_bytes_ + window_bytes(bytes.size()) > kReliableBytesMax) return Outcome::beyond_window;
  slot.present = true;
  store(slot, bytes);
  slots_[ahead] = slot;
  return Outcome::taken;
}

std::uint32_t ReliableReceiver::take_block() {
  if (free_ == kNoBlock) {
    blocks_.emplace_back();
    next_.push_back(kNoBlock);
    return static_cast<std::uint32_t>(blocks_.size() - 1);
  }
  const std::uint32_t block = free_;
  free_ = next_[block];
  next_[block] = kNoBlock;
  return block;
}

void ReliableReceiver::store(Slot& slot, Bytes bytes) {
  slot.size = static_cast<std::uint16_t>(bytes.size());
  held_bytes_ += window_bytes(bytes.size());
  for (std::uint32_t previous = kNoBlock; !bytes.empty();) {
    const std::uint32_t block = take_block();
    const std::size_t count = std::min(bytes.size(), kReliableBlockBytes);
    std::copy_n(bytes.begin(), count, blocks_[block].begin());
    bytes = bytes.subspan(count);
    (previous == kNoBlock ? slot.block : next_[previous]) = block;
    previous = block;
  }
}

// Appends the bytes of a held message to `to` and gives its blocks back.
void ReliableReceiver::release(const Slot& slot, std::vector<std::uint8_t>& to) {
  held_bytes_ -= window_bytes(slot.size);
  std::size_t left = slot.size;
  for (std::uint32_t block = slot.block; block != kNoBlock;) {
    const std::size_t count = std::min(left, kReliableBlockBytes);
    to.insert(to.end(), blocks_[block].begin(), blocks_[block].begin() + static_cast<std::ptrdiff_t>(count));
    left -= count;
    const std::uint32_t after = next_[block];
    next_[block] = free_;
    free_ = block;
    block = after;
  }
}

ReliableReceiver::Outcome ReliableReceiver::deliver_held() {
  while (!slots_.empty() && slots_.front().present) {
    const Slot slot = slots_.pop_front();
    ++expected_;
    Outcome outcome = Outcome::taken;
    if (slot.is_part) {
      release(slot, assembly_);
      outcome = end_part(slot.last);
    } else {
      const std::size_t at = ready_bytes_.size();
      release(slot, ready_bytes_);
      outcome = end_whole({slot.inner, {}, at, slot.size, true});
    }
    if (outcome != Outcome::taken) return outcome;
  }
  return Outcome::taken;
}

ReliableReceiver::Outcome ReliableReceiver::end_whole(const Ready& ready) {
  if (!assembly_.empty()) return Outcome::broken_parts;
  ready_.push_back(ready);
  ++delivered_;
  return Outcome::taken;
}

// `assembly_` has grown by one part.
ReliableReceiver::Outcome ReliableReceiver::end_part(bool last) {
  if (assembly_.empty() || assembly_.size() > kAssemblyBytesMax) return Outcome::broken_parts;
  if (!last) return Outcome::taken;
  const auto type = static_cast<MessageType>(assembly_[0]);
  if (fault_in_inner({type, Bytes{assembly_}.subspan(1)}, Carriage::numbered, peer_is_))
    return Outcome::broken_parts;
  const std::size_t at = ready_bytes_.size();
  ready_bytes_.insert(ready_bytes_.end(), assembly_.begin() + 1, assembly_.end());
  ready_.push_back({type, {}, at, assembly_.size() - 1, true});
  assembly_.clear();
  ++delivered_;
  return Outcome::taken;
}

}  // namespace netrig
