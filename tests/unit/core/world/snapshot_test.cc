#include "netrig/core/world/snapshot.h"

#include <boost/test/unit_test.hpp>
#include <set>

namespace netrig {
namespace {

Snapshot example() {
  Snapshot snapshot{2};
  snapshot.reset(Tick{7});
  for (const std::uint64_t id : {3u, 5u, 9u})
    snapshot.add(EntityId{id})[1] = static_cast<std::int32_t>(id) * 10;
  return snapshot;
}

BOOST_AUTO_TEST_SUITE(snapshot)

BOOST_AUTO_TEST_CASE(rows_are_found_by_id) {
  const Snapshot snapshot = example();
  BOOST_TEST(snapshot.find(EntityId{3}) == 0u);
  BOOST_TEST(snapshot.find(EntityId{5}) == 1u);
  BOOST_TEST(snapshot.find(EntityId{9}) == 2u);
  for (const std::uint64_t missing : {0u, 1u, 4u, 10u})
    BOOST_TEST(snapshot.find(EntityId{missing}) == snapshot.size());
  BOOST_TEST(Snapshot{2}.find(EntityId{1}) == 0u);
}

BOOST_AUTO_TEST_CASE(a_new_row_is_zeros_after_a_reset_too) {
  Snapshot snapshot = example();
  snapshot.reset(Tick{8});
  BOOST_TEST(snapshot.size() == 0u);
  const auto row = snapshot.add(EntityId{1});
  BOOST_REQUIRE_EQUAL(row.size(), 2u);
  BOOST_TEST((row[0] == 0 && row[1] == 0));
  BOOST_TEST(snapshot.tick().value == 8u);
}

BOOST_AUTO_TEST_CASE(values_stand_in_the_row_they_were_written_to) {
  const Snapshot snapshot = example();
  BOOST_TEST(snapshot.id(2).value == 9u);
  BOOST_TEST(snapshot.row(2)[0] == 0);
  BOOST_TEST(snapshot.row(2)[1] == 90);
}

BOOST_AUTO_TEST_CASE(equal_snapshots_have_equal_digests) {
  BOOST_TEST((example() == example()));
  BOOST_TEST(example().digest() == example().digest());
}

BOOST_AUTO_TEST_CASE(tick_ids_and_values_all_count_in_the_digest) {
  const Snapshot base = example();
  Snapshot other_tick{2}, other_id{2}, other_value{2}, shorter{2}, swapped{2};
  other_tick.reset(Tick{8});
  for (Snapshot* same_tick : {&other_id, &other_value, &shorter, &swapped}) same_tick->reset(Tick{7});
  for (std::size_t i = 0; i < base.size(); ++i) {
    const std::uint64_t id = base.id(i).value;
    const std::int32_t value = base.row(i)[1];
    other_tick.add(EntityId{id})[1] = value;
    other_id.add(EntityId{i == 2 ? id + 1 : id})[1] = value;
    other_value.add(EntityId{id})[1] = i == 2 ? value + 1 : value;
    if (i < 2) shorter.add(EntityId{id})[1] = value;
    swapped.add(EntityId{id})[0] = value;
  }
  std::set<std::uint64_t> digests{base.digest()};
  for (const Snapshot* other : {&other_tick, &other_id, &other_value, &shorter, &swapped})
    digests.insert(other->digest());
  BOOST_TEST(digests.size() == 6u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig
