#include "netrig/sim/world/aim.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/base/random.h"
#include "netrig/sim/world/ray.h"
#include "netrig/tests/unit/sim/world/game.h"

namespace netrig::sim {
namespace {

BOOST_AUTO_TEST_SUITE(aim)

BOOST_AUTO_TEST_CASE(axes_and_diagonals_are_exact) {
  BOOST_TEST(aim_at(0, 0) == 0);
  BOOST_TEST(aim_at(1, 0) == 0);
  BOOST_TEST(aim_at(5, 5) == 8192);
  BOOST_TEST(aim_at(0, 9) == 16'384);
  BOOST_TEST(aim_at(-7, 7) == 24'576);
  BOOST_TEST(aim_at(-7, 0) == 32'768);
  BOOST_TEST(aim_at(-1, -1) == 40'960);
  BOOST_TEST(aim_at(0, -1) == 49'152);
  BOOST_TEST(aim_at(3, -3) == 57'344);
  BOOST_TEST(aim_at(INT32_MIN, INT32_MIN) == 40'960);
  BOOST_TEST(aim_at(INT32_MAX, 1) == 0);
}

BOOST_AUTO_TEST_CASE(finds_every_direction_again) {
  for (std::uint32_t angle = 0; angle < 65'536; ++angle) {
    const Vector pointed = direction(static_cast<Angle>(angle));
    const auto off = static_cast<std::int16_t>(aim_at(pointed.x, pointed.y) - angle);
    if (off < -1 || off > 1) BOOST_FAIL("angle " << angle << " comes back " << off << " off");
  }
}

BOOST_AUTO_TEST_CASE(an_aimed_shot_passes_within_eight_millimetres_at_fifty_metres) {
  Random random{3};
  for (int i = 0; i < 10'000; ++i) {
    const Vector target{static_cast<std::int32_t>(random.between(-35'000, 35'000)),
                        static_cast<std::int32_t>(random.between(-35'000, 35'000))};
    BOOST_REQUIRE(Ray({}, aim_at(target.x, target.y), 50'000).reach_circle(target, 8).has_value());
  }
}

BOOST_AUTO_TEST_CASE(the_nearest_living_other_is_aimed_at) {
  Snapshot snapshot{column::count};
  show(snapshot, EntityId{1}, {100, 101}, 50, 0);   // a pickup
  show(snapshot, EntityId{2}, {101, 100}, 0, 100);  // dead
  show(snapshot, EntityId{3}, {100, 100}, 100, 100);
  BOOST_TEST(!aim_at_nearest(snapshot, EntityId{3}).has_value());
  show(snapshot, EntityId{4}, {100, 9000}, 1, 100);
  show(snapshot, EntityId{5}, {-300, 100}, 1, 100);
  BOOST_TEST((aim_at_nearest(snapshot, EntityId{3}) == Angle{32'768}));
  BOOST_TEST(!aim_at_nearest(snapshot, EntityId{9}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::sim
