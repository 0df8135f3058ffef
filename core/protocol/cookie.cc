#include "netrig/core/protocol/cookie.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

constexpr std::string_view kCookieLabel = "netrig cookie";

std::uint64_t whole_milliseconds(Instant instant) {
  return static_cast<std::uint64_t>(instant.time_since_epoch() / 1ms);
}

}  // namespace

CookieJar::CookieJar(Duration life, Entropy& entropy)
    : life_ms_(static_cast<std::uint32_t>((life + 1ms - 1ns) / 1ms)),
      entropy_(entropy),
      secret_(make_symmetric_key(entropy)),
      previous_(make_symmetric_key(entropy)) {
  NETRIG_ASSERT(life > 0s && life < std::chrono::hours{24});
}

void CookieJar::rotate(Instant now) {
  const std::uint64_t period = period_of(whole_milliseconds(now));
  if (period <= period_) return;
  previous_ = period == period_ + 1 ? secret_ : make_symmetric_key(entropy_);
  secret_ = make_symmetric_key(entropy_);
  period_ = period;
}

Mac CookieJar::mac_of(std::uint64_t made_ms, const Address& address, const PublicKey& share) const {
  std::array<std::uint8_t, 4 + 2> numbers{};
  store_little_endian(numbers.data(), static_cast<std::uint32_t>(made_ms));
  store_little_endian(numbers.data() + 4, address.port);
  const SymmetricKey& secret = period_of(made_ms) == period_ ? secret_ : previous_;
  return authenticate(secret, kCookieLabel, {share.bytes, numbers, bytes_of(address.host)});
}

Cookie CookieJar::bake(const Address& address, const PublicKey& share, Instant now) {
  rotate(now);
  const std::uint64_t made_ms = whole_milliseconds(now);
  Cookie cookie;
  store_little_endian(cookie.bytes.data(), static_cast<std::uint32_t>(made_ms));
  std::ranges::copy(mac_of(made_ms, address, share).bytes, cookie.bytes.begin() + 4);
  return cookie;
}

std::optional<Duration> CookieJar::age_of(const Cookie& cookie, const Address& address,
                                          const PublicKey& share, Instant now) {
  rotate(now);
  const std::uint64_t now_ms = whole_milliseconds(now);
  // One from the future is 2^32 milliseconds old.
  const std::uint32_t age_ms =
      static_cast<std::uint32_t>(now_ms) - load_little_endian<std::uint32_t>(cookie.bytes.data());
  if (age_ms > life_ms_ || age_ms > now_ms) return std::nullopt;
  const Mac expected = mac_of(now_ms - age_ms, address, share);
  if (!equal_in_constant_time(expected.bytes, Bytes{cookie.bytes}.subspan(4))) return std::nullopt;
  return 1ms * (age_ms + 1);
}

}  // namespace netrig
