#include "netrig/core/protocol/reply_limiter.h"

#include <algorithm>

namespace netrig {

ReplyLimiter::ReplyLimiter(Entropy& entropy) : key_(make_symmetric_key(entropy)), next_(kSlots) {}

// The total is the generic cell rate algorithm (ITU-T I.371).
bool ReplyLimiter::may_reply(const Address& to, Instant now) {
  constexpr Duration kInterval = Duration{1s} / kPerSecond + 1ns;
  const Instant spent_until = std::max(spent_until_, now);
  if (spent_until - now > (kBurst - 1) * kInterval) return false;

  const Mac hash = authenticate(key_, "netrig reply", {bytes_of(to.host)});
  Instant& next = next_[load_little_endian<std::uint32_t>(hash.bytes.data()) % kSlots];
  if (now < next) return false;
  next = now + kIntervalPerHost;
  spent_until_ = spent_until + kInterval;
  return true;
}

}  // namespace netrig
