// The operating system's randomness, the only one a host that others can reach may use.
#pragma once

#include "netrig/core/base/entropy.h"

namespace netrig::transport {

class OsEntropy final : public Entropy {
 public:
  std::uint64_t draw() override;
  void fill(std::span<std::uint8_t> bytes) override;  // aborts when there is none
};

}  // namespace netrig::transport
