#include "netrig/core/base/digest.h"

#include <xxhash.h>

namespace netrig {

std::uint64_t digest_of(Bytes bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string digest_text(std::uint64_t digest) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[i] = kHex[(digest >> (60 - 4 * i)) & 0xF];
  return text;
}

}  // namespace netrig
