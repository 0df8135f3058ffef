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
#include "netrig/core/base/lanes.h"
#include "netrig/core/base/result.h"
#include "netrig/core/venture/error.h"
#include "netrig/core/venture/state_update.h"

namespace netrig::venture {

struct ComponentLayout {
  std::string_view type{};
  std::size_t data_bytes = 0;
};

// Payloads of one size in memory, `stride` bytes from each to the next.
struct PayloadRun {
  const std::uint8_t* first;
  std::size_t count;
  std::size_t stride;
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
    return payload.size() == payload_.size() && matches_all({payload.data(), 1, 0});
  }
  // The same for every payload of a run, whose bytes are all there.
  bool matches_all(const PayloadRun& run) const {
    Lanes difference;
    for (const Block& block : blocks_) {
      const std::uint8_t* at = run.first + block.offset;
      for (std::size_t i = 0; i < run.count; ++i, at += run.stride)
        difference = difference | ((Lanes::load(at) & block.mask) ^ block.constant);
    }
    return difference.is_zero();
  }

 private:
  // Sixteen bytes of every payload, from `offset`: those under the mask are the layout's.
  struct Block {
    std::size_t offset;
    Lanes mask;
    Lanes constant;
  };

  StateUpdateTemplate() = default;
  void make_blocks();
  void cover(std::size_t begin, std::size_t end);

  std::vector<std::uint8_t> payload_;  // of any header; data zero
  std::vector<Block> blocks_;          // together they cover every constant byte
  std::vector<std::size_t> data_offsets_;
  std::vector<std::size_t> data_bytes_;
};

}  // namespace netrig::venture
