#include "netrig/core/protocol/cookie.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/protocol/limits.h"

namespace netrig::testing {
namespace {

const Address kHere{"10.0.0.1", 5000};
constexpr Duration kLife = 42s;

PublicKey share_of(std::uint8_t number) {
  PublicKey share;
  share.bytes.fill(number);
  return share;
}

Instant at(Duration since_start) {
  return Instant{} + since_start;
}

bool is_good(CookieJar& jar, const Cookie& cookie, const Address& address, const PublicKey& share,
             Instant now) {
  return jar.age_of(cookie, address, share, now).has_value();
}

BOOST_AUTO_TEST_SUITE(cookie)

BOOST_AUTO_TEST_CASE(a_cookie_is_good_for_its_address_and_share_alone) {
  SeededEntropy entropy{Random{1}};
  CookieJar jar{kLife, entropy};
  const Cookie cookie = jar.bake(kHere, share_of(1), at(5s));
  BOOST_TEST(is_good(jar, cookie, kHere, share_of(1), at(5s)));
  BOOST_TEST(!is_good(jar, cookie, kHere, share_of(2), at(5s)));
  BOOST_TEST(!is_good(jar, cookie, {"10.0.0.1", 5001}, share_of(1), at(5s)));
  BOOST_TEST(!is_good(jar, cookie, {"10.0.0.2", 5000}, share_of(1), at(5s)));
  BOOST_TEST(!is_good(jar, cookie, {"10.0.0.11", 5000}, share_of(1), at(5s)));
}

BOOST_AUTO_TEST_CASE(a_changed_cookie_is_not_good) {
  SeededEntropy entropy{Random{1}};
  CookieJar jar{kLife, entropy};
  const Cookie cookie = jar.bake(kHere, share_of(1), at(5s));
  for (std::size_t bit = 0; bit < 8 * kCookieBytes; ++bit) {
    Cookie changed = cookie;
    changed.bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    BOOST_TEST(!is_good(jar, changed, kHere, share_of(1), at(5s)));
  }
  BOOST_TEST(!is_good(jar, {}, kHere, share_of(1), at(0s)));
}

// Wherever in a secret's period a cookie was made, it lives for all of `life`, over a change of the secret,
// and no longer than a millisecond more.
BOOST_AUTO_TEST_CASE(a_cookie_lives_its_whole_life_whenever_the_secret_changes) {
  for (Duration made = 0s; made < 3 * kLife; made += 700ms) {
    SeededEntropy entropy{Random{1}};
    CookieJar jar{kLife, entropy};
    const Cookie cookie = jar.bake(kHere, share_of(1), at(made));
    for (Duration age = 0s; age <= kLife; age += 7s) {
      BOOST_TEST(is_good(jar, cookie, kHere, share_of(1), at(made + age)));
    }
    BOOST_TEST(is_good(jar, cookie, kHere, share_of(1), at(made + kLife)));
    BOOST_TEST(!is_good(jar, cookie, kHere, share_of(1), at(made + kLife + 2ms)));
  }
}

BOOST_AUTO_TEST_CASE(a_secret_counts_no_longer_than_two_periods_even_if_nobody_came) {
  SeededEntropy entropy{Random{1}};
  CookieJar jar{kLife, entropy};
  const Cookie old = jar.bake(kHere, share_of(1), at(1s));
  BOOST_TEST(is_good(jar, jar.bake(kHere, share_of(1), at(1000s)), kHere, share_of(1), at(1000s)));
  BOOST_TEST(!is_good(jar, old, kHere, share_of(1), at(1000s)));
  // The same second's cookie of another start of the server.
  CookieJar restarted{kLife, entropy};
  BOOST_TEST(!is_good(restarted, old, kHere, share_of(1), at(1s)));
}

// Whoever sends it back at once tells the round trip by it, on any day of the server's life.
BOOST_AUTO_TEST_CASE(a_cookies_age_is_known_to_a_millisecond_and_never_less_than_true) {
  for (const Duration made : {Duration{0}, Duration{1'234'567'890ns}, Duration{std::chrono::hours{24 * 60}},
                              Duration{std::chrono::hours{24 * 400}}}) {
    SeededEntropy entropy{Random{1}};
    CookieJar jar{kLife, entropy};
    const Cookie cookie = jar.bake(kHere, share_of(1), at(made));
    for (const Duration age : {Duration{0}, Duration{999us}, Duration{5s + 1ns}, kLife - 1ms}) {
      const auto known = jar.age_of(cookie, kHere, share_of(1), at(made + age));
      BOOST_TEST_REQUIRE(known.has_value());
      BOOST_TEST((*known >= age && *known <= age + 2ms));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_cookie_from_the_future_is_not_good) {
  SeededEntropy entropy{Random{1}};
  CookieJar jar{kLife, entropy};
  const Cookie cookie = jar.bake(kHere, share_of(1), at(9s));
  BOOST_TEST(!is_good(jar, cookie, kHere, share_of(1), at(8s)));
  BOOST_TEST(!is_good(jar, cookie, kHere, share_of(1), at(9s - 1ms)));
}

BOOST_AUTO_TEST_CASE(a_cookie_outlives_two_of_the_longest_round_trips_on_any_network) {
  BOOST_TEST((derive_windows({.rtt_max = 0ns}).cookie_life == 20s));
  BOOST_TEST((derive_windows({.rtt_max = 4300ms}).cookie_life == 20s));
  BOOST_TEST((derive_windows({.rtt_max = 10s}).cookie_life == 42s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
