#include "netrig/loadgen/run/stranger.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/venture/state_update.h"

namespace netrig::loadgen {
namespace {

std::string of(std::string_view first, Dialect expected = Dialect::venture) {
  return describe_stranger(bytes_of(first), expected);
}

std::vector<std::uint8_t> update() {
  std::vector<std::uint8_t> bytes;
  BOOST_REQUIRE(venture::append_framed(venture::StateUpdate{}, bytes).has_value());
  return bytes;
}

std::vector<std::uint8_t> refusal() {
  std::vector<std::uint8_t> bytes;
  PacketBreakdown breakdown;
  FrameWriter writer{bytes, breakdown};
  writer.write(Refuse{RefuseReason::malformed, 1, 1});
  writer.finish();
  return bytes;
}

BOOST_AUTO_TEST_SUITE(stranger)

BOOST_AUTO_TEST_CASE(the_two_dialects_know_each_other) {
  BOOST_TEST(describe_stranger(update(), Dialect::netrig) ==
             "the server speaks the venture protocol: add --dialect venture");
  BOOST_TEST(describe_stranger(refusal(), Dialect::venture) ==
             "the server speaks netrig's own protocol: leave --dialect venture out");
  BOOST_TEST(describe_stranger(update(), Dialect::venture).empty());
  BOOST_TEST(describe_stranger(refusal(), Dialect::netrig).empty());
}

BOOST_AUTO_TEST_CASE(others_are_told_by_their_first_words) {
  BOOST_TEST(of("HTTP/1.0 400 Bad\r\n") == "the server answers in HTTP, not the venture protocol");
  BOOST_TEST(of("HTTP/1.0 400", Dialect::netrig) == "the server answers in HTTP, not netrig's own protocol");
  BOOST_TEST(of("220 mail ready\r\n\xFF") == "the server says \"220 mail ready\", not the venture protocol");
  BOOST_TEST(of("\x16\x03\x01\x02").starts_with("the server answers in TLS"));
}

BOOST_AUTO_TEST_CASE(whatever_else_is_shown_in_hex_and_in_part) {
  BOOST_TEST(of("\x01\x02\xFF") ==
             "the server does not speak the venture protocol: its first bytes are 01 02 ff");
  const std::string many(4'096, '\x7F');
  BOOST_TEST(of(many).size() < 140u);
  const std::string line(4'096, 'a');
  BOOST_TEST(of(line).size() < 140u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
