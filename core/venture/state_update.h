// StateUpdate, the only message from server to client: one entity and its components. Decoding gives views
// into the bytes and allocates nothing; encoding writes into memory the caller owns and reuses.
//
//   u64 timestamp | u64 entity | u8 priority | u32 sequence | u16 count |
//   count x (u16 length, type | u32 length, data)                                    all little-endian
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/ids.h"
#include "netrig/core/base/result.h"
#include "netrig/core/venture/error.h"

namespace netrig::venture {

constexpr std::size_t kTimestampOffset = 0;
constexpr std::size_t kEntityOffset = kTimestampOffset + 8;
constexpr std::size_t kPriorityOffset = kEntityOffset + 8;
constexpr std::size_t kSequenceOffset = kPriorityOffset + 1;
constexpr std::size_t kCountOffset = kSequenceOffset + 4;
constexpr std::size_t kStateUpdateBytesMin = kCountOffset + 2;  // 23: no components
constexpr std::size_t kComponentBytesMin = 2 + 4;               // 6: empty type, empty data

// Priorities in use. Any other value is legal.
constexpr std::uint8_t kPriorityLow = 0;
constexpr std::uint8_t kPriorityNormal = 128;
constexpr std::uint8_t kPriorityCombat = 200;
constexpr std::uint8_t kPriorityCritical = 255;

struct StateUpdateHeader {
  std::uint64_t timestamp = 0;  // unit and zero are the sender's
  EntityId entity{};
  std::uint8_t priority = kPriorityNormal;
  std::uint32_t sequence = 0;  // wraps; the original counts updates to all clients in one sequence

  friend bool operator==(const StateUpdateHeader&, const StateUpdateHeader&) = default;
};

// Borrowed, both ways: the bytes belong to whoever encodes, or to the payload that was decoded.
struct Component {
  std::string_view type{};  // may be empty; not checked for UTF-8
  Bytes data{};
};

// The components of a decoded payload, in wire order. decode_state_update checked every length, so iterating
// cannot fail.
class ComponentRange {
 public:
  class Iterator {
   public:
    using value_type = Component;
    using difference_type = std::ptrdiff_t;
    using reference = Component;
    using pointer = void;
    using iterator_category = std::input_iterator_tag;   // gives values, not references,
    using iterator_concept = std::forward_iterator_tag;  // but can be copied and read again

    Iterator() = default;
    explicit Iterator(const std::uint8_t* at) : at_(at) {}

    Component operator*() const {
      return {{reinterpret_cast<const char*>(at_) + 2, type_bytes()}, {data(), data_bytes()}};
    }
    Iterator& operator++() {
      at_ = data() + data_bytes();
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    std::size_t type_bytes() const { return load_little_endian<std::uint16_t>(at_); }
    std::size_t data_bytes() const { return load_little_endian<std::uint32_t>(at_ + 2 + type_bytes()); }
    const std::uint8_t* data() const { return at_ + kComponentBytesMin + type_bytes(); }

    const std::uint8_t* at_ = nullptr;
  };

  ComponentRange() = default;

  Iterator begin() const { return Iterator{bytes_.data()}; }
  Iterator end() const { return Iterator{bytes_.data() + bytes_.size()}; }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

 private:
  friend Result<struct StateUpdateView, DecodeError> decode_state_update(Bytes payload);
  ComponentRange(Bytes bytes, std::size_t count) : bytes_(bytes), count_(count) {}

  Bytes bytes_;  // exactly `count_` whole components
  std::size_t count_ = 0;
};

// To encode.
struct StateUpdate {
  StateUpdateHeader header;
  std::span<const Component> components{};  // at most 65,535
};

// As decoded. Valid as long as the payload is.
struct StateUpdateView {
  StateUpdateHeader header;
  ComponentRange components;
};

// Takes exactly one payload, without its frame: every truncation and every trailing byte is an error. Give
// the result a name before iterating: a range-for over a member of a temporary dangles in C++20.
Result<StateUpdateView, DecodeError> decode_state_update(Bytes payload);

// The header alone, of a payload that decode_state_update or StateUpdateTemplate::matches accepted.
StateUpdateHeader read_header(Bytes payload);
inline StateUpdateHeader read_header(const std::uint8_t* payload) {
  return {.timestamp = load_little_endian<std::uint64_t>(payload + kTimestampOffset),
          .entity = EntityId{load_little_endian<std::uint64_t>(payload + kEntityOffset)},
          .priority = payload[kPriorityOffset],
          .sequence = load_little_endian<std::uint32_t>(payload + kSequenceOffset)};
}

// Bytes of the payload, or why the format cannot express it.
Result<std::size_t, EncodeError> encoded_size(const StateUpdate& update);

// `append` and `append_framed` allocate only when the vector's capacity does not suffice.
[[nodiscard]] EncodeResult encode(const StateUpdate& update, std::span<std::uint8_t> out);
[[nodiscard]] EncodeResult append(const StateUpdate& update, std::vector<std::uint8_t>& out);
[[nodiscard]] EncodeResult append_framed(const StateUpdate& update, std::vector<std::uint8_t>& out);

}  // namespace netrig::venture
