#include "netrig/core/venture/animation.h"

#include <boost/test/unit_test.hpp>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "netrig/tests/unit/core/venture/venture_testing.h"

namespace netrig::venture {
namespace {

using namespace testing;

static_assert(std::forward_iterator<AnimationRange::Iterator>);

constexpr AnimationPacket kPacket{.entity = EntityId{0x0102030405060708},
                                  .state = AnimationState::attack,
                                  .frame = 0x1112,
                                  .timestamp = -2,
                                  .loop = true};
const std::string kPacketHex = "0807060504030201 03 1211 feffffffffffffff 01";

BOOST_AUTO_TEST_SUITE(animation)

BOOST_AUTO_TEST_CASE(a_packet_is_20_bytes) {
  BOOST_TEST(hex(encode(kPacket)) == hex(unhex(kPacketHex)));
  const auto decoded = decode_animation(unhex(kPacketHex));
  BOOST_REQUIRE(decoded.has_value());
  BOOST_TEST((*decoded == kPacket));
}

BOOST_AUTO_TEST_CASE(every_state_has_its_wire_value) {
  const std::vector<AnimationState> states{
      AnimationState::idle,   AnimationState::walk, AnimationState::run,   AnimationState::attack,
      AnimationState::cast,   AnimationState::hit,  AnimationState::death, AnimationState::jump,
      AnimationState::crouch, AnimationState::use};
  BOOST_TEST(states.size() == 10u);
  for (std::size_t wire = 0; wire < states.size(); ++wire) {
    AnimationPacket packet = kPacket;
    packet.state = states[wire];
    const auto bytes = encode(packet);
    BOOST_TEST(bytes[8] == wire);
    BOOST_TEST((decode_animation(bytes)->state == states[wire]));
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_state_decodes_to_idle) {
  for (unsigned wire = 10; wire < 256; ++wire) {
    auto bytes = encode(kPacket);
    bytes[8] = static_cast<std::uint8_t>(wire);
    const auto decoded = decode_animation(bytes);
    BOOST_REQUIRE(decoded.has_value());
    BOOST_TEST((decoded->state == AnimationState::idle));
    BOOST_TEST(decoded->frame == kPacket.frame);
  }
}

BOOST_AUTO_TEST_CASE(only_a_loop_byte_of_one_loops) {
  for (unsigned wire = 0; wire < 256; ++wire) {
    auto bytes = encode(kPacket);
    bytes[19] = static_cast<std::uint8_t>(wire);
    BOOST_TEST(decode_animation(bytes)->loop == (wire == 1));
  }
}

// The original checks at run time that a frame lies in 0-65,535; here its type cannot hold any other.
template <int kFrame>
concept FrameFits = requires {
  std::uint16_t{std::integral_constant<int, kFrame>::value};
};
static_assert(std::same_as<decltype(AnimationPacket::frame), std::uint16_t>);
static_assert(FrameFits<65'535> && !FrameFits<65'536> && !FrameFits<-1>);

BOOST_AUTO_TEST_CASE(frames_and_timestamps_survive_at_their_bounds) {
  for (const std::uint16_t frame : {std::uint16_t{0}, std::numeric_limits<std::uint16_t>::max()}) {
    for (const std::int64_t timestamp :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
      AnimationPacket packet = kPacket;
      packet.frame = frame;
      packet.timestamp = timestamp;
      BOOST_TEST((*decode_animation(encode(packet)) == packet));
    }
  }
}

BOOST_AUTO_TEST_CASE(packets_of_any_other_length_are_refused) {
  for (std::size_t size = 0; size < 20; ++size)
    BOOST_TEST(decode_animation(Buffer(size)).error() == DecodeError::truncated);
  BOOST_TEST(decode_animation(Buffer(21)).error() == DecodeError::trailing_bytes);
}

BOOST_AUTO_TEST_CASE(an_empty_batch_is_10_bytes) {
  const Buffer payload = payload_of(AnimationBatch{.timestamp = 0x0102030405060708, .packets = {}});
  BOOST_TEST(hex(payload) == hex(unhex("0000 0807060504030201")));
  const auto view = decode_animation_batch(payload);
  BOOST_REQUIRE(view.has_value());
  BOOST_TEST(view->timestamp == 0x0102030405060708);
  BOOST_TEST(view->packets.size() == 0u);
  BOOST_TEST((view->packets.begin() == view->packets.end()));
}

BOOST_AUTO_TEST_CASE(a_batch_of_n_is_10_and_20_n_bytes) {
  const std::vector<AnimationPacket> packets{kPacket, {}, kPacket};
  const Buffer payload = payload_of(AnimationBatch{.timestamp = -1, .packets = packets});
  BOOST_TEST(hex(payload) == hex(unhex("0300 ffffffffffffffff" + kPacketHex +
                                       "0000000000000000 00 0000 0000000000000000 00" + kPacketHex)));
  BOOST_TEST(payload.size() == 70u);
  const auto view = decode_animation_batch(payload);
  BOOST_REQUIRE(view.has_value());
  const std::vector<AnimationPacket> decoded(view->packets.begin(), view->packets.end());
  BOOST_TEST((decoded == packets));
}

BOOST_AUTO_TEST_CASE(a_batch_is_refused_unless_its_count_and_its_bytes_agree) {
  const Buffer payload = payload_of(AnimationBatch{.timestamp = 0, .packets = std::vector{kPacket, kPacket}});
  Buffer claims_three = payload;
  claims_three[0] = 3;
  BOOST_TEST(decode_animation_batch(claims_three).error() == DecodeError::truncated);
  Buffer claims_one = payload;
  claims_one[0] = 1;
  BOOST_TEST(decode_animation_batch(claims_one).error() == DecodeError::trailing_bytes);
  BOOST_TEST(decode_animation_batch(unhex("ffff 0000000000000000")).error() == DecodeError::truncated);
  BOOST_TEST(decode_animation_batch(Buffer(9)).error() == DecodeError::truncated);
}

BOOST_AUTO_TEST_CASE(a_batch_of_more_packets_than_its_count_can_state_is_refused) {
  const std::vector<AnimationPacket> packets(65'536, kPacket);
  Buffer out;
  const auto refused = append(AnimationBatch{.timestamp = 0, .packets = packets}, out);
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error() == EncodeError::too_many_packets);
  BOOST_TEST(out.empty());

  const std::span most = std::span{packets}.first(65'535);
  const Buffer payload = payload_of(AnimationBatch{.timestamp = 0, .packets = most});
  BOOST_TEST(decode_animation_batch(payload)->packets.size() == 65'535u);
}

BOOST_AUTO_TEST_CASE(a_batch_fills_the_front_of_a_buffer_that_holds_it) {
  const AnimationBatch batch{.timestamp = 0, .packets = {}};
  Buffer out(11, 0xee);
  BOOST_TEST(encode(batch, out)->size() == 10u);
  BOOST_TEST(hex(out) == "00000000000000000000ee");
  BOOST_TEST(encode(batch, std::span{out}.first(9)).error() == EncodeError::buffer_too_small);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::venture
