// Why venture bytes were refused, or a message cannot be written.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "netrig/core/base/result.h"

namespace netrig::venture {

enum class DecodeError : std::uint8_t {
  truncated,       // ends early, or a length or count claims more than the bytes that remain
  trailing_bytes,  // goes on after the message
  wrong_length,    // a component is not exactly as long as its type is
};
std::string_view text(DecodeError error);

enum class EncodeError : std::uint8_t {
  too_many_components,  // the count is a u16
  too_many_packets,     // of a batch: the count is a u16
  type_too_long,        // its length is a u16
  data_too_long,        // its length is a u32
  payload_too_long,     // the length of a frame is a u32
  buffer_too_small,
};
std::string_view text(EncodeError error);

// The bytes written: a view of the caller's memory, valid until that changes. On an error nothing was
// written.
using EncodeResult = Result<std::span<std::uint8_t>, EncodeError>;

}  // namespace netrig::venture
