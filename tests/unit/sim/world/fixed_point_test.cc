#include "netrig/sim/world/fixed_point.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "netrig/core/base/random.h"

namespace netrig::sim {
namespace {

bool is_floor_sqrt(std::uint64_t root, std::uint64_t value) {
  return root * root <= value && (root == 0xFFFFFFFFu || (root + 1) * (root + 1) > value);
}

BOOST_AUTO_TEST_SUITE(fixed_point)

BOOST_AUTO_TEST_CASE(the_root_is_the_largest_whose_square_fits) {
  for (std::uint64_t value = 0; value < 100'000; ++value)
    BOOST_REQUIRE(is_floor_sqrt(floor_sqrt(value), value));
  for (std::uint64_t root = 1; root <= 0xFFFFFFFF; root = root * 5 / 3 + 1) {
    BOOST_TEST(floor_sqrt(root * root) == root);
    BOOST_TEST(floor_sqrt(root * root - 1) == root - 1);
  }
  BOOST_TEST(floor_sqrt(UINT64_MAX) == 0xFFFFFFFFu);
  Random random{1};
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = random.bits() >> random.below(64);
    BOOST_REQUIRE(is_floor_sqrt(floor_sqrt(value), value));
  }
}

BOOST_AUTO_TEST_CASE(directions_along_the_axes_are_exact) {
  BOOST_TEST((direction(0) == Vector{kDirectionLength, 0}));
  BOOST_TEST((direction(16'384) == Vector{0, kDirectionLength}));
  BOOST_TEST((direction(32'768) == Vector{-kDirectionLength, 0}));
  BOOST_TEST((direction(49'152) == Vector{0, -kDirectionLength}));
}

BOOST_AUTO_TEST_CASE(every_direction_is_the_nearest_pair_of_integers_but_a_tenth) {
  for (std::uint32_t angle = 0; angle < 65'536; ++angle) {
    const double radians = angle * std::numbers::pi / 32'768;
    const Vector pointed = direction(static_cast<Angle>(angle));
    const double off_x = std::abs(pointed.x - kDirectionLength * std::cos(radians));
    const double off_y = std::abs(pointed.y - kDirectionLength * std::sin(radians));
    if (off_x > 0.6 || off_y > 0.6)
      BOOST_FAIL("angle " << angle << " is " << off_x << ", " << off_y << " off");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::sim
