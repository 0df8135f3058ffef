// Reads `replication: full` from datagrams, which bring the parts of a tick's state in any order, those of
// neighbouring ticks mixed, and some never. A state counts only when it is complete; one that stays
// incomplete is given up for newer ones.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "netrig/core/replication/full_state.h"

namespace netrig {

// Ticks that are collected at a time: a packet that is overtaken by those of the next three still counts.
constexpr std::size_t kStatesStagedMax = 4;

// Whatever is added, the newest published state stays as it was until publish().
class FullStateAssembler {
 public:
  explicit FullStateAssembler(const Schema& schema);

  // A part of this tick begins. False: it contradicts another part, and the tick is given up.
  bool begin(const StateHeader& header);
  // One state_update body, of whichever tick it names; one that has not begun or does not matter any more is
  // ignored. False: it does not decode, or is one too many; the tick is given up.
  bool add(Bytes payload);
  // Whether the tick of what was begun or added last has come whole.
  bool complete() const;
  // Makes it the newest one. False: an entity came twice; the tick is given up.
  bool publish();
  void reset();  // forgets everything: a new session

  const StateHeader& header() const { return header_; }  // of the newest
  const Snapshot& newest() const { return newest_; }     // empty and of tick 0 before the first
  std::uint64_t given_up() const { return given_up_; }   // states that never came whole

 private:
  struct Staged {
    StateHeader header;                // tick 0: free
    std::vector<EntityId> ids;         // as they came
    std::vector<std::int32_t> values;  // a row for each
    std::vector<std::uint32_t> by_id;  // rows in order of id, once complete
  };
  Staged* slot_of(Tick tick);
  Staged& take_slot();
  void free(Staged& staged);
  bool fail();

  FullStateLayout layout_;
  std::size_t columns_;
  std::array<Staged, kStatesStagedMax> staged_;
  Staged* current_ = nullptr;
  StateHeader header_;
  Snapshot newest_;
  std::uint64_t given_up_ = 0;
};

}  // namespace netrig
