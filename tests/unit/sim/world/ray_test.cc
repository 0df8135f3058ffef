#include "netrig/sim/world/ray.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/base/random.h"
#include "netrig/sim/world/aim.h"

namespace netrig::sim {
namespace {

constexpr Vector kOrigin{10'000, 10'000};
constexpr std::int32_t kRange = 5'000;
constexpr std::int32_t kRadius = 500;
constexpr Angle kRight = 0, kUp = 16'384, kLeft = 32'768;

std::optional<Ray::Reach> reach(Angle aim, Vector middle) {
  return Ray(kOrigin, aim, kRange).reach_circle({kOrigin.x + middle.x, kOrigin.y + middle.y}, kRadius);
}

std::optional<Ray::Reach> reach(Angle aim, const Wall& wall) {
  return Ray(kOrigin, aim, kRange)
      .reach_wall({.min = {kOrigin.x + wall.min.x, kOrigin.y + wall.min.y},
                   .max = {kOrigin.x + wall.max.x, kOrigin.y + wall.max.y}});
}

constexpr Ray::Reach mm(std::int64_t distance) {
  return distance * kDirectionLength;
}

BOOST_AUTO_TEST_SUITE(ray)

BOOST_AUTO_TEST_CASE(a_circle_is_reached_at_its_near_side) {
  BOOST_TEST((reach(kRight, Vector{3'000, 0}) == mm(2'500)));
  BOOST_TEST((reach(kUp, Vector{0, 3'000}) == mm(2'500)));
  BOOST_TEST((reach(kRight, Vector{3'000, 300}) == mm(2'600)));  // a 3-4-5 triangle
  BOOST_TEST(!reach(kLeft, Vector{3'000, 0}).has_value());
  BOOST_TEST(!reach(kUp, Vector{3'000, 0}).has_value());
}

BOOST_AUTO_TEST_CASE(the_radius_is_inclusive) {
  BOOST_TEST((reach(kRight, Vector{3'000, 500}) == mm(3'000)));
  BOOST_TEST((reach(kRight, Vector{3'000, -500}) == mm(3'000)));
  BOOST_TEST(!reach(kRight, Vector{3'000, 501}).has_value());
  BOOST_TEST(!reach(kRight, Vector{3'000, -501}).has_value());
}

BOOST_AUTO_TEST_CASE(the_range_is_inclusive_and_ends_at_the_near_side) {
  BOOST_TEST((reach(kRight, Vector{5'500, 0}) == mm(5'000)));
  BOOST_TEST(!reach(kRight, Vector{5'501, 0}).has_value());
}

BOOST_AUTO_TEST_CASE(a_ray_that_begins_inside_reaches_at_once) {
  BOOST_TEST((reach(kRight, Vector{0, 0}) == mm(0)));
  BOOST_TEST((reach(kRight, Vector{-500, 0}) == mm(0)));
  BOOST_TEST(!reach(kRight, Vector{-501, 0}).has_value());
}

BOOST_AUTO_TEST_CASE(turning_the_scene_changes_no_answer) {
  Random random{9};
  for (int i = 0; i < 20'000; ++i) {
    const auto aim = static_cast<Angle>(random.bits());
    const Vector middle{static_cast<std::int32_t>(random.between(-6'000, 6'000)),
                        static_cast<std::int32_t>(random.between(-6'000, 6'000))};
    const auto straight = reach(aim, middle);
    BOOST_REQUIRE((straight == reach(static_cast<Angle>(aim + 16'384), Vector{-middle.y, middle.x})));
    BOOST_REQUIRE((straight == reach(static_cast<Angle>(0u - aim), Vector{middle.x, -middle.y})));
  }
}

BOOST_AUTO_TEST_CASE(a_wall_is_reached_at_its_near_edge) {
  BOOST_TEST((reach(kRight, Wall{{2'000, -1}, {3'000, 1}}) == mm(2'000)));
  BOOST_TEST((reach(kLeft, Wall{{-3'000, -1}, {-2'000, 1}}) == mm(2'000)));
  BOOST_TEST((reach(kUp, Wall{{-1, 2'000}, {1, 9'000}}) == mm(2'000)));
  BOOST_TEST(!reach(kLeft, Wall{{2'000, -1}, {3'000, 1}}).has_value());
  BOOST_TEST(!reach(kRight, Wall{{2'000, 1}, {3'000, 9}}).has_value());
  BOOST_TEST(!reach(kRight, Wall{{5'000, -1}, {6'000, 1}}).has_value());
  BOOST_TEST(reach(kRight, Wall{{4'999, -1}, {6'000, 1}}).has_value());
}

BOOST_AUTO_TEST_CASE(grazing_a_wall_is_no_hit) {
  BOOST_TEST(!reach(kRight, Wall{{2'000, 0}, {3'000, 9}}).has_value());  // along its edge
  BOOST_TEST(!reach(kRight, Wall{{2'000, -9}, {3'000, 0}}).has_value());
  BOOST_TEST(!reach(Angle{8'192}, Wall{{1'000, 0}, {2'000, 1'000}}).has_value());  // over its corner
  BOOST_TEST(reach(Angle{8'192}, Wall{{999, 0}, {2'000, 1'001}}).has_value());
}

BOOST_AUTO_TEST_CASE(slanted_rays_meet_walls_where_they_cross_them) {
  // 3-4-5 again: the edge at 3,000 is crossed at height 4,000, 5,000 along a ray that just does not end
  // there.
  const Ray ray{kOrigin, aim_at(3, 4), 5'100};
  const auto hit = ray.reach_wall({{13'000, 13'900}, {14'000, 14'100}});
  BOOST_REQUIRE(hit.has_value());
  BOOST_TEST(std::abs(*hit - mm(5'000)) < mm(1));
  BOOST_TEST(!ray.reach_wall({{13'000, 14'100}, {14'000, 15'000}}).has_value());
}

BOOST_AUTO_TEST_CASE(the_largest_numbers_do_not_overflow) {
  const Ray ray{{0, 0}, 8'192, kArenaRangeMmMax};
  BOOST_TEST(ray.reach_circle({70'000, 70'000}, kArenaRadiusMmMax).has_value());
  BOOST_TEST(!ray.reach_circle({kArenaSideMmMax, kArenaSideMmMax}, kArenaRadiusMmMax).has_value());
  BOOST_TEST(!ray.reach_circle({110'000, -110'000}, 1).has_value());
  const Vector far{kArenaSideMmMax - 1, kArenaSideMmMax - 1};
  BOOST_TEST(!ray.reach_wall({far, {kArenaSideMmMax, kArenaSideMmMax}}).has_value());
  BOOST_TEST(ray.reach_wall({{1, 1}, far}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::sim
