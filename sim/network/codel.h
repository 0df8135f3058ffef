// CoDel: drops packets that have waited too long, ever more often while the queue stands. RFC 8289, with its
// names; in integers.
//
// It is asked about packets in the order in which they reach the head of the queue. In a first-in, first-out
// queue with a known rate that instant is known when a packet arrives, so the packet's fate is decided then.
// What is not known then is how many bytes will stand behind it, which RFC 8289 compares with one full packet
// to leave such a queue alone. Instead a target below the time of one full packet counts as that time: a
// queue that delays by more than this holds more.
#pragma once

#include <cstdint>

#include "netrig/core/base/time.h"

namespace netrig::sim {

constexpr Duration kCodelTimeMax = 10s;

struct CoDelConditions {
  Duration target = 5ms;      // a standing queue this short is good
  Duration interval = 100ms;  // a worst-case round trip: how long a queue may stand before it counts as one
  friend bool operator==(const CoDelConditions&, const CoDelConditions&) = default;
};

class CoDel {
 public:
  explicit CoDel(const CoDelConditions& conditions) : conditions_(conditions) {}

  // Whether the packet that reaches the head of the queue now, after `sojourn` in it, is dropped. One that is
  // dropped takes no time. `packet_time`: that of a full packet at the present rate. `now` never goes back.
  bool drops(Duration sojourn, Duration packet_time, Instant now);

 private:
  // What the RFC's loop does right after a drop, to the packet behind.
  enum class After : std::uint8_t { nothing, entering, dropping };

  bool ok_to_drop(Duration sojourn, Duration packet_time, Instant now);
  bool drop_first(Instant now);
  bool drop_another(Instant now);
  Instant control_law(Instant from) const;

  CoDelConditions conditions_;
  bool is_above_ = false;     // first_above_time_ is not 0
  Instant first_above_time_;  // when the sojourn time will have been above the target for an interval
  bool dropping_ = false;
  Instant drop_next_;
  std::uint32_t count_ = 0;      // drops since dropping began
  std::uint32_t lastcount_ = 0;  // count_ when it began
  After after_ = After::nothing;
  Instant dropped_at_;
};

}  // namespace netrig::sim
