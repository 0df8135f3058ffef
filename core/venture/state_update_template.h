// The fast path of a session in which every StateUpdate has the same component types and data lengths:
// encoding is one copy with the header patched in, decoding is a comparison of the constant bytes, and the
// data stands at fixed offsets. Gives and accepts exactly what the general codec does for that layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/result.h"
#include "netrig/core/venture/error.h"
#include "netrig/core/venture/state_update.h"

namespace netrig::venture {

struct ComponentLayout {
  std::string_view type{};
  std::size_t data_bytes = 0;
};

class StateUpdateTemplate {
 public:
  // Keeps no reference to `layout`.
  static Result<StateUpdateTemplate, EncodeError> make(std::span<const ComponentLayout> layout);

  std::size_t size() const { return payload_.size(); }  // bytes of every payload of this layout
  std::size_t components() const { return data_offsets_.size(); }
  // Where the data of the component at `index` begins in a payload.
  std::size_t data_offset(std::size_t index) const { return data_offsets_[index]; }

  // Appends a payload whose component data is zeros and returns it, for the caller to fill the data in. Valid
  // until `out` changes.
  std::span<std::uint8_t> append(const StateUpdateHeader& header, std::vector<std::uint8_t>& out) const;
  // The same over `out`, which has exactly size() bytes.
  void encode(const StateUpdateHeader& header, std::span<std::uint8_t> out) const;

  // Whether `payload` has exactly this layout. If so, it is valid: read_header and data_offset() read it. If
  // not, decode_state_update says what it is.
  bool matches(Bytes payload) const {
    if (payload.size() != payload_.size()) return false;
    std::uint64_t difference = 0;
    for (const Word& word : words_) {
      const auto bytes = load_little_endian<std::uint64_t>(payload.data() + word.offset);
      difference |= (bytes & word.mask) ^ word.constant;
    }
    return difference == 0;
  }

 private:
  // Eight bytes of every payload, from `offset`: those under the mask are the layout's.
  struct Word {
    std::size_t offset;
    std::uint64_t mask;
    std::uint64_t constant;
  };

  StateUpdateTemplate() = default;
  void make_words();
  void cover(std::size_t begin, std::size_t end);

  std::vector<std::uint8_t> payload_;  // of any header; data zero
  std::vector<Word> words_;            // together they cover every constant byte
  std::vector<std::size_t> data_offsets_;
  std::vector<std::size_t> data_bytes_;
};

}  // namespace netrig::venture
