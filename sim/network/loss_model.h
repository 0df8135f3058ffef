// Which packets the network loses by chance.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/core/base/random.h"
#include "netrig/sim/network/conditions.h"

namespace netrig::sim {

// Each packet independently with the same probability, and in bursts if the conditions have any.
class LossModel {
 public:
  LossModel(const LinkConditions& conditions, Random random);
  LossModel(std::uint32_t loss_ppm, Random random) : random_(random), loss_ppm_(loss_ppm) {}

  bool draw() { return draw(loss_ppm_); }  // true: lost
  // With another independent loss than the conditions say, as of a schedule.
  bool draw(std::uint32_t loss_ppm) {
    const bool lost = random_.chance(loss_ppm);
    return bursts_ ? bursts_->draw() || lost : lost;
  }

 private:
  class Bursts {
   public:
    Bursts(const GilbertElliott& bursts, const Random& random);
    bool draw();

   private:
    GilbertElliott bursts_;
    Random state_random_;
    Random loss_random_;
    bool is_bad_;  // begins as it is in the long run
  };

  Random random_;
  std::uint32_t loss_ppm_;
  std::optional<Bursts> bursts_;
};

}  // namespace netrig::sim
