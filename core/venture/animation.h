// Animation packets: a change of an entity's animation, alone or in a batch. The original declares type
// numbers for them but writes none, so the two messages of the dialect do not include them.
//
//   packet: u64 entity | u8 state | u16 frame | i64 timestamp | u8 loop                 all little-endian
//   batch:  u16 count | i64 timestamp | count x packet
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/ids.h"
#include "netrig/core/base/result.h"
#include "netrig/core/venture/error.h"

namespace netrig::venture {

constexpr std::size_t kAnimationPacketBytes = 8 + 1 + 2 + 8 + 1;  // 20
constexpr std::size_t kAnimationBatchBytesMin = 2 + 8;            // 10: no packets

// The values are those on the wire.
enum class AnimationState : std::uint8_t { idle, walk, run, attack, cast, hit, death, jump, crouch, use };

struct AnimationPacket {
  EntityId entity{};
  AnimationState state = AnimationState::idle;
  std::uint16_t frame = 0;
  std::int64_t timestamp = 0;  // unit and zero are the sender's
  bool loop = false;

  friend bool operator==(const AnimationPacket&, const AnimationPacket&) = default;
};

std::array<std::uint8_t, kAnimationPacketBytes> encode(const AnimationPacket& packet);

// Exactly 20 bytes. As in the original, an unknown state is idle and only a loop byte of 1 loops.
Result<AnimationPacket, DecodeError> decode_animation(Bytes payload);

// The packets of a decoded batch, read from the payload when they are asked for.
class AnimationRange {
 public:
  class Iterator {
   public:
    using value_type = AnimationPacket;
    using difference_type = std::ptrdiff_t;
    using reference = AnimationPacket;
    using pointer = void;
    using iterator_category = std::input_iterator_tag;   // gives values, not references,
    using iterator_concept = std::forward_iterator_tag;  // but can be copied and read again

    Iterator() = default;
    explicit Iterator(const std::uint8_t* at) : at_(at) {}

    AnimationPacket operator*() const;
    Iterator& operator++() {
      at_ += kAnimationPacketBytes;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const std::uint8_t* at_ = nullptr;
  };

  AnimationRange() = default;

  Iterator begin() const { return Iterator{bytes_.data()}; }
  Iterator end() const { return Iterator{bytes_.data() + bytes_.size()}; }
  std::size_t size() const { return bytes_.size() / kAnimationPacketBytes; }

 private:
  friend Result<struct AnimationBatchView, DecodeError> decode_animation_batch(Bytes payload);
  explicit AnimationRange(Bytes bytes) : bytes_(bytes) {}

  Bytes bytes_;  // whole packets
};

// To encode.
struct AnimationBatch {
  std::int64_t timestamp = 0;
  std::span<const AnimationPacket> packets{};  // at most 65,535
};

// As decoded. Valid as long as the payload is.
struct AnimationBatchView {
  std::int64_t timestamp = 0;
  AnimationRange packets;
};

Result<AnimationBatchView, DecodeError> decode_animation_batch(Bytes payload);

Result<std::size_t, EncodeError> encoded_size(const AnimationBatch& batch);
[[nodiscard]] EncodeResult encode(const AnimationBatch& batch, std::span<std::uint8_t> out);
[[nodiscard]] EncodeResult append(const AnimationBatch& batch, std::vector<std::uint8_t>& out);

}  // namespace netrig::venture
