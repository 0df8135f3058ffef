// Views of bytes, and little-endian readers and writers that check every length before they touch memory.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "netrig/core/base/assert.h"

namespace netrig {

using Bytes = std::span<const std::uint8_t>;  // borrowed: valid as long as its owner says

inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <std::unsigned_integral T>
T load_little_endian(const std::uint8_t* from) {
  T value;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&value, from, sizeof value);
  } else {
    value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
      value |= static_cast<T>(static_cast<T>(from[i]) << (8 * i));
  }
  return value;
}

template <std::unsigned_integral T>
void store_little_endian(std::uint8_t* to, T value) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(to, &value, sizeof value);
  } else {
    for (std::size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

// Reads from the front of a view. After the first read that does not fit, `ok()` stays false and every read
// gives zeros or an empty view, so a decoder checks once at the end, or before it trusts a count.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : rest_(bytes) {}

  template <std::unsigned_integral T>
  T read() {
    if (!has(sizeof(T))) return fail(), T{0};
    const T value = load_little_endian<T>(rest_.data());
    rest_ = rest_.subspan(sizeof(T));
    return value;
  }
  std::uint8_t u8() { return read<std::uint8_t>(); }
  std::uint16_t u16() { return read<std::uint16_t>(); }
  std::uint32_t u32() { return read<std::uint32_t>(); }
  std::uint64_t u64() { return read<std::uint64_t>(); }

  // A LEB128 number of at most 5 bytes that fits 32 bits; a longer form than needed is refused.
  std::uint32_t varint();

  Bytes bytes(std::size_t count) {
    if (!has(count)) return fail(), Bytes{};
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  void copy_to(std::span<std::uint8_t> out) {  // as many bytes as fit in
    const Bytes taken = bytes(out.size());
    if (ok_ && !out.empty()) std::memcpy(out.data(), taken.data(), out.size());
  }

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }
  Bytes rest() const { return rest_; }

 private:
  bool has(std::size_t count) const { return ok_ && rest_.size() >= count; }
  void fail() {
    ok_ = false;
    rest_ = {};
  }

  Bytes rest_;
  bool ok_ = true;
};

// Appends to a vector that the caller owns and reuses. Never fails; the caller keeps messages within its
// limits.
class ByteWriter {
 public:
  explicit ByteWriter(std::vector<std::uint8_t>& out) : out_(out) {}

  template <std::unsigned_integral T>
  void write(T value) {
    const std::size_t at = out_.size();
    out_.resize(at + sizeof(T));
    store_little_endian(out_.data() + at, value);
  }
  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { write(value); }
  void u32(std::uint32_t value) { write(value); }
  void u64(std::uint64_t value) { write(value); }
  void varint(std::uint32_t value);
  void bytes(Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

  // Appends `count` bytes for the caller to fill. Valid until the next write.
  std::span<std::uint8_t> space(std::size_t count) {
    out_.resize(out_.size() + count);
    return std::span{out_}.last(count);
  }

  std::size_t size() const { return out_.size(); }
  // Overwrites four bytes written earlier, such as a length that is known only now.
  void patch_u32(std::size_t at, std::uint32_t value) {
    NETRIG_ASSERT(at + sizeof value <= out_.size());
    store_little_endian(out_.data() + at, value);
  }

 private:
  std::vector<std::uint8_t>& out_;
};

// Bytes that a varint of this value takes: 1 below 128, 2 below 16,384, and so on.
constexpr std::size_t varint_size(std::uint32_t value) {
  std::size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

}  // namespace netrig
