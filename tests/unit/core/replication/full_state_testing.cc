#include "netrig/tests/unit/core/replication/full_state_testing.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "netrig/core/base/frame.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/replication/full_state.h"

namespace netrig::testing {
namespace {

// The smallest and the largest value, something small around zero, or anything between.
std::int32_t drawn(const FieldSpec& field, Random& random) {
  switch (random.below(4)) {
    case 0:
      return field.min;
    case 1:
      return field.max;
    case 2:
      return std::clamp(static_cast<std::int32_t>(random.between(-2, 2)), field.min, field.max);
    default:
      return static_cast<std::int32_t>(random.between(field.min, field.max));
  }
}

void fill(const Schema& schema, std::span<std::int32_t> row, Random& random) {
  std::size_t column = 0;
  for (const ComponentSpec& component : schema.components()) {
    for (const FieldSpec& field : component.fields) {
      for (std::size_t i = 0; i < field.columns(); ++i, ++column) {
        const std::size_t bytes_left = field.kind == FieldKind::bytes ? field.bytes_size - 4 * i : 0;
        const std::uint64_t mask = bytes_left >= 4 ? 0xFFFF'FFFF : (std::uint64_t{1} << (8 * bytes_left)) - 1;
        row[column] = field.kind == FieldKind::bytes
                          ? static_cast<std::int32_t>(static_cast<std::uint32_t>(random.bits() & mask))
                          : drawn(field, random);
      }
    }
  }
}

}  // namespace

Schema arena_like_schema() {
  const auto f64 = [](const char* name, std::int32_t max) {
    return FieldSpec{.name = name, .min = -max, .max = max, .steps_per_unit = 1000};
  };
  auto schema =
      Schema::make({{.name = "position", .fields = {f64("x", 10'000'000), f64("y", 10'000'000)}},
                    {.name = "velocity", .fields = {f64("vx", 1'000'000), f64("vy", 1'000'000)}},
                    {.name = "health", .fields = {f64("current", 1'000'000), f64("max", 1'000'000)}}});
  BOOST_REQUIRE(schema.has_value());
  return *schema;
}

Snapshot state_of(const Schema& schema, std::uint32_t tick, std::size_t entities, Random random) {
  Snapshot state{schema.columns()};
  state.reset(Tick{tick});
  std::uint64_t id = 0;
  for (std::size_t i = 0; i < entities; ++i)
    fill(schema, state.add(EntityId{id += 1 + random.below(5)}), random);
  return state;
}

Written write(const Schema& schema, const Snapshot& state, std::uint64_t time_ns) {
  Written written;
  FullStateWriter{schema}.write(state, time_ns, written.frames, written.breakdown);
  return written;
}

std::vector<Buffer> updates_in(const Buffer& frames) {
  std::vector<Buffer> bodies;
  FrameReader reader;
  const bool in_step = reader.read(frames, [&](Bytes packet) {
    for (Bytes rest = decode_packet(packet, Sender::server)->messages; !rest.empty();) {
      const RawMessage message = take_message(rest);
      BOOST_TEST((message.type == MessageType::state_update));
      bodies.emplace_back(message.body.begin(), message.body.end());
    }
    return true;
  });
  BOOST_TEST(in_step);
  BOOST_TEST(reader.partial_bytes() == 0u);
  return bodies;
}

StateHeader header_of(const Snapshot& state) {
  return {state.tick(), {}, static_cast<std::uint16_t>(state.size())};
}

}  // namespace netrig::testing
