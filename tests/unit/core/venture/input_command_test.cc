#include "netrig/core/venture/input_command.h"

#include <array>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <string>

#include "netrig/core/venture/components.h"
#include "netrig/tests/unit/core/venture/venture_testing.h"

namespace netrig::venture {
namespace {

using namespace testing;

InputCommand command_of(std::string_view type, Bytes data) {
  return {.player = ClientId{0x0102030405060708},
          .timestamp = 0x1112131415161718,
          .sequence = 0x21222324,
          .type = type,
          .data = data};
}
const std::string kHeaderHex = "0807060504030201 1817161514131211 24232221 ";

void check_refused(Bytes payload, DecodeError error) {
  const auto command = decode_input_command(payload);
  BOOST_REQUIRE(command.has_error());
  BOOST_TEST(command.error() == error);
}

EncodeError refusal_of(const InputCommand& command) {
  Buffer out;
  const auto written = append(command, out);
  BOOST_REQUIRE(written.has_error());
  BOOST_TEST(out.empty());
  return written.error();
}

BOOST_AUTO_TEST_SUITE(input_command)

BOOST_AUTO_TEST_CASE(a_move_is_32_bytes_and_36_framed) {
  const auto direction = encode(InputDirection{.dx = 1, .dy = -1});
  const InputCommand command = command_of(kInputMove, direction);
  BOOST_TEST(hex(payload_of(command)) == hex(unhex(kHeaderHex + "0400 6d6f7665 02000000 01ff")));
  BOOST_TEST(*encoded_size(command) == 32u);
  Buffer framed;
  BOOST_TEST(append_framed(command, framed)->size() == 36u);
  BOOST_TEST(hex(framed) == hex(unhex("20000000" + kHeaderHex + "0400 6d6f7665 02000000 01ff")));
}

BOOST_AUTO_TEST_CASE(a_move_with_five_bytes_is_35_bytes_and_39_framed) {
  const Buffer data(5);
  BOOST_TEST(payload_of(command_of(kInputMove, data)).size() == 35u);
  Buffer framed;
  BOOST_TEST(append_framed(command_of(kInputMove, data), framed)->size() == 39u);
}

BOOST_AUTO_TEST_CASE(every_type_in_use_survives) {
  const Buffer data{1, 2, 3};
  for (const std::string_view type :
       {kInputMove, kInputAttack, kInputUseItem, kInputInteract, kInputJump, kInputCrouch, kInputInventory}) {
    const Buffer payload = payload_of(command_of(type, data));
    const auto command = decode_input_command(payload);
    BOOST_REQUIRE(command.has_value());
    BOOST_TEST(command->player.value == 0x0102030405060708u);
    BOOST_TEST(command->timestamp == 0x1112131415161718u);
    BOOST_TEST(command->sequence == 0x21222324u);
    BOOST_TEST(command->type == type);
    BOOST_TEST(hex(command->data) == "010203");
  }
}

BOOST_AUTO_TEST_CASE(empty_types_and_empty_data_are_legal) {
  const Buffer payload = payload_of(command_of("", {}));
  BOOST_TEST(hex(payload) == hex(unhex(kHeaderHex + "0000 00000000")));
  const auto command = decode_input_command(payload);
  BOOST_REQUIRE(command.has_value());
  BOOST_TEST(command->type.empty());
  BOOST_TEST(command->data.empty());
}

BOOST_AUTO_TEST_CASE(long_types_pass_up_to_what_their_length_can_state) {
  const std::string longest(65'535, 't');
  BOOST_TEST(decode_input_command(payload_of(command_of(longest, {}))).has_value());
  BOOST_TEST(refusal_of(command_of(longest + "t", {})) == EncodeError::type_too_long);
}

BOOST_AUTO_TEST_CASE(data_that_its_length_or_a_frame_cannot_state_is_refused) {
  constexpr std::size_t kU32Max = std::numeric_limits<std::uint32_t>::max();
  const std::uint8_t byte = 0;  // measured, never read
  BOOST_TEST(refusal_of(command_of("x", {&byte, kU32Max + 1})) == EncodeError::data_too_long);
  BOOST_TEST(refusal_of(command_of("x", {&byte, kU32Max})) == EncodeError::payload_too_long);
  BOOST_TEST(*encoded_size(command_of("", {&byte, kU32Max - 26})) == kU32Max);
}

BOOST_AUTO_TEST_CASE(a_buffer_one_byte_too_small_is_refused_and_left_alone) {
  Buffer out(25, 0xee);
  const auto written = encode(command_of("", {}), out);
  BOOST_REQUIRE(written.has_error());
  BOOST_TEST(written.error() == EncodeError::buffer_too_small);
  BOOST_TEST(hex(out) == hex(Buffer(25, 0xee)));
}

BOOST_AUTO_TEST_CASE(empty_short_and_lying_payloads_are_refused) {
  check_refused({}, DecodeError::truncated);
  check_refused(Buffer(10), DecodeError::truncated);
  check_refused(Buffer(25), DecodeError::truncated);
  check_refused(unhex(kHeaderHex + "0100 00000000"), DecodeError::truncated);  // type: 1 of 0
  check_refused(unhex(kHeaderHex + "ffff 00000000"), DecodeError::truncated);  // type: 65,535 of 0
  check_refused(unhex(kHeaderHex + "0000 01000000"), DecodeError::truncated);  // data: 1 of 0
  check_refused(unhex(kHeaderHex + "0000 00000000 00"), DecodeError::trailing_bytes);
}

BOOST_AUTO_TEST_CASE(sequences_keep_their_order_up_to_the_largest) {
  std::uint32_t last = 0;
  for (const std::uint32_t sequence : {1u, 2u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
    InputCommand command = command_of(kInputJump, {});
    command.sequence = sequence;
    const std::uint32_t decoded = decode_input_command(payload_of(command))->sequence;
    BOOST_TEST(decoded > last);
    last = decoded;
  }
  BOOST_TEST(last == 0xffffffffu);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::venture
