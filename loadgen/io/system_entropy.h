// The operating system's randomness: for keys and for servers that others can reach.
#pragma once

#include "netrig/core/base/entropy.h"

namespace netrig::loadgen {

class SystemEntropy final : public Entropy {
 public:
  std::uint64_t draw() override;
  void fill(std::span<std::uint8_t> bytes) override;  // throws std::system_error when there is none
};

}  // namespace netrig::loadgen
