// Losses in bursts that last in time, whatever is sent meanwhile: a fade of the radio, a route that is gone.
// In Gilbert's model with continuous time both states last exponentially long. Integers only.
#pragma once

#include <cstdint>

#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"

namespace netrig::sim {

constexpr Duration kBurstLengthMin = 10ms;  // a link catches up with an hour of them in 360,000 draws at most
constexpr Duration kBurstLengthMax = std::chrono::hours{1};

struct TimedBursts {
  Duration mean_length{0};     // of a burst, in which everything is lost
  std::uint32_t mean_ppm = 0;  // of the time, above 0 and below all of it
  friend bool operator==(const TimedBursts&, const TimedBursts&) = default;
};

// A function of time: two of them with the same stream of random numbers agree at any instant.
class TimedBurstModel {
 public:
  TimedBurstModel(const TimedBursts& bursts, Random random);

  bool is_lost(Instant at) {  // `at` never goes back
    while (at >= until_) turn();
    return is_bad_;
  }

 private:
  void turn();
  Duration drawn_length();

  Random random_;
  Duration mean_bad_;
  Duration mean_good_;
  bool is_bad_;  // begins as it is in the long run
  Instant until_{};
};

}  // namespace netrig::sim
