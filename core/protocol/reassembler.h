// Unreliable messages too long for one datagram: puts their fragments together under fixed memory.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/time.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {

constexpr std::size_t kFragmentHeadBytes = 2 + 1 + 1;                     // group, index, count
constexpr std::size_t kFragmentedBytesMax = 1 + kAppMessageBytesMax + 6;  // inner tag, key, sequence, bytes
constexpr std::size_t kFragmentGroupsMax = 6;                             // messages begun and not complete
constexpr std::uint32_t kFragmentsMax = 255;                              // of one message: u8
constexpr Duration kFragmentsKeptMin = 200ms;  // at least, where the round trip is short or not known

class Reassembler {
 public:
  enum class Outcome : std::uint8_t {
    held,
    complete,   // message() is whole
    duplicate,  // this fragment came before
    refused,    // does not fit the others of its group, or is too long: the group is given up
  };
  // `index` < `count`, 2 <= `count`. `kept_for`: two round trips; what is not whole by then never will be.
  Outcome receive(std::uint16_t group, std::uint8_t index, std::uint8_t count, Bytes bytes, Duration kept_for,
                  Instant now);
  // The message that the last receive() completed: inner tag and inner body. Valid until the next.
  Bytes message() const { return message_; }

  // Gives up what has waited for longer.
  void expire(Duration kept_for, Instant now);

  std::size_t held_bytes() const;                       // memory in use, tables included
  std::uint64_t given_up() const { return given_up_; }  // groups: out of time, or of room for a newer one
  std::uint64_t refused() const { return refused_; }

 private:
  struct Piece {
    std::uint16_t at = 0;
    std::uint16_t size = 0;  // 0: has not come
  };
  struct Group {
    bool active = false;
    std::uint16_t id = 0;
    std::uint8_t count = 0;
    std::uint8_t arrived = 0;
    Instant begun;
    std::vector<std::uint8_t> bytes;  // in order of arrival
    std::vector<Piece> pieces;        // by index
  };
  Group& group_for(std::uint16_t id, std::uint8_t count, Instant now);
  void give_up(Group& group);
  void complete(Group& group);

  std::array<Group, kFragmentGroupsMax> groups_;
  std::vector<std::uint8_t> message_;
  std::uint64_t given_up_ = 0;
  std::uint64_t refused_ = 0;
};

static_assert(kFragmentGroupsMax * (kFragmentedBytesMax + kFragmentsMax * 4) + kFragmentedBytesMax <=
                  kReassemblyBytesMax,
              "groups with their tables, and the message handed on");

}  // namespace netrig
