#include "netrig/core/venture/state_update.h"

#include <array>
#include <boost/test/unit_test.hpp>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "netrig/core/base/frame.h"
#include "netrig/core/venture/components.h"
#include "netrig/tests/unit/core/venture/venture_testing.h"

namespace netrig::venture {
namespace {

using namespace testing;

static_assert(std::forward_iterator<ComponentRange::Iterator>);

constexpr StateUpdateHeader kHeader{.timestamp = 0x1112131415161718,
                                    .entity = EntityId{0x2122232425262728},
                                    .priority = kPriorityCombat,
                                    .sequence = 0x31323334};
const std::string kHeaderHex = "1817161514131211 2827262524232221 c8 34333231 ";

Buffer encoded(const std::vector<OwnedComponent>& components) {
  return payload_of(StateUpdate{kHeader, views_of(components)});
}

void check_refused(Bytes payload, DecodeError error) {
  const auto view = decode_state_update(payload);
  BOOST_REQUIRE(view.has_error());
  BOOST_TEST(view.error() == error);
}

// A view that claims `size` bytes; whoever measures it does not read them.
Bytes claiming(std::size_t size) {
  static const std::uint8_t byte = 0;
  return {&byte, size};
}

BOOST_AUTO_TEST_SUITE(state_update)

BOOST_AUTO_TEST_CASE(an_update_without_components_is_the_23_fixed_bytes) {
  const Buffer payload = encoded({});
  BOOST_TEST(hex(payload) == hex(unhex(kHeaderHex + "0000")));
  const auto view = decode_state_update(payload);
  BOOST_REQUIRE(view.has_value());
  BOOST_TEST((view->header == kHeader));
  BOOST_TEST(view->components.empty());
  BOOST_TEST((view->components.begin() == view->components.end()));
}

BOOST_AUTO_TEST_CASE(components_stand_in_order_with_their_lengths) {
  const Buffer payload = encoded({{"hp", {1, 2, 3}}, {"a", {}}});
  BOOST_TEST(hex(payload) == hex(unhex(kHeaderHex + "0200  0200 6870 03000000 010203  0100 61 00000000")));
  const auto view = decode_state_update(payload);
  BOOST_REQUIRE(view.has_value());
  const std::vector<Component> components(view->components.begin(), view->components.end());
  BOOST_REQUIRE_EQUAL(components.size(), 2u);
  BOOST_TEST(components[0].type == "hp");
  BOOST_TEST(hex(components[0].data) == "010203");
  BOOST_TEST(components[1].type == "a");
  BOOST_TEST(components[1].data.empty());
}

BOOST_AUTO_TEST_CASE(decoded_components_point_into_the_payload) {
  const Buffer payload = encoded({{"hp", {1, 2, 3}}});
  const Component component = *decode_state_update(payload)->components.begin();
  BOOST_TEST(bytes_of(component.type).data() == payload.data() + 25);
  BOOST_TEST(component.data.data() == payload.data() + 31);
}

BOOST_AUTO_TEST_CASE(types_and_data_of_every_short_length_keep_their_bytes) {
  Random random(1);
  for (std::size_t size = 0; size < 40; ++size) {
    const Buffer bytes = random_bytes(random, size);
    const Buffer payload = encoded({{std::string(text_of(bytes)), bytes}});
    const auto view = decode_state_update(payload);
    BOOST_REQUIRE(view.has_value());
    BOOST_TEST((*view->components.begin()).type == text_of(bytes));
    BOOST_TEST(hex((*view->components.begin()).data) == hex(bytes));
  }
}

BOOST_AUTO_TEST_CASE(the_reports_three_component_update_is_77_bytes_and_81_framed) {
  const std::vector<OwnedComponent> owned{
      {"position", Buffer(8)}, {"velocity", Buffer(4)}, {"health", Buffer(2)}};
  const std::vector<Component> components = views_of(owned);
  BOOST_TEST(encoded(owned).size() == 77u);
  Buffer framed;
  BOOST_TEST(append_framed(StateUpdate{kHeader, components}, framed)->size() == 81u);
  BOOST_TEST(framed.size() == 81u);
}

BOOST_AUTO_TEST_CASE(the_real_three_component_update_is_111_bytes_and_115_framed) {
  const auto position = encode(Position{1, 2});
  const auto velocity = encode(Velocity{3, 4});
  const auto health = encode(Health{80, 100});
  const std::array<Component, 3> components{
      {{Position::kType, position}, {Velocity::kType, velocity}, {Health::kType, health}}};
  const StateUpdate update{kHeader, components};
  BOOST_TEST(payload_of(update).size() == 111u);
  BOOST_TEST(*encoded_size(update) == 111u);
  Buffer framed;
  BOOST_TEST(append_framed(update, framed)->size() == 115u);
  // 32 entities at 20 Hz, as the original sends them: 73,600 B/s for each client.
  BOOST_TEST(framed.size() * 32 * 20 == 73'600u);
}

BOOST_AUTO_TEST_CASE(a_frame_is_the_length_and_the_payload) {
  Buffer framed;
  BOOST_REQUIRE(append_framed(StateUpdate{.header = kHeader, .components = {}}, framed).has_value());
  BOOST_TEST(hex(framed) == hex(unhex("17000000" + kHeaderHex + "0000")));
}

BOOST_AUTO_TEST_CASE(append_keeps_what_stands_before_and_returns_what_it_added) {
  Buffer out{0xaa, 0xbb};
  const auto appended = append(StateUpdate{.header = kHeader, .components = {}}, out);
  BOOST_REQUIRE(appended.has_value());
  BOOST_TEST(hex(out) == hex(unhex("aabb" + kHeaderHex + "0000")));
  BOOST_TEST(appended->data() == out.data() + 2);
  BOOST_TEST(appended->size() == 23u);
}

BOOST_AUTO_TEST_CASE(encode_fills_the_front_of_a_buffer_and_leaves_the_rest) {
  Buffer out(30, 0xee);
  const auto written = encode(StateUpdate{.header = kHeader, .components = {}}, out);
  BOOST_REQUIRE(written.has_value());
  BOOST_TEST(written->size() == 23u);
  BOOST_TEST(hex(out) == hex(unhex(kHeaderHex + "0000 eeeeeeeeeeeeee")));
}

BOOST_AUTO_TEST_CASE(a_buffer_one_byte_too_small_is_refused_and_left_alone) {
  Buffer out(22, 0xee);
  const auto written = encode(StateUpdate{.header = kHeader, .components = {}}, out);
  BOOST_REQUIRE(written.has_error());
  BOOST_TEST(written.error() == EncodeError::buffer_too_small);
  BOOST_TEST(hex(out) == hex(Buffer(22, 0xee)));
}

BOOST_AUTO_TEST_CASE(empty_short_and_truncated_headers_are_refused) {
  check_refused({}, DecodeError::truncated);
  check_refused(Buffer(1), DecodeError::truncated);
  check_refused(Buffer(22), DecodeError::truncated);
}

BOOST_AUTO_TEST_CASE(a_length_that_claims_one_byte_too_many_is_refused) {
  check_refused(unhex(kHeaderHex + "0100 0100 00000000"), DecodeError::truncated);  // type: 1 of 0
  check_refused(unhex(kHeaderHex + "0100 0000 01000000"), DecodeError::truncated);  // data: 1 of 0
  check_refused(unhex(kHeaderHex + "0100 ffff 00000000"), DecodeError::truncated);  // type: 65,535 of 0
  check_refused(unhex(kHeaderHex + "0100 0000 ffffffff"), DecodeError::truncated);  // data: 4 GiB of 0
  check_refused(unhex(kHeaderHex + "0200 0000 00000000"), DecodeError::truncated);  // components: 2 of 1
  check_refused(unhex(kHeaderHex + "0200 0000 06000000 000000000000"), DecodeError::truncated);
  check_refused(unhex(kHeaderHex + "0000 00"), DecodeError::trailing_bytes);
  check_refused(unhex(kHeaderHex + "0000 0000 00000000"), DecodeError::trailing_bytes);  // one uncounted
}

BOOST_AUTO_TEST_CASE(the_longest_type_and_the_most_components_pass) {
  const std::string longest(65'535, 't');
  const Buffer one = encoded({{longest, {7}}});
  BOOST_TEST(one.size() == 23u + 6u + 65'535u + 1u);
  BOOST_TEST((*decode_state_update(one)->components.begin()).type == longest);

  const std::vector<Component> most(65'535);
  const Buffer many = payload_of(StateUpdate{kHeader, most});
  BOOST_TEST(many.size() == 23u + 6u * 65'535u);
  const auto view = decode_state_update(many);
  BOOST_REQUIRE(view.has_value());
  BOOST_TEST(std::distance(view->components.begin(), view->components.end()) == 65'535);
}

BOOST_AUTO_TEST_CASE(what_the_format_cannot_express_is_refused) {
  constexpr std::size_t kU32Max = std::numeric_limits<std::uint32_t>::max();
  const auto refusal_of = [](std::vector<Component> components) {
    Buffer out;
    const auto written = append(StateUpdate{kHeader, components}, out);
    BOOST_REQUIRE(written.has_error());
    BOOST_TEST(out.empty());
    return written.error();
  };
  const std::string too_long(65'536, 't');
  BOOST_TEST(refusal_of(std::vector<Component>(65'536)) == EncodeError::too_many_components);
  BOOST_TEST(refusal_of({{}, {too_long, {}}}) == EncodeError::type_too_long);
  BOOST_TEST(refusal_of({{"x", claiming(kU32Max + 1)}, {}}) == EncodeError::data_too_long);
  BOOST_TEST(refusal_of({{"x", claiming(kU32Max)}}) == EncodeError::payload_too_long);
  BOOST_TEST(refusal_of({{"x", claiming(kU32Max / 2)}, {"y", claiming(kU32Max / 2)}}) ==
             EncodeError::payload_too_long);
}

BOOST_AUTO_TEST_CASE(the_largest_payload_a_frame_can_state_is_measured) {
  constexpr std::size_t kU32Max = std::numeric_limits<std::uint32_t>::max();
  const std::array<Component, 1> components{{{"", claiming(kU32Max - 23 - 6)}}};
  BOOST_TEST(*encoded_size(StateUpdate{kHeader, components}) == kU32Max);
}

BOOST_AUTO_TEST_CASE(extreme_headers_survive) {
  constexpr std::uint64_t kU64Max = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint32_t sequence : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu}) {
    for (const std::uint8_t priority : {kPriorityLow, kPriorityNormal, kPriorityCombat, kPriorityCritical}) {
      const StateUpdateHeader header{kU64Max - sequence, EntityId{kU64Max}, priority, sequence};
      const Buffer payload = payload_of(StateUpdate{.header = header, .components = {}});
      BOOST_TEST((decode_state_update(payload)->header == header));
      BOOST_TEST((read_header(payload) == header));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_sequence_wraps_from_its_largest_value_to_zero) {
  StateUpdateHeader header{.sequence = 0xfffffffe};
  std::vector<std::uint32_t> sequences;
  for (int i = 0; i < 3; ++i, ++header.sequence) {
    const Buffer payload = payload_of(StateUpdate{.header = header, .components = {}});
    sequences.push_back(decode_state_update(payload)->header.sequence);
  }
  BOOST_TEST(sequences == (std::vector<std::uint32_t>{0xfffffffe, 0xffffffff, 0}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(timestamps_keep_their_order) {
  std::uint64_t last = 0;
  for (const std::uint64_t timestamp : {1ull, 255ull, 256ull, 1ull << 32, 1ull << 63, ~0ull}) {
    const Buffer payload = payload_of(StateUpdate{.header = {.timestamp = timestamp}, .components = {}});
    const std::uint64_t decoded = decode_state_update(payload)->header.timestamp;
    BOOST_TEST(decoded > last);
    last = decoded;
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::venture
