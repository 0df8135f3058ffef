// Decoding never allocates; encoding does only when the caller's vector has to grow.
#include <array>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "netrig/core/venture/animation.h"
#include "netrig/core/venture/components.h"
#include "netrig/core/venture/input_command.h"
#include "netrig/core/venture/state_update.h"
#include "netrig/core/venture/state_update_template.h"
#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/unit/core/venture/venture_testing.h"

namespace netrig::venture {
namespace {

using namespace testing;
using netrig::testing::allocations;

template <class Act>
std::uint64_t allocations_of(Act&& act) {
  const std::uint64_t before = allocations();
  act();
  return allocations() - before;
}

const Buffer kData(16, 1);
const std::array<Component, 3> kComponents{
    {{Position::kType, kData}, {Velocity::kType, kData}, {Health::kType, kData}}};
const StateUpdate kUpdate{{.timestamp = 1, .entity = EntityId{2}, .sequence = 3}, kComponents};
const InputCommand kMove{
    .player = ClientId{1}, .timestamp = 2, .sequence = 3, .type = kInputMove, .data = Bytes{kData}.first(2)};
const std::array<AnimationPacket, 2> kPackets{};

BOOST_AUTO_TEST_SUITE(allocation)

BOOST_AUTO_TEST_CASE(the_counter_counts) {
  Buffer grows;
  BOOST_TEST(allocations_of([&] { grows.resize(100); }) == 1u);
}

BOOST_AUTO_TEST_CASE(decoding_allocates_nothing) {
  const Buffer update = payload_of(kUpdate);
  const Buffer command = payload_of(kMove);
  const Buffer batch = payload_of(AnimationBatch{.timestamp = 0, .packets = kPackets});
  std::size_t seen = 0;
  const auto decode_all = [&] {
    const auto update_view = decode_state_update(update);
    for (const Component component : update_view->components)
      seen += component.type.size() + component.data.size();
    seen += decode_input_command(command)->data.size();
    const auto batch_view = decode_animation_batch(batch);
    for (const AnimationPacket packet : batch_view->packets) seen += packet.loop ? 0 : 1;
    seen += decode<Position>(kData) ? 1 : 0;
    seen += decode_state_update(Bytes{update}.first(110)) ? 0 : 1;
  };
  BOOST_TEST(allocations_of(decode_all) == 0u);
  BOOST_TEST(seen == 22u + 48u + 2u + 2u + 1u + 1u);
}

BOOST_AUTO_TEST_CASE(encoding_into_memory_that_suffices_allocates_nothing) {
  const std::array<ComponentLayout, 1> layout{{{"position", 16}}};
  const StateUpdateTemplate fixed = *StateUpdateTemplate::make(layout);
  Buffer out;
  out.reserve(111 + 115 + 32 + 36 + 50 + fixed.size());
  std::array<std::uint8_t, 111> span;
  std::size_t written = 0;
  const auto encode_all = [&] {
    written += append(kUpdate, out)->size();
    written += append_framed(kUpdate, out)->size();
    written += append(kMove, out)->size();
    written += append_framed(kMove, out)->size();
    written += append(AnimationBatch{.timestamp = 0, .packets = kPackets}, out)->size();
    written += fixed.append(kUpdate.header, out).size();
    written += fixed.matches(Bytes{out}.last(fixed.size())) ? 1 : 0;
    written += encode(kUpdate, span)->size();
  };
  BOOST_TEST(allocations_of(encode_all) == 0u);
  BOOST_TEST(written == out.size() + 1 + 111);
}

BOOST_AUTO_TEST_CASE(refused_messages_allocate_nothing) {
  const std::string too_long(65'536, 't');
  const std::vector<Component> too_many(65'536);
  Buffer out;
  bool refused = true;
  const auto try_all = [&] {
    refused = refused && !append(InputCommand{.type = too_long}, out);
    refused = refused && !append(StateUpdate{.header = {}, .components = too_many}, out);
  };
  BOOST_TEST(allocations_of(try_all) == 0u);
  BOOST_TEST(refused);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::venture
