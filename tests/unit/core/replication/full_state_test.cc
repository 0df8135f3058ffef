#include "netrig/core/replication/full_state.h"

#include <algorithm>
#include <bit>
#include <boost/test/unit_test.hpp>
#include <limits>

#include "netrig/core/base/frame.h"
#include "netrig/core/base/random.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/venture/state_update.h"
#include "netrig/tests/support/duel_world.h"
#include "netrig/tests/support/seed.h"
#include "netrig/tests/unit/core/replication/full_state_testing.h"

namespace netrig::testing {
namespace {

// A reader of duels that has published tick 5.
struct Reading {
  Reading() {
    const Snapshot first = state_of(schema, 5, 3);
    BOOST_REQUIRE(take(first));
    newest = first;
  }
  bool take(const Snapshot& state) {
    if (!reader.begin(header_of(state))) return false;
    for (const Buffer& body : updates_in(write(schema, state).frames)) {
      if (!reader.add(body)) return false;
    }
    if (!reader.complete()) return false;
    reader.publish();
    return true;
  }
  // Begins tick 6 with two entities.
  void begin_next() { BOOST_REQUIRE(reader.begin(header_of(next))); }
  void check_void() {
    BOOST_TEST(!reader.complete());
    BOOST_TEST((reader.newest() == newest));
  }

  Schema schema = duel_schema();
  FullStateReader reader{schema};
  Snapshot newest{schema.columns()};
  Snapshot next = state_of(schema, 6, 2, Random{9});
  std::vector<Buffer> bodies = updates_in(write(schema, next).frames);
};

BOOST_AUTO_TEST_SUITE(full_state)

BOOST_AUTO_TEST_CASE(every_value_of_every_encoding_comes_back_exactly) {
  const Random seed{test_seed()};
  for (const Schema& schema : {arena_like_schema(), duel_schema()}) {
    FullStateReader reader{schema};
    for (std::uint32_t tick = 1; tick <= 300; ++tick) {
      const Snapshot state = state_of(schema, tick, tick % 20, seed.fork("state", tick));
      BOOST_REQUIRE(reader.begin(header_of(state)));
      for (const Buffer& body : updates_in(write(schema, state).frames)) BOOST_REQUIRE(reader.add(body));
      BOOST_REQUIRE(reader.complete());
      reader.publish();
      BOOST_REQUIRE((reader.newest() == state));
      BOOST_REQUIRE(reader.newest().digest() == state.digest());
    }
  }
}

BOOST_AUTO_TEST_CASE(an_update_is_a_v1_message_of_the_schemas_size) {
  for (const Schema& schema : {arena_like_schema(), duel_schema()}) {
    const Snapshot state = state_of(schema, 77, 4);
    const std::vector<Buffer> bodies = updates_in(write(schema, state, 123'456'789).frames);
    BOOST_REQUIRE(bodies.size() == 4u);
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      BOOST_TEST(bodies[i].size() == schema.v1_state_update_bytes());
      const auto update = venture::decode_state_update(bodies[i]);
      BOOST_REQUIRE(update.has_value());
      BOOST_TEST(update->header.timestamp == 123'456'789u);
      BOOST_TEST((update->header.entity == state.id(i)));
      BOOST_TEST(update->header.sequence == 77u);
      std::size_t component = 0;
      for (const venture::Component part : update->components) {
        BOOST_TEST(part.type == schema.components()[component].name);
        BOOST_TEST(part.data.size() == schema.components()[component].v1_data_bytes());
        ++component;
      }
      BOOST_TEST(component == schema.components().size());
    }
  }
}

BOOST_AUTO_TEST_CASE(thirty_two_entities_of_the_arena_are_exactly_3552_bytes_of_payload) {
  const Schema schema = arena_like_schema();
  BOOST_TEST(schema.v1_state_update_bytes() == 111u);
  const Written written = write(schema, state_of(schema, 1, 32));
  BOOST_TEST(written.breakdown.payload_bytes() == 32u * 111);
  BOOST_TEST(written.breakdown.by_message[message_row(MessageType::state_update)].count == 32u);
  BOOST_TEST(written.breakdown.total_bytes() == written.frames.size());
  BOOST_TEST(written.frames.size() == 4u + 1 + 32 * (1 + 1 + 111));  // one frame; tag and length of each
}

BOOST_AUTO_TEST_CASE(a_world_of_thousands_is_split_into_frames_between_updates) {
  const Schema schema = arena_like_schema();
  const Snapshot state = state_of(schema, 1, 5'000);
  const Written written = write(schema, state);
  BOOST_TEST(written.breakdown.payload_bytes() == 5'000u * 111);
  BOOST_TEST(written.breakdown.total_bytes() == written.frames.size());

  FullStateReader reader{schema};
  BOOST_REQUIRE(reader.begin(header_of(state)));
  int frames = 0;
  FrameReader stream;
  BOOST_TEST(stream.read(written.frames, [&](Bytes packet) {
    ++frames;
    BOOST_TEST(!reader.complete());
    for (Bytes rest = decode_packet(packet, Sender::server)->messages; !rest.empty();) {
      BOOST_REQUIRE(reader.add(take_message(rest).body));
    }
    return true;
  }));
  BOOST_TEST(frames == 9);  // 579 updates of 113 bytes fit 65,536
  BOOST_REQUIRE(reader.complete());
  reader.publish();
  BOOST_TEST((reader.newest() == state));
}

BOOST_AUTO_TEST_CASE(a_state_of_nothing_is_complete_with_its_header) {
  const Schema schema = duel_schema();
  FullStateReader reader{schema};
  const Snapshot empty = state_of(schema, 3, 0);
  BOOST_TEST(write(schema, empty).frames.empty());
  BOOST_REQUIRE(reader.begin(header_of(empty)));
  BOOST_REQUIRE(reader.complete());
  reader.publish();
  BOOST_TEST((reader.newest().tick() == Tick{3}));
  BOOST_TEST(reader.newest().size() == 0u);
}

BOOST_AUTO_TEST_CASE(the_newest_state_stays_until_the_next_is_published) {
  Reading reading;
  reading.begin_next();
  for (const Buffer& body : reading.bodies) {
    BOOST_TEST((reading.reader.newest() == reading.newest));
    BOOST_TEST(reading.reader.add(body));
  }
  BOOST_TEST((reading.reader.newest() == reading.newest));
  BOOST_TEST(reading.reader.complete());
  reading.reader.publish();
  BOOST_TEST((reading.reader.newest() == reading.next));
  BOOST_TEST(!reading.reader.complete());  // published once
}

BOOST_AUTO_TEST_CASE(an_update_without_a_header_is_refused) {
  Reading reading;
  BOOST_TEST(!reading.reader.add(reading.bodies[0]));
  reading.check_void();
}

BOOST_AUTO_TEST_CASE(an_update_of_another_tick_makes_the_state_void) {
  Reading reading;
  Snapshot later{reading.schema.columns()};
  later.reset(Tick{7});
  later.add(EntityId{100});
  reading.begin_next();
  BOOST_TEST(reading.reader.add(reading.bodies[0]));
  BOOST_TEST(!reading.reader.add(updates_in(write(reading.schema, later).frames)[0]));
  BOOST_TEST(!reading.reader.add(reading.bodies[1]));  // too late: the state was given up
  reading.check_void();
}

BOOST_AUTO_TEST_CASE(updates_out_of_order_or_repeated_make_the_state_void) {
  Reading swapped;
  swapped.begin_next();
  BOOST_TEST(swapped.reader.add(swapped.bodies[1]));
  BOOST_TEST(!swapped.reader.add(swapped.bodies[0]));
  swapped.check_void();

  Reading repeated;
  repeated.begin_next();
  BOOST_TEST(repeated.reader.add(repeated.bodies[0]));
  BOOST_TEST(!repeated.reader.add(repeated.bodies[0]));
  repeated.check_void();
}

BOOST_AUTO_TEST_CASE(too_few_updates_never_complete_a_state_and_too_many_make_it_void) {
  Reading few;
  few.begin_next();
  BOOST_TEST(few.reader.add(few.bodies[0]));
  few.check_void();

  Reading many;
  BOOST_REQUIRE(many.reader.begin({Tick{6}, {}, 1}));
  BOOST_TEST(many.reader.add(many.bodies[0]));
  BOOST_TEST(many.reader.complete());
  BOOST_TEST(!many.reader.add(many.bodies[1]));
  many.check_void();
}

BOOST_AUTO_TEST_CASE(no_truncation_and_nothing_appended_is_read_as_an_update) {
  for (std::size_t size = 0; size <= duel_schema().v1_state_update_bytes() + 1; ++size) {
    Reading reading;
    reading.begin_next();
    Buffer body = reading.bodies[0];
    const bool is_whole = size == body.size();
    body.resize(size);
    BOOST_TEST(reading.reader.add(body) == is_whole);
    if (!is_whole) reading.check_void();
  }
}

BOOST_AUTO_TEST_CASE(whatever_a_body_is_changed_to_it_is_the_same_values_again_or_refused) {
  Random random{test_seed()};
  const Schema schema = duel_schema();
  std::size_t taken = 0;
  for (int round = 0; round < 3'000; ++round) {
    FullStateReader reader{schema};
    const Snapshot state = state_of(schema, 6, 1, random.fork("state", static_cast<std::uint64_t>(round)));
    Buffer body = updates_in(write(schema, state).frames)[0];
    body[random.below(body.size())] = static_cast<std::uint8_t>(random.bits());
    BOOST_REQUIRE(reader.begin(header_of(state)));
    if (!reader.add(body)) {
      BOOST_REQUIRE(!reader.complete());
      continue;
    }
    ++taken;
    reader.publish();
    // What was taken is within the schema: it can be written again, and gives the same data.
    const Buffer again = updates_in(write(schema, reader.newest()).frames)[0];
    BOOST_REQUIRE((std::equal(again.begin() + 23, again.end(), body.begin() + 23, body.end())));
  }
  BOOST_TEST(taken > 100u);
  BOOST_TEST(taken < 2'900u);
}

BOOST_AUTO_TEST_CASE(a_value_out_of_range_makes_the_state_void) {
  const Schema wide = *Schema::make({{.name = "c", .fields = {{.name = "f", .min = -100, .max = 100}}}});
  const Schema narrow = *Schema::make({{.name = "c", .fields = {{.name = "f", .min = -10, .max = 10}}}});
  for (const std::int32_t value : {-100, -11, -10, 0, 10, 11, 100}) {
    Snapshot state{1};
    state.reset(Tick{1});
    state.add(EntityId{1})[0] = value;
    FullStateReader reader{narrow};
    BOOST_REQUIRE(reader.begin(header_of(state)));
    BOOST_TEST(reader.add(updates_in(write(wide, state).frames)[0]) == (value >= -10 && value <= 10));
    BOOST_TEST(reader.complete() == (value >= -10 && value <= 10));
  }
}

BOOST_AUTO_TEST_CASE(a_double_that_no_value_gives_makes_the_state_void) {
  const Schema schema = arena_like_schema();
  const Snapshot state = state_of(schema, 1, 1);
  const Buffer body = updates_in(write(schema, state).frames)[0];
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity(), -0.0, 0.0005, 1e300,
                           std::numeric_limits<double>::denorm_min()}) {
    Buffer changed = body;
    store_little_endian(changed.data() + schema.v1_data_offset(1), std::bit_cast<std::uint64_t>(bad));
    FullStateReader reader{schema};
    BOOST_REQUIRE(reader.begin(header_of(state)));
    BOOST_TEST(!reader.add(changed));
    BOOST_TEST(!reader.complete());
    BOOST_TEST(reader.newest().size() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_newer_header_gives_up_the_state_before_it) {
  Reading reading;
  reading.begin_next();
  BOOST_TEST(reading.reader.add(reading.bodies[0]));
  const Snapshot newer = state_of(reading.schema, 7, 4, Random{3});
  BOOST_TEST(reading.take(newer));
  BOOST_TEST((reading.reader.newest() == newer));
  BOOST_TEST(!reading.reader.add(reading.bodies[1]));
}

BOOST_AUTO_TEST_CASE(a_header_that_is_not_newer_begins_nothing) {
  Reading reading;
  for (const std::uint32_t tick : {0u, 4u, 5u}) {
    BOOST_TEST(!reading.reader.begin({Tick{tick}, {}, 0}));
    reading.check_void();
  }
  reading.begin_next();
  BOOST_TEST(!reading.reader.begin({Tick{5}, {}, 0}));  // nor does the state in progress go on
  BOOST_TEST(!reading.reader.add(reading.bodies[0]));
  reading.check_void();
}

BOOST_AUTO_TEST_CASE(a_new_session_begins_with_nothing) {
  Reading reading;
  reading.begin_next();
  reading.reader.reset();
  BOOST_TEST(reading.reader.newest().size() == 0u);
  BOOST_TEST((reading.reader.newest().tick() == Tick{}));
  BOOST_TEST(!reading.reader.add(reading.bodies[0]));
  BOOST_TEST(reading.take(state_of(reading.schema, 1, 2)));  // older than before, and new now
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
