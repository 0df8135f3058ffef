// When a TCP sender gives up waiting: the retransmission timeout of RFC 6298, with the floor where Linux has
// it. Owns no clock.
#pragma once

#include "netrig/core/base/time.h"

namespace netrig::sim {

constexpr Duration kRetransmissionTimeoutMax = 60s;  // RFC 6298, 2.5: at least 60 s

class RetransmissionTimeout {
 public:
  // `first`: what the handshake took. `timeout_min`: by how much the timeout exceeds the smoothed round trip
  // at least. RFC 6298 has the floor (1 s) under the sum; under a round trip that hardly varies the timeout
  // would then come down to the round trip itself, and a delayed acknowledgement would set it off.
  RetransmissionTimeout(Duration first, Duration timeout_min);

  void sample(Duration rtt);  // of a segment that was sent once (Karn's rule); ends the backoff
  void back_off();            // the timeout passed: twice as long, up to the maximum
  Duration smoothed() const { return smoothed_; }
  Duration timeout() const;

 private:
  Duration timeout_min_;
  Duration smoothed_;
  Duration variation_;
  int doublings_ = 0;
};

}  // namespace netrig::sim
