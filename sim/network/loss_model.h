// Which packets the network loses.
#pragma once

#include <cstdint>

#include "netrig/core/base/random.h"

namespace netrig::sim {

// Each packet independently with the same probability.
class LossModel {
 public:
  LossModel(std::uint32_t loss_ppm, Random random) : random_(random), loss_ppm_(loss_ppm) {}
  bool draw() { return random_.chance(loss_ppm_); }  // true: lost

 private:
  Random random_;
  std::uint32_t loss_ppm_;
};

}  // namespace netrig::sim
