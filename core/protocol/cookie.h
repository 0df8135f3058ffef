// The proof that an address can hear what is sent to it, made without remembering who asked: a keyed hash
// over the address, the client's key share and the time, which the client sends back. The server's only state
// is the secret, which it replaces after every `life`; the one before still counts, so a cookie lives for
// `life` wherever in the period it was made.
#pragma once

#include <cstdint>

#include "netrig/core/base/address.h"
#include "netrig/core/base/time.h"
#include "netrig/core/protocol/crypto.h"

namespace netrig {

constexpr std::size_t kCookieBytes = 4 + kMacBytes;  // when it was made, in seconds; the hash
using Cookie = OpenBytes<struct CookieTag, kCookieBytes>;

class CookieJar {
 public:
  // Entropy outlives the jar.
  CookieJar(Duration life, Entropy& entropy);

  Cookie bake(const Address& address, const PublicKey& share, Instant now);
  // Whether this server made it for this address and share, no longer ago than `life` (and one second, the
  // unit of its time).
  bool is_good(const Cookie& cookie, const Address& address, const PublicKey& share, Instant now);

 private:
  void rotate(Instant now);
  Mac mac_of(std::uint32_t made_s, const Address& address, const PublicKey& share) const;

  std::uint32_t life_s_;
  Entropy& entropy_;
  std::uint32_t period_ = 0;  // that of the newest secret; they are life_s_ + 1 long
  SymmetricKey secret_;       // of period_
  SymmetricKey previous_;     // of the one before
};

}  // namespace netrig
