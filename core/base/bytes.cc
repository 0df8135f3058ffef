#include "netrig/core/base/bytes.h"

namespace netrig {

std::uint32_t ByteReader::varint() {
  std::uint32_t value = 0;
  for (std::uint32_t shift = 0; shift < 35; shift += 7) {
    const std::uint8_t byte = u8();
    const bool overflows = shift == 28 && (byte & 0xF0) != 0;
    const bool padded = shift > 0 && byte == 0;
    if (!ok_ || overflows || padded) break;
    value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  fail();
  return 0;
}

void ByteWriter::varint(std::uint32_t value) {
  while (value >= 0x80) {
    u8(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  u8(static_cast<std::uint8_t>(value));
}

}  // namespace netrig
