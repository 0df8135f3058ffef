// The proof that an address can hear what is sent to it, made without remembering who asked: a keyed hash
// over the address, the client's key share and the time, which the client sends back. The server's only state
// is the secret, which it replaces after every `life`; the one before still counts, so a cookie lives for
// `life` wherever in the period it was made.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/core/base/address.h"
#include "netrig/core/base/time.h"
#include "netrig/core/protocol/crypto.h"

namespace netrig {

// When it was made, in milliseconds modulo 2^32; the hash. A cookie of 49 days ago had another secret.
constexpr std::size_t kCookieBytes = 4 + kMacBytes;
using Cookie = OpenBytes<struct CookieTag, kCookieBytes>;

class CookieJar {
 public:
  // Entropy outlives the jar.
  CookieJar(Duration life, Entropy& entropy);

  Cookie bake(const Address& address, const PublicKey& share, Instant now);
  // How long ago this server made it for this address and share, rounded up to a millisecond: at least the
  // round trip of whoever sends it. Nothing: it is not good, or older than `life`.
  std::optional<Duration> age_of(const Cookie& cookie, const Address& address, const PublicKey& share,
                                 Instant now);

 private:
  void rotate(Instant now);
  std::uint64_t period_of(std::uint64_t made_ms) const { return made_ms / (life_ms_ + 1); }
  Mac mac_of(std::uint64_t made_ms, const Address& address, const PublicKey& share) const;

  std::uint32_t life_ms_;
  Entropy& entropy_;
  std::uint64_t period_ = 0;  // that of the newest secret; they are life_ms_ + 1 long
  SymmetricKey secret_;       // of period_
  SymmetricKey previous_;     // of the one before
};

}  // namespace netrig
