#include "netrig/core/base/nearest.h"

#include <array>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

namespace netrig {
namespace {

constexpr std::array<std::string_view, 6> kKeys{"duration", "direction", "delay",
                                                "loss",     "clients",   "client_rate"};

}  // namespace

BOOST_AUTO_TEST_SUITE(nearest_word)

BOOST_AUTO_TEST_CASE(distance_counts_each_kind_of_slip_once) {
  BOOST_TEST(edit_distance("", "") == 0u);
  BOOST_TEST(edit_distance("delay", "delay") == 0u);
  BOOST_TEST(edit_distance("delay", "dela") == 1u);    // one left out
  BOOST_TEST(edit_distance("delay", "dellay") == 1u);  // one too many
  BOOST_TEST(edit_distance("delay", "delai") == 1u);   // another one
  BOOST_TEST(edit_distance("delay", "dealy") == 1u);   // two swapped
  BOOST_TEST(edit_distance("", "delay") == 5u);
  BOOST_TEST(edit_distance("delay", "") == 5u);
  BOOST_TEST(edit_distance("kitten", "sitting") == 3u);
  BOOST_TEST(edit_distance("ca", "abc") == 3u);  // no part is edited twice
}

BOOST_AUTO_TEST_CASE(distance_is_the_same_both_ways) {
  for (const std::string_view from : kKeys)
    for (const std::string_view to : kKeys) BOOST_TEST(edit_distance(from, to) == edit_distance(to, from));
}

BOOST_AUTO_TEST_CASE(a_slip_finds_the_word_that_was_meant) {
  BOOST_TEST(nearest("duraton", kKeys).value() == "duration");
  BOOST_TEST(nearest("dealy", kKeys).value() == "delay");
  BOOST_TEST(nearest("los", kKeys).value() == "loss");
  BOOST_TEST(nearest("client", kKeys).value() == "clients");
  BOOST_TEST(nearest("loss", kKeys).value() == "loss");
}

BOOST_AUTO_TEST_CASE(a_beginning_finds_the_shortest_word_that_goes_on) {
  BOOST_TEST(nearest("dur", kKeys).value() == "duration");
  BOOST_TEST(nearest("cli", kKeys).value() == "clients");
  BOOST_TEST(!nearest("du", kKeys));  // too little to tell
}

BOOST_AUTO_TEST_CASE(of_equally_near_words_the_first_is_taken) {
  constexpr std::array<std::string_view, 2> kPair{"up", "us"};
  BOOST_TEST(nearest("ux", kPair).value() == "up");
}

BOOST_AUTO_TEST_CASE(a_word_unlike_any_finds_none) {
  BOOST_TEST(!nearest("bandwidth", kKeys));
  BOOST_TEST(!nearest("", kKeys));
  BOOST_TEST(!nearest("duration", {}));
  constexpr std::array<std::string_view, 1> kShort{"x"};
  BOOST_TEST(!nearest("y", kShort));  // nothing of it is left
}

BOOST_AUTO_TEST_CASE(words_beyond_the_bound_are_not_compared) {
  const std::string bound(kNearestWordBytesMax, 'a');
  const std::string beyond(kNearestWordBytesMax + 1, 'a');
  const std::array<std::string_view, 2> words{bound, beyond};
  BOOST_TEST(nearest(bound, words).value() == bound);
  BOOST_TEST(!nearest(beyond, words));
  BOOST_TEST(!nearest(bound, std::array<std::string_view, 1>{beyond}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig
