// 64-bit digests (XXH3) of bytes, and a running digest of a stream of facts. Not cryptographic.
// Source: xxHash 0.8, https://github.com/Cyan4973/xxHash, behind digest.cc.
#pragma once

#include <cstdint>
#include <string>

#include "netrig/core/base/bytes.h"

namespace netrig {

std::uint64_t digest_of(Bytes bytes);

// Folds 64-bit words in order. Two runs agree when every word agreed; cheap enough for one call per event.
class RunningDigest {
 public:
  void add(std::uint64_t word) {
    state_ ^= word + 0x9E3779B97F4A7C15u + (state_ << 6) + (state_ >> 2);
    state_ *= 0xFF51AFD7ED558CCDu;
    state_ ^= state_ >> 32;
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x243F6A8885A308D3u;
};

// 16 lower-case hex digits, as reports print a digest.
std::string digest_text(std::uint64_t digest);

}  // namespace netrig
