#include "netrig/sim/world/movement.h"

#include <array>
#include <boost/test/unit_test.hpp>

#include "netrig/core/base/random.h"

namespace netrig::sim {
namespace {

using Row = std::array<std::int32_t, column::count>;

// 20 Hz, 6 m/s at most, 2,000 mm/s more and 1,000 mm/s less in a tick; one wall of 10 x 10 m in the middle.
ArenaConfig walled() {
  ArenaConfig config;
  config.walls = std::vector{Wall{{45'000, 45'000}, {55'000, 55'000}}};
  return config;
}

Row at(std::int32_t x, std::int32_t y, Vector velocity = {}) {
  return {x, y, velocity.x, velocity.y, 100'000, 100'000};
}

constexpr ArenaInput kRight{.move_x = 127};
constexpr ArenaInput kUp{.move_y = 127};
constexpr ArenaInput kNothing{};

Row after(int ticks, Row row, const ArenaInput& input, const ArenaConfig& config = walled()) {
  const ArenaMotion motion{config};
  for (int i = 0; i < ticks; ++i) motion.step(row, input);
  return row;
}

BOOST_AUTO_TEST_SUITE(movement)

BOOST_AUTO_TEST_CASE(reaches_full_speed_after_speed_over_acceleration) {
  BOOST_TEST(after(1, at(1'000, 1'000), kRight) == at(1'100, 1'000, {2'000, 0}));
  BOOST_TEST(after(2, at(1'000, 1'000), kRight) == at(1'300, 1'000, {4'000, 0}));
  BOOST_TEST(after(3, at(1'000, 1'000), kRight) == at(1'600, 1'000, {6'000, 0}));
  BOOST_TEST(after(13, at(1'000, 1'000), kRight) == at(4'600, 1'000, {6'000, 0}));
}

BOOST_AUTO_TEST_CASE(friction_stops_after_speed_over_friction) {
  // 5,000 + 4,000 + ... + 1,000 mm/s over 1/20 s each: 750 mm
  BOOST_TEST(after(5, at(1'000, 1'000, {6'000, 0}), kNothing) == at(1'750, 1'000, {1'000, 0}));
  BOOST_TEST(after(6, at(1'000, 1'000, {6'000, 0}), kNothing) == at(1'750, 1'000));
  BOOST_TEST(after(60, at(1'000, 1'000, {6'000, 0}), kNothing) == at(1'750, 1'000));
  BOOST_TEST(after(6, at(1'000, 1'750, {0, -6'000}), kNothing) == at(1'000, 1'000));
}

BOOST_AUTO_TEST_CASE(friction_keeps_the_direction) {
  const Row slower = after(1, at(20'000, 20'000, {3'000, 4'000}), kNothing);
  BOOST_TEST(slower[column::vx] == 2'400);
  BOOST_TEST(slower[column::vy] == 3'200);
}

BOOST_AUTO_TEST_CASE(a_part_of_the_stick_is_a_part_of_the_speed) {
  const Row slow = after(100, at(1'000, 1'000), {.move_x = 0, .move_y = 64});
  BOOST_TEST(slow[column::vx] == 0);
  BOOST_TEST(slow[column::vy] == 64 * 6'000 / 127);
}

BOOST_AUTO_TEST_CASE(diagonals_are_no_faster) {
  const ArenaInput diagonal = *ArenaInput::decode(ArenaInput{.move_x = 127, .move_y = 127}.encode());
  const Row moved = after(10, at(1'000, 1'000), diagonal);
  const std::int64_t vx = moved[column::vx], vy = moved[column::vy];
  BOOST_TEST(vx == vy);
  BOOST_TEST(vx * vx + vy * vy <= 6'000 * 6'000);
  BOOST_TEST(vx * vx + vy * vy >= 5'900 * 5'900);
}

BOOST_AUTO_TEST_CASE(turning_round_takes_time) {
  const Row turned = after(3, at(50'000, 20'000, {-6'000, 0}), kRight);
  BOOST_TEST(turned[column::vx] == 0);
  BOOST_TEST(after(3, turned, kRight)[column::vx] == 6'000);
}

BOOST_AUTO_TEST_CASE(the_edge_of_the_map_stops_a_body) {
  BOOST_TEST(after(40, at(98'000, 1'000), kRight) == at(99'500, 1'000));
  BOOST_TEST(after(1, at(600, 1'000, {-6'000, 0}), kNothing) == at(500, 1'000));
}

BOOST_AUTO_TEST_CASE(a_wall_stops_a_body_at_its_radius) {
  BOOST_TEST(after(40, at(43'000, 50'000), kRight) == at(44'500, 50'000));
  BOOST_TEST(after(40, at(50'000, 43'000), kUp) == at(50'000, 44'500));
  BOOST_TEST(after(1, at(55'700, 50'000, {-6'000, 0}), kNothing) == at(55'500, 50'000));
  BOOST_TEST(after(1, at(50'000, 55'700, {0, -6'000}), kNothing) == at(50'000, 55'500));
}

BOOST_AUTO_TEST_CASE(a_body_slides_along_a_wall) {
  const Row slid = after(20, at(44'500, 47'000), {.move_x = 89, .move_y = 89});
  BOOST_TEST(slid[column::x] == 44'500);
  BOOST_TEST(slid[column::vx] == 0);
  BOOST_TEST(slid[column::y] > 50'000);
  BOOST_TEST(slid[column::vy] > 4'190);  // of 89 x 6,000 / 127 = 4,204
}

BOOST_AUTO_TEST_CASE(a_body_that_touches_a_wall_moves_along_and_away_freely) {
  BOOST_TEST(after(3, at(44'500, 50'000), kUp) == at(44'500, 50'600, {0, 6'000}));
  BOOST_TEST(after(3, at(44'500, 50'000), {.move_x = -127}) == at(43'900, 50'000, {-6'000, 0}));
  BOOST_TEST(after(13, at(43'000, 44'500), kRight) ==
             at(46'600, 44'500, {6'000, 0}));  // along the lower edge
  BOOST_TEST(after(13, at(43'000, 55'500), kRight) == at(46'600, 55'500, {6'000, 0}));  // and the upper one
}

BOOST_AUTO_TEST_CASE(no_speed_carries_a_body_through_a_wall) {
  ArenaConfig config = walled();
  config.speed_max_mm_per_s = kArenaSpeedMmMax;  // 50 m in a tick
  config.acceleration_mm_per_s2 = kArenaSpeedMmMax * 20;
  BOOST_TEST(after(1, at(30'000, 50'000), kRight, config) == at(44'500, 50'000));
  BOOST_TEST(after(1, at(30'000, 20'000), kRight, config) == at(80'000, 20'000, {kArenaSpeedMmMax, 0}));
}

BOOST_AUTO_TEST_CASE(the_dead_and_pickups_stay) {
  Row dead = at(1'000, 1'000);
  dead[column::health] = 0;
  BOOST_TEST(after(3, dead, kRight) == dead);
  Row pickup = at(1'000, 1'000);
  pickup[column::health_max] = 0;
  BOOST_TEST(after(3, pickup, kRight) == pickup);
}

BOOST_AUTO_TEST_CASE(bytes_and_decoded_inputs_move_alike_and_malformed_ones_ask_for_nothing) {
  const ArenaMotion motion{walled()};
  Row by_bytes = at(1'000, 1'000);
  motion.step(by_bytes, kRight.encode());
  BOOST_TEST(by_bytes == after(1, at(1'000, 1'000), kRight));
  Row by_nonsense = at(1'000, 1'000, {3'000, 0});
  motion.step(by_nonsense, Input{std::array<std::uint8_t, 3>{127, 0, 0}});
  BOOST_TEST(by_nonsense == after(1, at(1'000, 1'000, {3'000, 0}), kNothing));
}

BOOST_AUTO_TEST_CASE(any_numbers_are_safe_and_end_on_the_map) {
  const ArenaConfig config = walled();
  const ArenaMotion motion{config};
  Random random{12};
  for (int i = 0; i < 50'000; ++i) {
    Row row;
    for (std::int32_t& value : row) value = static_cast<std::int32_t>(random.bits() >> random.below(32));
    row[column::health] = row[column::health_max] = 1;
    motion.step(row, ArenaInput{.move_x = static_cast<std::int8_t>(random.bits()),
                                .move_y = static_cast<std::int8_t>(random.bits())});
    for (const std::size_t axis : {column::x, column::y})
      BOOST_REQUIRE((row[axis] >= config.radius_mm && row[axis] <= 100'000 - config.radius_mm));
    for (const std::size_t axis : {column::vx, column::vy})
      BOOST_REQUIRE(std::abs(row[axis]) <= config.speed_max_mm_per_s * 128 / 127);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::sim
