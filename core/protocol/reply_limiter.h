// How often a server may say no to addresses that have proved nothing: once a second to each, and a hundred
// times a second in all. Its memory is fixed; hosts that share a slot share its second.
#pragma once

#include <vector>

#include "netrig/core/base/address.h"
#include "netrig/core/base/time.h"
#include "netrig/core/protocol/crypto.h"

namespace netrig {

class ReplyLimiter {
 public:
  static constexpr Duration kIntervalPerHost = 1s;
  // In any second at most kBurst + kPerSecond = 100.
  static constexpr int kBurst = 10;
  static constexpr int kPerSecond = 90;
  // Ten times what may be answered in a second, so that few of those wait for another's sake.
  static constexpr std::size_t kSlots = 1024;

  explicit ReplyLimiter(Entropy& entropy);

  // Counts the reply if it may be sent.
  bool may_reply(const Address& to, Instant now);

 private:
  SymmetricKey key_;           // no attacker knows who shares a slot with whom
  std::vector<Instant> next_;  // by slot: when it may be answered again
  Instant spent_until_;        // the total, as a virtual time that each reply moves by 1 s / kPerSecond
};

}  // namespace netrig
