// Where unpredictable bytes come from. Injected, so that a virtual run repeats and a production host cannot
// be made to: hosts over real sockets accept only the operating system's source.
#pragma once

#include <cstdint>
#include <span>

#include "netrig/core/base/random.h"

namespace netrig {

class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual std::uint64_t draw() = 0;  // 64 unpredictable bits
  virtual void fill(std::span<std::uint8_t> bytes) {
    for (std::uint64_t left = 0; std::uint8_t & byte : bytes) {
      const auto index = static_cast<std::size_t>(&byte - bytes.data());
      if (index % 8 == 0) left = draw();
      byte = static_cast<std::uint8_t>(left >> (8 * (index % 8)));
    }
  }
};

// A fork of the run's seed. For the virtual clock and tests only.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(Random random) : random_(random) {}
  std::uint64_t draw() override { return random_.bits(); }

 private:
  Random random_;
};

}  // namespace netrig
