// What one direction of a link does to packets: plain values, checked once, described in plain words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "netrig/core/base/time.h"

namespace netrig::sim {

constexpr Duration kDelayMax = 10s;                  // one way: twice what a round trip of 10 s needs
constexpr std::uint64_t kRateMin = 1'000;            // bit/s; below it one packet takes more than 10 s
constexpr std::uint64_t kRateMax = 100'000'000'000;  // bit/s
constexpr std::uint64_t kQueueBytesMin = 1'500;      // one full packet, or nothing would ever pass
constexpr std::uint64_t kQueueBytesMax = 1 << 30;    // 8.6e9 bits * 1e9 ns/s fit 64 bits in the rate limiter

struct ConstantDelay {
  Duration delay{0};
  friend bool operator==(const ConstantDelay&, const ConstantDelay&) = default;
};
struct UniformDelay {
  Duration min{0};
  Duration max{0};  // inclusive
  friend bool operator==(const UniformDelay&, const UniformDelay&) = default;
};
struct NormalDelay {
  Duration mean{0};
  Duration stddev{0};  // draws below 0 count as 0
  friend bool operator==(const NormalDelay&, const NormalDelay&) = default;
};
using Delay = std::variant<ConstantDelay, UniformDelay, NormalDelay>;

// One direction. The default is a perfect link: no delay, no loss, no limit.
struct LinkConditions {
  Delay delay = ConstantDelay{};  // propagation, 0 to kDelayMax
  Duration jitter{0};             // each packet's delay is shifted uniformly within +-jitter, not below 0
  // Whether a packet may overtake another one because its delay came out shorter (by jitter or by the shape
  // of the delay). If not, it waits for the one before it.
  bool jitter_may_reorder = false;
  std::uint32_t loss_ppm = 0;
  std::uint32_t duplicate_ppm = 0;  // datagrams only: a stream's receiver discards copies
  std::uint32_t reorder_ppm = 0;    // this share of packets takes `reorder_delay` longer and holds back
  Duration reorder_delay{0};        // nobody
  std::uint64_t rate_bits_per_second = 0;  // of wire bytes; 0: unlimited
  std::uint64_t queue_bytes_max = 0;       // wire bytes that wait for the rate limiter; what exceeds it is
                                           // dropped. Only with a rate
  friend bool operator==(const LinkConditions&, const LinkConditions&) = default;
};

enum class ConditionsError : std::uint8_t {
  delay_out_of_range,
  delay_min_above_max,
  jitter_out_of_range,
  reorder_delay_out_of_range,
  reorder_without_delay,
  share_above_one,
  rate_out_of_range,
  queue_out_of_range,
};
std::string_view text(ConditionsError error);

// The first thing wrong with `conditions`, or nothing.
std::optional<ConditionsError> validate(const LinkConditions& conditions);

// The delay in the middle: the constant, the centre of the range, the mean. Two of them make the nominal RTT.
Duration nominal_delay(const Delay& delay);

// One direction in words: "delay 100 ms +-20 ms, loss 1 %, 8 Mbit/s behind a queue of 64 kB".
std::string describe(const LinkConditions& conditions);

// A duration as people write it: "250 us", "1.5 ms", "5 s". Exact.
std::string duration_text(Duration duration);

}  // namespace netrig::sim
