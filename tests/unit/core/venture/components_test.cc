#include "netrig/core/venture/components.h"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>

#include "netrig/tests/unit/core/venture/venture_testing.h"

namespace netrig::venture {
namespace {

using namespace testing;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kSmallest = std::numeric_limits<double>::denorm_min();
constexpr std::uint64_t kU64Max = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint32_t kU32Max = std::numeric_limits<std::uint32_t>::max();

// The literal bytes, and back to the same fields.
template <ComponentValue T>
void check(const T& component, const std::string& literal) {
  const auto bytes = encode(component);
  BOOST_TEST(hex(bytes) == hex(unhex(literal)));
  const auto decoded = decode<T>(bytes);
  BOOST_REQUIRE(decoded.has_value());
  const auto equal = [&](auto field) { return (*decoded).*field == component.*field; };
  BOOST_TEST(std::apply([&](auto... field) { return (equal(field) && ...); }, T::kFields));
}

using All = std::tuple<Position, Velocity, Health, Stats, Team, Level, InputDirection, Attack, Item>;

BOOST_AUTO_TEST_SUITE(components)

BOOST_AUTO_TEST_CASE(position_is_two_doubles) {
  check(Position{0, 0}, "0000000000000000 0000000000000000");
  check(Position{1, 2}, "000000000000f03f 0000000000000040");
  check(Position{-1, -2.5}, "000000000000f0bf 00000000000004c0");
  check(Position{kLargest, -kLargest}, "ffffffffffffef7f ffffffffffffefff");
  check(Position{kSmallest, 0.1}, "0100000000000000 9a9999999999b93f");
}

BOOST_AUTO_TEST_CASE(velocity_is_two_doubles) {
  check(Velocity{0, 0}, "0000000000000000 0000000000000000");
  check(Velocity{100, 50}, "0000000000005940 0000000000004940");
  check(Velocity{-100, -50}, "00000000000059c0 00000000000049c0");
  check(Velocity{-0.5, 0.5}, "000000000000e0bf 000000000000e03f");
}

BOOST_AUTO_TEST_CASE(health_is_current_then_max) {
  check(Health{100, 100}, "0000000000005940 0000000000005940");
  check(Health{50, 100}, "0000000000004940 0000000000005940");
  check(Health{1, 1e6}, "000000000000f03f 0000000080842e41");
}

BOOST_AUTO_TEST_CASE(stats_are_attack_defense_and_magic_power) {
  check(Stats{0, 0, 0}, "0000000000000000 0000000000000000 0000000000000000");
  check(Stats{1, 2, 4}, "000000000000f03f 0000000000000040 0000000000001040");
  check(Stats{-1, kLargest, kSmallest}, "000000000000f0bf ffffffffffffef7f 0100000000000000");
}

BOOST_AUTO_TEST_CASE(team_attack_and_item_are_one_u64) {
  check(Team{0}, "0000000000000000");
  check(Team{0x0102030405060708}, "0807060504030201");
  check(Team{kU64Max}, "ffffffffffffffff");
  check(Attack{100}, "6400000000000000");
  check(Attack{kU64Max}, "ffffffffffffffff");
  check(Item{50}, "3200000000000000");
  check(Item{0x0102030405060708}, "0807060504030201");
}

BOOST_AUTO_TEST_CASE(level_is_level_then_xp) {
  check(Level{1, 0}, "01000000 00000000");
  check(Level{0x01020304, 0x05060708}, "04030201 08070605");
  check(Level{kU32Max, kU32Max}, "ffffffff ffffffff");
}

BOOST_AUTO_TEST_CASE(input_is_two_signed_bytes) {
  check(InputDirection{0, 0}, "00 00");
  check(InputDirection{1, 0}, "01 00");
  check(InputDirection{-1, 0}, "ff 00");
  check(InputDirection{0, -1}, "00 ff");
  check(InputDirection{127, -128}, "7f 80");
}

BOOST_AUTO_TEST_CASE(nan_infinity_and_negative_zero_keep_their_bits) {
  check(Position{kInfinity, -kInfinity}, "000000000000f07f 000000000000f0ff");
  BOOST_TEST(hex(encode(Position{0.0, -0.0})) == hex(unhex("0000000000000000 0000000000000080")));
  const Buffer nan_with_payload = unhex("efcdab8967f5ff7f 000000000000f0bf");
  const auto decoded = decode<Position>(nan_with_payload);
  BOOST_REQUIRE(decoded.has_value());
  BOOST_TEST(decoded->x != decoded->x);
  BOOST_TEST(hex(encode(*decoded)) == hex(nan_with_payload));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(every_wrong_length_is_refused, T, All) {
  constexpr std::size_t kRight = kComponentDataBytes<T>;
  for (std::size_t size = 0; size <= 2 * kRight; ++size) {
    const Buffer data(size);
    const auto decoded = decode<T>(data);
    BOOST_TEST(decoded.has_value() == (size == kRight));
    if (size != kRight) BOOST_TEST(decoded.error() == DecodeError::wrong_length);
  }
}

BOOST_AUTO_TEST_CASE(types_are_the_originals_names) {
  BOOST_TEST(Position::kType == "position");
  BOOST_TEST(Velocity::kType == "velocity");
  BOOST_TEST(Health::kType == "health");
  BOOST_TEST(Stats::kType == "stats");
  BOOST_TEST(Team::kType == "team");
  BOOST_TEST(Level::kType == "level");
  BOOST_TEST(InputDirection::kType == "input");
  BOOST_TEST(Attack::kType == "attack");
  BOOST_TEST(Item::kType == "item");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::venture
