#include "netrig/core/world/snapshot.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

namespace netrig {
namespace {

void add(Snapshot& snapshot, std::uint64_t id, std::int32_t first, std::int32_t second) {
  const auto row = snapshot.add(EntityId{id});
  row[0] = first;
  row[1] = second;
}

Snapshot example() {
  Snapshot snapshot{2};
  snapshot.reset(Tick{7});
  add(snapshot, 3, -1, 30);
  add(snapshot, 5, -2, 50);
  add(snapshot, 9, -3, 90);
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

BOOST_AUTO_TEST_CASE(what_stood_there_before_a_reset_does_not_count) {
  Snapshot reused{2};
  reused.reset(Tick{6});
  for (std::uint64_t id = 1; id <= 40; ++id) add(reused, id, 77, 77);
  reused.reset(Tick{7});
  BOOST_TEST(reused.size() == 0u);
  add(reused, 3, -1, 30);
  add(reused, 5, -2, 50);
  add(reused, 9, -3, 90);
  BOOST_TEST((reused == example()));
  BOOST_TEST(reused.digest() == example().digest());
}

BOOST_AUTO_TEST_CASE(rows_added_at_once_are_those_added_one_by_one_and_can_be_dropped) {
  Snapshot at_once{2};
  at_once.reset(Tick{7});
  add(at_once, 3, -1, 30);
  at_once.add_rows(5);
  at_once.drop_rows(5);
  const Snapshot::Rows rows = at_once.add_rows(2);
  rows.ids[0] = EntityId{5};
  rows.ids[1] = EntityId{9};
  const std::int32_t values[] = {-2, 50, -3, 90};
  std::copy(std::begin(values), std::end(values), rows.values.begin());
  BOOST_TEST((at_once == example()));
  BOOST_TEST(at_once.digest() == example().digest());
}

BOOST_AUTO_TEST_CASE(values_stand_in_the_row_they_were_written_to) {
  const Snapshot snapshot = example();
  BOOST_TEST(snapshot.id(2).value == 9u);
  BOOST_TEST(snapshot.row(2)[0] == -3);
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
    const std::int32_t first = base.row(i)[0], second = base.row(i)[1];
    const int last = i == 2 ? 1 : 0;
    add(other_tick, id, first, second);
    add(other_id, id + static_cast<std::uint64_t>(last), first, second);
    add(other_value, id, first, second + last);
    if (last == 0) add(shorter, id, first, second);
    add(swapped, id, second, first);
  }
  std::set<std::uint64_t> digests{base.digest()};
  for (const Snapshot* other : {&other_tick, &other_id, &other_value, &shorter, &swapped})
    digests.insert(other->digest());
  BOOST_TEST(digests.size() == 6u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig
