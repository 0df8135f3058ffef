#include "netrig/sim/world/arena_input.h"

#include <boost/test/unit_test.hpp>
#include <vector>

namespace netrig::sim {
namespace {

using Data = std::vector<std::uint8_t>;

Data bytes_of(const ArenaInput& input) {
  const Input encoded = input.encode();
  return {encoded.bytes().begin(), encoded.bytes().end()};
}

BOOST_AUTO_TEST_SUITE(arena_input)

BOOST_AUTO_TEST_CASE(encodes_to_literal_bytes) {
  BOOST_TEST(bytes_of({.move_x = 3, .move_y = -2, .aim = 0x1234, .fire = true}) ==
             (Data{3, 0xFE, 0x34, 0x12, 1}));
  BOOST_TEST(bytes_of({}) == Data(5));
}

BOOST_AUTO_TEST_CASE(every_move_is_encoded_at_full_length_at_most) {
  for (int x = -128; x <= 127; ++x) {
    for (int y = -128; y <= 127; ++y) {
      const ArenaInput input{.move_x = static_cast<std::int8_t>(x), .move_y = static_cast<std::int8_t>(y)};
      const auto back = ArenaInput::decode(input.encode());
      BOOST_REQUIRE(back.has_value());
      const bool is_short = x * x + y * y <= 127 * 127;
      if (is_short) BOOST_REQUIRE((*back == input));
      if (is_short) continue;
      const int squared = back->move_x * back->move_x + back->move_y * back->move_y;
      BOOST_REQUIRE(squared <= 127 * 127);
      BOOST_REQUIRE(squared >= 124 * 124);                                      // shortened, not cut
      BOOST_REQUIRE(std::abs(back->move_x * y - back->move_y * x) <= 2 * 128);  // and still that way
    }
  }
  BOOST_TEST((bytes_of({.move_x = 127, .move_y = 127}) == Data{89, 89, 0, 0, 0}));
  BOOST_TEST((bytes_of({.move_x = -128, .move_y = 0}) == Data{0x81, 0, 0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(malformed_bytes_are_refused) {
  const Data sound{1, 2, 3, 4, 1};
  BOOST_TEST(ArenaInput::decode(Input{sound}).has_value());
  for (std::size_t size = 0; size < sound.size(); ++size)
    BOOST_TEST(!ArenaInput::decode(Input{Bytes{sound}.first(size)}).has_value());
  for (const Data& wrong : {Data{1, 2, 3, 4, 1, 0}, Data{1, 2, 3, 4, 2}, Data{1, 2, 3, 4, 0x81},
                            Data{127, 1, 0, 0, 0}, Data{0x80, 0, 0, 0, 0}, Data{127, 127, 0, 0, 0}})
    BOOST_TEST(!ArenaInput::decode(Input{wrong}).has_value());
}

BOOST_AUTO_TEST_CASE(moving_along_a_heading_is_full_speed_that_way) {
  for (std::uint32_t heading = 0; heading < 65'536; ++heading) {
    const ArenaInput input = move_along(static_cast<Angle>(heading));
    const int squared = input.move_x * input.move_x + input.move_y * input.move_y;
    BOOST_REQUIRE(squared <= 127 * 127);
    BOOST_REQUIRE(squared >= 125 * 125);
    BOOST_REQUIRE((ArenaInput::decode(input.encode()) == input));
  }
  BOOST_TEST((move_along(49'152) == ArenaInput{.move_x = 0, .move_y = -127, .aim = 49'152}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::sim
