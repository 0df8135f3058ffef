#include "netrig/sim/world/arena_v1.h"

#include <array>
#include <boost/test/unit_test.hpp>

#include "netrig/sim/world/aim.h"
#include "netrig/sim/world/arena_input.h"

namespace netrig::sim {
namespace {

std::optional<ArenaInput> read(std::string_view type, std::initializer_list<std::uint8_t> data,
                               const ArenaInput& before = {}) {
  const auto input = ArenaV1Inputs{}.input_of(type, {data.begin(), data.size()}, before.encode());
  return input ? ArenaInput::decode(*input) : std::nullopt;
}

BOOST_AUTO_TEST_SUITE(arena_v1)

BOOST_AUTO_TEST_CASE(a_move_is_two_signed_bytes) {
  const V1Command command = ArenaV1Inputs{}.command_of(ArenaInput{.move_x = -100, .move_y = 3}.encode());
  BOOST_TEST(command.type == "move");
  BOOST_REQUIRE(command.data.bytes().size() == 2u);
  BOOST_TEST(command.data.bytes()[0] == 0x9c);
  BOOST_TEST(command.data.bytes()[1] == 3);
}

BOOST_AUTO_TEST_CASE(a_move_comes_back_as_it_was_and_looks_where_it_goes) {
  const auto input = read("move", {0x9c, 3});
  BOOST_REQUIRE(input.has_value());
  BOOST_TEST(input->move_x == -100);
  BOOST_TEST(input->move_y == 3);
  BOOST_TEST(input->aim == aim_at(-100, 3));
  BOOST_TEST(!input->fire);
}

BOOST_AUTO_TEST_CASE(who_stops_looks_where_it_did) {
  BOOST_TEST((read("move", {0, 0}, {.move_x = 9, .aim = 777}) == ArenaInput{.aim = 777}));
}

BOOST_AUTO_TEST_CASE(a_shot_is_an_attack_on_nobody_by_name_and_goes_on_as_before) {
  const V1Command command =
      ArenaV1Inputs{}.command_of(ArenaInput{.move_x = 5, .aim = 9, .fire = true}.encode());
  BOOST_TEST(command.type == "attack");
  BOOST_TEST(command.data.bytes().size() == 8u);
  const ArenaInput before{.move_x = 5, .move_y = 6, .aim = 9};
  ArenaInput expected = before;
  expected.fire = true;
  BOOST_TEST((read("attack", {0, 0, 0, 0, 0, 0, 0, 0}, before) == expected));
}

BOOST_AUTO_TEST_CASE(full_diagonals_are_shortened_and_not_refused) {
  const auto input = read("move", {127, 127});
  BOOST_REQUIRE(input.has_value());
  BOOST_TEST(input->move_x == input->move_y);
  BOOST_TEST(2 * input->move_x * input->move_x <= 127 * 127);
}

BOOST_AUTO_TEST_CASE(other_types_and_lengths_are_no_input) {
  BOOST_TEST(!read("move", {1}).has_value());
  BOOST_TEST(!read("move", {1, 2, 3}).has_value());
  BOOST_TEST(!read("attack", {}).has_value());
  BOOST_TEST(!read("interact", {}).has_value());
  BOOST_TEST(!read("", {1, 2}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::sim
