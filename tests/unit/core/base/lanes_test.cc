#include "netrig/core/base/lanes.h"

#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "netrig/core/base/random.h"
#include "netrig/tests/support/seed.h"

namespace netrig::testing {
namespace {

struct Words {
  std::uint64_t low;
  std::uint64_t high;
  friend bool operator==(const Words&, const Words&) = default;
};

template <class L>
Words words_of(L lanes) {
  Words words;
  std::uint8_t bytes[16];
  lanes.store(bytes);
  words.low = load_little_endian<std::uint64_t>(bytes);
  words.high = load_little_endian<std::uint64_t>(bytes + 8);
  return words;
}

// What a decoder meets: any bits, numbers of any size, and the ones that are not numbers.
double drawn_double(Random& random) {
  constexpr double kSpecial[] = {0.0,
                                 -0.0,
                                 1.0,
                                 -1.0,
                                 0.001,
                                 std::numeric_limits<double>::infinity(),
                                 -std::numeric_limits<double>::infinity(),
                                 std::numeric_limits<double>::quiet_NaN(),
                                 std::numeric_limits<double>::denorm_min(),
                                 std::numeric_limits<double>::max()};
  switch (random.below(3)) {
    case 0:
      return kSpecial[random.below(std::size(kSpecial))];
    case 1:
      return static_cast<double>(random.between(-1'000'000, 1'000'000)) / 1000;
    default:
      return std::bit_cast<double>(random.bits());
  }
}

// The same bits, or both not a number: which one is nobody's promise.
bool is_same(std::uint64_t a, std::uint64_t b) {
  return a == b || (std::isnan(std::bit_cast<double>(a)) && std::isnan(std::bit_cast<double>(b)));
}
bool is_same(const Words& a, const Words& b) {
  return is_same(a.low, b.low) && is_same(a.high, b.high);
}

BOOST_AUTO_TEST_SUITE(lanes)

BOOST_AUTO_TEST_CASE(bytes_are_loaded_in_order_and_low_halves_stored_side_by_side) {
  const std::uint8_t bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  BOOST_TEST((words_of(Lanes::load(bytes)) == Words{0x0807060504030201, 0x100F0E0D0C0B0A09}));
  std::int32_t halves[2];
  Lanes::load(bytes).store_low_halves(halves);
  BOOST_TEST(halves[0] == 0x04030201);
  BOOST_TEST(halves[1] == 0x0C0B0A09);
}

BOOST_AUTO_TEST_CASE(one_bit_anywhere_is_not_zero) {
  BOOST_TEST(Lanes{}.is_zero());
  for (int bit = 0; bit < 64; ++bit) {
    BOOST_TEST(!(Lanes{std::uint64_t{1} << bit, 0}.is_zero()));
    BOOST_TEST(!(Lanes{0, std::uint64_t{1} << bit}.is_zero()));
  }
}

BOOST_AUTO_TEST_CASE(not_a_number_is_not_at_least_anything) {
  const Lanes nan = Lanes::of(std::numeric_limits<double>::quiet_NaN());
  const Words all{~std::uint64_t{0}, ~std::uint64_t{0}};
  BOOST_TEST((words_of(is_not_at_least(nan, Lanes::of(0.0))) == all));
  BOOST_TEST((words_of(is_not_at_least(Lanes::of(0.0), nan)) == all));
  BOOST_TEST(is_not_at_least(Lanes::of(0.0), Lanes::of(-0.0)).is_zero());
}

BOOST_AUTO_TEST_CASE(this_machines_lanes_give_the_bits_of_the_portable_ones) {
  Random random{test_seed()};
  for (int round = 0; round < 3'000; ++round) {
    const double drawn[4] = {drawn_double(random), drawn_double(random), drawn_double(random),
                             drawn_double(random)};
    const auto bits = [&](int i) { return std::bit_cast<std::uint64_t>(drawn[i]); };
    const Lanes a{bits(0), bits(1)};
    const Lanes b{bits(2), bits(3)};
    const portable::Lanes c{bits(0), bits(1)};
    const portable::Lanes d{bits(2), bits(3)};
    BOOST_TEST((words_of(a & b) == words_of(c & d)));
    BOOST_TEST((words_of(a | b) == words_of(c | d)));
    BOOST_TEST((words_of(a ^ b) == words_of(c ^ d)));
    BOOST_TEST(is_same(words_of(plus(a, b)), words_of(plus(c, d))));
    BOOST_TEST(is_same(words_of(minus(a, b)), words_of(minus(c, d))));
    BOOST_TEST(is_same(words_of(times(a, b)), words_of(times(c, d))));
    BOOST_TEST(is_same(words_of(over(a, b)), words_of(over(c, d))));
    BOOST_TEST((words_of(is_not_at_least(a, b)) == words_of(is_not_at_least(c, d))));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
