#include "netrig/core/base/random.h"

#include <boost/test/unit_test.hpp>
#include <set>
#include <vector>

using namespace netrig;

BOOST_AUTO_TEST_SUITE(random_numbers)

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_numbers_on_every_machine) {
  Random random{42};
  // xoshiro256** seeded by SplitMix64 from 42, from the authors' reference implementation.
  BOOST_TEST(random.bits() == 0x15780B2E0C2EC716u);
  BOOST_TEST(random.bits() == 0x6104D9866D113A7Eu);
  BOOST_TEST(random.bits() == 0xAE17533239E499A1u);
}

BOOST_AUTO_TEST_CASE(a_fork_depends_on_the_seed_and_its_name_only) {
  Random parent{7};
  Random early = parent.fork("link.loss", 3);
  for (int i = 0; i < 100; ++i) parent.bits();
  Random late = parent.fork("link.loss", 3);
  for (int i = 0; i < 10; ++i) BOOST_TEST(early.bits() == late.bits());

  std::set<std::uint64_t> firsts;
  for (std::uint64_t index = 0; index < 1000; ++index) firsts.insert(parent.fork("a", index).bits());
  for (std::uint64_t index = 0; index < 1000; ++index) firsts.insert(parent.fork("b", index).bits());
  BOOST_TEST(firsts.size() == 2000u);
}

BOOST_AUTO_TEST_CASE(below_is_uniform_and_stays_below) {
  Random random{1};
  constexpr std::uint64_t kBound = 6;
  constexpr int kDraws = 60'000;
  std::vector<int> counts(kBound);
  for (int i = 0; i < kDraws; ++i) ++counts[random.below(kBound)];
  // 10,000 expected, standard deviation 91: five of them
  for (const int count : counts) BOOST_TEST(std::abs(count - 10'000) < 5 * 92);
  BOOST_TEST(random.below(1) == 0u);
}

BOOST_AUTO_TEST_CASE(between_reaches_both_ends_and_the_whole_range) {
  Random random{1};
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.between(-2, 2));
  BOOST_TEST((seen == std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  random.between(INT64_MIN, INT64_MAX);
  BOOST_TEST(random.between(5, 5) == 5);
}

BOOST_AUTO_TEST_CASE(a_chance_of_none_never_comes_and_of_all_always_does) {
  Random random{1};
  int half = 0;
  for (int i = 0; i < 100'000; ++i) {
    BOOST_REQUIRE(!random.chance(0));
    BOOST_REQUIRE(random.chance(1'000'000));
    half += random.chance(500'000) ? 1 : 0;
  }
  BOOST_TEST(std::abs(half - 50'000) < 5 * 159);  // standard deviation 158
}

BOOST_AUTO_TEST_SUITE_END()
