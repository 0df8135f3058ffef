#include "netrig/core/venture/state_update_template.h"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "netrig/core/venture/components.h"
#include "netrig/tests/unit/core/venture/venture_testing.h"

namespace netrig::venture {
namespace {

using namespace testing;

constexpr StateUpdateHeader kHeader{
    .timestamp = 1000, .entity = EntityId{7}, .priority = kPriorityCritical, .sequence = 42};

std::vector<ComponentLayout> layout_of(const std::vector<OwnedComponent>& components) {
  std::vector<ComponentLayout> layout;
  for (const OwnedComponent& component : components)
    layout.push_back({component.type, component.data.size()});
  return layout;
}

StateUpdateTemplate template_of(const std::vector<OwnedComponent>& components) {
  return *StateUpdateTemplate::make(layout_of(components));
}

// What a sender does: the template's bytes, and each component's data at its offset.
void fill(const StateUpdateTemplate& layout, const std::vector<OwnedComponent>& components,
          std::span<std::uint8_t> payload) {
  for (std::size_t i = 0; i < components.size(); ++i)
    std::copy(components[i].data.begin(), components[i].data.end(),
              payload.begin() + static_cast<std::ptrdiff_t>(layout.data_offset(i)));
}

Buffer encoded_by(const StateUpdateTemplate& layout, const StateUpdateHeader& header,
                  const std::vector<OwnedComponent>& components) {
  Buffer out;
  fill(layout, components, layout.append(header, out));
  return out;
}

const std::vector<OwnedComponent> kReal{
    {"position", Buffer(16, 1)}, {"velocity", Buffer(16, 2)}, {"health", Buffer(16, 3)}};

// Same types, same lengths, in the same order.
bool has_layout(const StateUpdateView& view, const std::vector<OwnedComponent>& components) {
  return std::equal(view.components.begin(), view.components.end(), components.begin(), components.end(),
                    [](const Component& component, const OwnedComponent& other) {
                      return component.type == other.type && component.data.size() == other.data.size();
                    });
}

BOOST_AUTO_TEST_SUITE(state_update_template)

BOOST_AUTO_TEST_CASE(the_real_components_take_111_bytes_at_fixed_offsets) {
  const StateUpdateTemplate layout = template_of(kReal);
  BOOST_TEST(layout.size() == 111u);
  BOOST_TEST(layout.components() == 3u);
  BOOST_TEST(layout.data_offset(0) == 37u);  // 23 + 2 + 8 + 4
  BOOST_TEST(layout.data_offset(1) == 67u);  // 37 + 16 + 2 + 8 + 4
  BOOST_TEST(layout.data_offset(2) == 95u);  // 67 + 16 + 2 + 6 + 4
}

BOOST_AUTO_TEST_CASE(append_gives_the_general_codecs_bytes_behind_what_is_there) {
  const StateUpdateTemplate layout = template_of(kReal);
  Buffer out{0xaa};
  fill(layout, kReal, layout.append(kHeader, out));
  BOOST_TEST(hex(out) == "aa" + hex(payload_of(StateUpdate{kHeader, views_of(kReal)})));
}

BOOST_AUTO_TEST_CASE(encode_overwrites_whatever_a_reused_buffer_held) {
  const StateUpdateTemplate layout = template_of(kReal);
  Buffer out(layout.size(), 0xee);
  layout.encode(kHeader, out);
  const std::vector<OwnedComponent> zeros{
      {"position", Buffer(16)}, {"velocity", Buffer(16)}, {"health", Buffer(16)}};
  BOOST_TEST(hex(out) == hex(payload_of(StateUpdate{kHeader, views_of(zeros)})));
}

BOOST_AUTO_TEST_CASE(a_matching_payload_is_read_at_the_offsets) {
  const StateUpdateTemplate layout = template_of(kReal);
  const Buffer payload = payload_of(StateUpdate{kHeader, views_of(kReal)});
  BOOST_REQUIRE(layout.matches(payload));
  BOOST_TEST((read_header(payload) == kHeader));
  BOOST_TEST(hex(Bytes{payload}.subspan(layout.data_offset(1), 16)) == hex(kReal[1].data));
}

BOOST_AUTO_TEST_CASE(a_changed_constant_byte_is_not_matched_and_any_other_change_is) {
  const StateUpdateTemplate layout = template_of(kReal);
  const Buffer payload = payload_of(StateUpdate{kHeader, views_of(kReal)});
  for (std::size_t at = 0; at < payload.size(); ++at) {
    Buffer changed = payload;
    changed[at] ^= 0x40;
    bool free = at < 21;  // the header
    for (std::size_t i = 0; i < layout.components(); ++i)
      free = free || (at >= layout.data_offset(i) && at < layout.data_offset(i) + 16);
    BOOST_TEST(layout.matches(changed) == free, "byte " << at);
  }
}

BOOST_AUTO_TEST_CASE(another_length_is_not_matched) {
  const StateUpdateTemplate layout = template_of(kReal);
  Buffer payload = payload_of(StateUpdate{kHeader, views_of(kReal)});
  payload.push_back(0);
  BOOST_TEST(!layout.matches(payload));
  for (std::size_t size = 0; size < 111; ++size) {
    const Buffer truncated(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size));
    BOOST_TEST(!layout.matches(truncated), size << " bytes");
  }
}

BOOST_AUTO_TEST_CASE(a_moved_boundary_of_the_same_total_is_not_matched) {
  const StateUpdateTemplate layout = template_of({{"ab", Buffer(4)}, {"c", Buffer(4)}});
  const std::vector<OwnedComponent> data_moved{{"ab", Buffer(5)}, {"c", Buffer(3)}};
  const std::vector<OwnedComponent> type_moved{{"a", Buffer(4)}, {"bc", Buffer(4)}};
  const std::vector<OwnedComponent> swapped{{"c", Buffer(4)}, {"ab", Buffer(4)}};
  for (const auto& components : {data_moved, type_moved, swapped}) {
    const Buffer payload = payload_of(StateUpdate{kHeader, views_of(components)});
    BOOST_TEST(payload.size() == layout.size());
    BOOST_TEST(!layout.matches(payload));
  }
}

BOOST_AUTO_TEST_CASE(a_layout_without_components_matches_only_a_count_of_zero) {
  const StateUpdateTemplate layout = template_of({});
  Buffer payload = encoded_by(layout, kHeader, {});
  BOOST_TEST(hex(payload) == hex(payload_of(StateUpdate{.header = kHeader, .components = {}})));
  BOOST_TEST(layout.matches(payload));
  payload[21] = 1;
  BOOST_TEST(!layout.matches(payload));
}

BOOST_AUTO_TEST_CASE(a_layout_the_format_cannot_express_is_refused) {
  const std::string too_long(65'536, 't');
  const std::vector<ComponentLayout> long_type{{too_long, 1}};
  BOOST_TEST(StateUpdateTemplate::make(long_type).error() == EncodeError::type_too_long);
  const std::vector<ComponentLayout> too_many(65'536);
  BOOST_TEST(StateUpdateTemplate::make(too_many).error() == EncodeError::too_many_components);
}

BOOST_AUTO_TEST_CASE(template_and_general_codec_agree_on_random_layouts) {
  for_each_seed([](Random& random) {
    for (int round = 0; round < 2'000; ++round) {
      const std::vector<OwnedComponent> components = random_components(random, 6);
      const StateUpdateTemplate layout = template_of(components);
      const StateUpdateHeader header = random_header(random);
      const Buffer payload = payload_of(StateUpdate{header, views_of(components)});
      BOOST_TEST(hex(encoded_by(layout, header, components)) == hex(payload));
      BOOST_TEST(layout.matches(payload));
    }
  });
}

BOOST_AUTO_TEST_CASE(a_template_matches_exactly_what_decodes_to_its_layout) {
  for_each_seed([](Random& random) {
    std::size_t matched = 0;
    for (int round = 0; round < 20'000; ++round) {
      const std::vector<OwnedComponent> components = random_components(random, 3);
      const StateUpdateTemplate layout = template_of(components);
      Buffer payload = encoded_by(layout, random_header(random), components);
      for (std::uint64_t flips = random.below(3); flips > 0; --flips)
        payload[random.below(payload.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
      const auto view = decode_state_update(payload);
      const bool expected = view.has_value() && has_layout(*view, components);
      BOOST_TEST(layout.matches(payload) == expected);
      matched += expected ? 1 : 0;
    }
    BOOST_TEST(matched > 1'000u);  // both outcomes are exercised
    BOOST_TEST(matched < 19'000u);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::venture
