#include "netrig/core/protocol/reassembler.h"

#include <boost/test/unit_test.hpp>
#include <map>

#include "netrig/core/base/random.h"
#include "netrig/tests/support/seed.h"

using namespace netrig;

namespace {

using Buffer = std::vector<std::uint8_t>;
using Outcome = Reassembler::Outcome;

constexpr Duration kTwoRoundTrips = 10s;

Instant at(Duration since_start) {
  return Instant{} + since_start;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reassembler)

BOOST_AUTO_TEST_CASE(fragments_make_the_message_in_any_order) {
  Reassembler fragments;
  BOOST_TEST((fragments.receive(7, 2, 3, Buffer{5}, kTwoRoundTrips, at(0s)) == Outcome::held));
  BOOST_TEST((fragments.receive(7, 0, 3, Buffer{1, 2}, kTwoRoundTrips, at(1s)) == Outcome::held));
  BOOST_TEST((fragments.receive(7, 0, 3, Buffer{1, 2}, kTwoRoundTrips, at(1s)) == Outcome::duplicate));
  BOOST_TEST((fragments.receive(7, 1, 3, Buffer{3, 4}, kTwoRoundTrips, at(2s)) == Outcome::complete));
  const Buffer expected{1, 2, 3, 4, 5};
  BOOST_TEST(fragments.message() == expected, boost::test_tools::per_element());
  BOOST_TEST(fragments.held_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_not_whole_after_two_round_trips_is_freed) {
  Reassembler fragments;
  fragments.receive(1, 0, 2, Buffer(1'000), kTwoRoundTrips, at(0s));
  fragments.expire(kTwoRoundTrips, at(9s));
  BOOST_TEST(fragments.held_bytes() > 1'000u);
  fragments.expire(kTwoRoundTrips, at(10s));
  BOOST_TEST(fragments.held_bytes() == 0u);
  BOOST_TEST(fragments.given_up() == 1u);
  BOOST_TEST(
      (fragments.receive(1, 1, 2, Buffer{1}, kTwoRoundTrips, at(10s)) == Outcome::held));  // begins anew
}

BOOST_AUTO_TEST_CASE(a_newer_message_takes_the_place_of_the_oldest) {
  Reassembler fragments;
  for (std::uint16_t group = 0; group <= kFragmentGroupsMax; ++group)
    fragments.receive(group, 0, 2, Buffer{1}, kTwoRoundTrips, at(1ms * group));
  BOOST_TEST(fragments.given_up() == 1u);
  BOOST_TEST((fragments.receive(1, 1, 2, Buffer{1}, kTwoRoundTrips, at(1s)) == Outcome::complete));
  BOOST_TEST(
      (fragments.receive(0, 1, 2, Buffer{1}, kTwoRoundTrips, at(1s)) == Outcome::held));  // was given up
}

BOOST_AUTO_TEST_CASE(fragments_that_contradict_each_other_are_refused) {
  Reassembler fragments;
  fragments.receive(1, 0, 2, Buffer{1}, kTwoRoundTrips, at(0s));
  BOOST_TEST((fragments.receive(1, 1, 3, Buffer{1}, kTwoRoundTrips, at(0s)) == Outcome::refused));
  BOOST_TEST(fragments.held_bytes() == 0u);
  BOOST_TEST(fragments.refused() == 1u);
}

BOOST_AUTO_TEST_CASE(bombs_are_refused_within_fixed_memory) {
  Random random = Random{testing::test_seed()}.fork("bombs", 0);
  Reassembler fragments;
  const Buffer big(1'190);
  for (int i = 0; i < 200'000; ++i) {
    const auto count = static_cast<std::uint8_t>(random.between(2, 255));
    fragments.receive(static_cast<std::uint16_t>(random.below(20)),
                      static_cast<std::uint8_t>(random.below(count)), count, big, kTwoRoundTrips,
                      at(1ms * i));
    BOOST_REQUIRE(fragments.held_bytes() <= kReassemblyBytesMax);
  }
  BOOST_TEST(fragments.refused() > 0u);
  BOOST_TEST(fragments.given_up() > 0u);
}

// Against a map of every group, with as much memory as it likes.
BOOST_AUTO_TEST_CASE(it_agrees_with_a_map_of_all_fragments) {
  struct Whole {
    std::uint8_t count = 0;
    Instant begun;
    std::map<std::uint8_t, Buffer> pieces;
  };
  Random random = Random{testing::test_seed()}.fork("reassembly", 0);
  Reassembler fragments;
  std::map<std::uint16_t, Whole> groups;
  std::size_t completed = 0;
  std::uint16_t newest = 65'000;  // and past 2^16
  for (int i = 0; i < 60'000; ++i) {
    const Instant now = at(10ms * i);
    if (random.chance(200'000)) ++newest;
    const auto id = static_cast<std::uint16_t>(newest - random.below(4));
    std::erase_if(groups, [&](const auto& entry) { return entry.second.begun + kTwoRoundTrips <= now; });
    const auto known = groups.find(id);
    const auto count =
        known != groups.end() ? known->second.count : static_cast<std::uint8_t>(random.between(2, 6));
    const auto index = static_cast<std::uint8_t>(random.below(count));
    const Buffer bytes(random.between(1, 40), static_cast<std::uint8_t>(i));
    const Outcome outcome = fragments.receive(id, index, count, bytes, kTwoRoundTrips, now);
    if (known == groups.end() && groups.size() == kFragmentGroupsMax) {
      groups.erase(std::min_element(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
        return a.second.begun < b.second.begun;
      }));
    }
    Whole& group = groups[id];
    if (group.pieces.empty()) group = {count, now, {}};
    const bool is_new = group.pieces.emplace(index, bytes).second;
    const bool is_whole = group.pieces.size() == count;
    const Outcome expected = !is_new ? Outcome::duplicate : is_whole ? Outcome::complete : Outcome::held;
    BOOST_REQUIRE((outcome == expected));
    if (!is_new || !is_whole) continue;
    Buffer message;
    for (const auto& piece : group.pieces)
      message.insert(message.end(), piece.second.begin(), piece.second.end());
    BOOST_REQUIRE(
        std::equal(message.begin(), message.end(), fragments.message().begin(), fragments.message().end()));
    groups.erase(id);
    ++completed;
  }
  BOOST_TEST(completed > 1'000u);
}

BOOST_AUTO_TEST_SUITE_END()
