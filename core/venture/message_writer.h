// What the messages share when they are appended to a vector. Within this layer only.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/frame.h"
#include "netrig/core/base/result.h"
#include "netrig/core/venture/error.h"
#include "netrig/core/venture/short_bytes.h"

namespace netrig::venture {

constexpr std::uint64_t kTypeBytesMax = std::numeric_limits<std::uint16_t>::max();     // its length is a u16
constexpr std::uint64_t kDataBytesMax = std::numeric_limits<std::uint32_t>::max();     // its length is a u32
constexpr std::uint64_t kPayloadBytesMax = std::numeric_limits<std::uint32_t>::max();  // as a frame's is

// A length, then the bytes. Returns where the next byte goes.
template <std::unsigned_integral Length>
std::uint8_t* write_sized(std::uint8_t* to, Bytes bytes) {
  store_little_endian(to, static_cast<Length>(bytes.size()));
  copy_short(to + sizeof(Length), bytes.data(), bytes.size());
  return to + sizeof(Length) + bytes.size();
}

// `write(std::uint8_t*)` fills exactly `size` bytes. Nothing is written when `size` is an error.
template <class Write>
EncodeResult write_to(std::span<std::uint8_t> out, Result<std::size_t, EncodeError> size, Write&& write) {
  if (!size) return size.error();
  if (out.size() < *size) return EncodeError::buffer_too_small;
  write(out.data());
  return out.first(*size);
}

template <class Write>
EncodeResult append_to(std::vector<std::uint8_t>& out, Result<std::size_t, EncodeError> size, Write&& write) {
  if (!size) return size.error();
  out.resize(out.size() + *size);
  const std::span<std::uint8_t> appended = std::span{out}.last(*size);
  write(appended.data());
  return appended;
}

template <class Write>
EncodeResult append_framed_to(std::vector<std::uint8_t>& out, Result<std::size_t, EncodeError> size,
                              Write&& write) {
  if (!size) return size.error();
  return append_to(out, *size + kFrameHeaderBytes, [&](std::uint8_t* to) {
    store_little_endian(to, static_cast<std::uint32_t>(*size));
    write(to + kFrameHeaderBytes);
  });
}

}  // namespace netrig::venture
