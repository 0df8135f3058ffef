#include "netrig/core/protocol/cookie.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

constexpr std::string_view kCookieLabel = "netrig cookie";

std::uint32_t whole_seconds(Instant instant) {
  return static_cast<std::uint32_t>(instant.time_since_epoch() / 1s);
}

}  // namespace

CookieJar::CookieJar(Duration life, Entropy& entropy)
    : life_s_(static_cast<std::uint32_t>((life + 1s - 1ns) / 1s)),
      entropy_(entropy),
      secret_(make_symmetric_key(entropy)),
      previous_(make_symmetric_key(entropy)) {
  NETRIG_ASSERT(life > 0s);
}

void CookieJar::rotate(Instant now) {
  const std::uint32_t period = whole_seconds(now) / (life_s_ + 1);
  if (period <= period_) return;
  previous_ = period == period_ + 1 ? secret_ : make_symmetric_key(entropy_);
  secret_ = make_symmetric_key(entropy_);
  period_ = period;
}

Mac CookieJar::mac_of(std::uint32_t made_s, const Address& address, const PublicKey& share) const {
  std::array<std::uint8_t, 4 + 2> numbers{};
  store_little_endian(numbers.data(), made_s);
  store_little_endian(numbers.data() + 4, address.port);
  const SymmetricKey& secret = made_s / (life_s_ + 1) == period_ ? secret_ : previous_;
  return authenticate(secret, kCookieLabel, {share.bytes, numbers, bytes_of(address.host)});
}

Cookie CookieJar::bake(const Address& address, const PublicKey& share, Instant now) {
  rotate(now);
  const std::uint32_t made_s = whole_seconds(now);
  Cookie cookie;
  store_little_endian(cookie.bytes.data(), made_s);
  std::ranges::copy(mac_of(made_s, address, share).bytes, cookie.bytes.begin() + 4);
  return cookie;
}

bool CookieJar::is_good(const Cookie& cookie, const Address& address, const PublicKey& share, Instant now) {
  rotate(now);
  const auto made_s = load_little_endian<std::uint32_t>(cookie.bytes.data());
  const std::uint32_t now_s = whole_seconds(now);
  if (made_s > now_s || now_s - made_s > life_s_) return false;
  return equal_in_constant_time(mac_of(made_s, address, share).bytes, Bytes{cookie.bytes}.subspan(4));
}

}  // namespace netrig
