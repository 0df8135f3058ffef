#include "netrig/core/protocol/reassembler.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

// Grows as bytes arrive, never beyond what a message may have.
void reserve(std::vector<std::uint8_t>& bytes, std::size_t needed) {
  if (needed <= bytes.capacity()) return;
  bytes.reserve(std::min(std::max(needed, 2 * bytes.capacity()), kFragmentedBytesMax));
}

}  // namespace

Reassembler::Group& Reassembler::group_for(std::uint16_t id, std::uint8_t count, Instant now) {
  Group* free = nullptr;
  for (Group& group : groups_) {
    if (group.active && group.id == id) return group;
    if (!group.active && free == nullptr) free = &group;
  }
  if (free == nullptr) {
    free = &*std::min_element(groups_.begin(), groups_.end(),
                              [](const Group& a, const Group& b) { return a.begun < b.begun; });
    give_up(*free);
  }
  free->active = true;
  free->id = id;
  free->count = count;
  free->arrived = 0;
  free->begun = now;
  free->bytes.clear();
  free->pieces.assign(count, Piece{});
  return *free;
}

void Reassembler::give_up(Group& group) {
  group.active = false;
  ++given_up_;
}

Reassembler::Outcome Reassembler::receive(std::uint16_t group_id, std::uint8_t index, std::uint8_t count,
                                          Bytes bytes, Duration kept_for, Instant now) {
  NETRIG_ASSERT(count >= 2 && index < count);
  expire(kept_for, now);
  Group& group = group_for(group_id, count, now);
  const bool fits = group.count == count && group.bytes.size() + bytes.size() <= kFragmentedBytesMax;
  if (!fits || bytes.empty()) {
    group.active = false;
    ++refused_;
    return Outcome::refused;
  }
  Piece& piece = group.pieces[index];
  if (piece.size > 0) return Outcome::duplicate;
  piece = {static_cast<std::uint16_t>(group.bytes.size()), static_cast<std::uint16_t>(bytes.size())};
  reserve(group.bytes, group.bytes.size() + bytes.size());
  group.bytes.insert(group.bytes.end(), bytes.begin(), bytes.end());
  if (++group.arrived < group.count) return Outcome::held;
  complete(group);
  return Outcome::complete;
}

void Reassembler::expire(Duration kept_for, Instant now) {
  for (Group& group : groups_) {
    if (group.active && group.begun + std::max(kept_for, kFragmentsKeptMin) <= now) give_up(group);
  }
}

void Reassembler::complete(Group& group) {
  message_.clear();
  reserve(message_, group.bytes.size());
  for (const Piece& piece : group.pieces) {
    const Bytes bytes = Bytes{group.bytes}.subspan(piece.at, piece.size);
    message_.insert(message_.end(), bytes.begin(), bytes.end());
  }
  group.active = false;
}

std::size_t Reassembler::held_bytes() const {
  std::size_t sum = 0;
  for (const Group& group : groups_) {
    if (group.active) sum += group.bytes.size() + group.pieces.size() * sizeof(Piece);
  }
  return sum;
}

}  // namespace netrig
