// Many updates taken at once must come to the same as one after the other, whatever the bytes are.
#include <boost/test/unit_test.hpp>
#include <string>

#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/replication/full_state.h"
#include "netrig/tests/support/duel_world.h"
#include "netrig/tests/support/seed.h"
#include "netrig/tests/unit/core/replication/full_state_testing.h"

namespace netrig::testing {
namespace {

// The one packet's messages.
Buffer messages_of(const Schema& schema, const Snapshot& state) {
  const Buffer frames = write(schema, state).frames;
  const Bytes packet = Bytes{frames}.subspan(4);
  const Bytes messages = decode_packet(packet, Sender::server)->messages;
  return {messages.begin(), messages.end()};
}

// An entity whose updates are longer than 127 bytes, so that its envelope has three.
Schema long_schema() {
  const auto field = [](const char* name) {
    return FieldSpec{.name = name, .min = -1'000, .max = 1'000, .steps_per_unit = 10};
  };
  const auto schema =
      Schema::make({{.name = std::string(64, 'n'), .fields = {field("x"), field("y"), field("z")}},
                    {.name = "b", .fields = {field("f")}}});
  BOOST_REQUIRE(schema.has_value());
  return *schema;
}

struct Outcome {
  bool fits = false;
  bool complete = false;
  Snapshot state;
};
Outcome outcome_of(FullStateReader& reader, bool fits) {
  Outcome outcome{fits, reader.complete(), Snapshot{}};
  if (!outcome.complete) return outcome;
  reader.publish();
  outcome.state = reader.newest();
  return outcome;
}

Outcome at_once(const Schema& schema, const StateHeader& header, Bytes messages) {
  FullStateReader reader{schema};
  BOOST_REQUIRE(reader.begin(header));
  const bool fits = reader.add_next(messages);
  BOOST_TEST((!fits || messages.empty()));
  return outcome_of(reader, fits);
}

// add() looks at one update as the general path does.
Outcome one_by_one(const Schema& schema, const StateHeader& header, Bytes messages) {
  FullStateReader reader{schema};
  BOOST_REQUIRE(reader.begin(header));
  bool fits = true;
  while (fits && !messages.empty()) fits = reader.add(take_message(messages).body);
  return outcome_of(reader, fits);
}

void check_same(const Outcome& a, const Outcome& b) {
  BOOST_REQUIRE(a.fits == b.fits);
  BOOST_REQUIRE(a.complete == b.complete);
  BOOST_REQUIRE((a.state == b.state));
}

// Whether these are still state_updates that decode_packet lets through.
bool are_updates(Bytes messages) {
  Buffer packet{0};
  packet.insert(packet.end(), messages.begin(), messages.end());
  const auto view = decode_packet(packet, Sender::server);
  return view.has_value() && view->has_state && !view->has_others && messages[0] == packet[1] &&
         view->messages.size() == messages.size();
}

BOOST_AUTO_TEST_SUITE(full_state_run)

BOOST_AUTO_TEST_CASE(a_run_comes_to_the_state_that_was_written) {
  for (const Schema& schema : {arena_like_schema(), duel_schema(), long_schema()}) {
    for (std::size_t entities = 1; entities <= 40; ++entities) {
      const Snapshot state = state_of(schema, 1, entities, Random{entities});
      const Outcome outcome = at_once(schema, header_of(state), messages_of(schema, state));
      BOOST_REQUIRE(outcome.complete);
      BOOST_REQUIRE((outcome.state == state));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_changed_byte_of_a_run_has_the_outcome_it_has_one_by_one) {
  Random random{test_seed()};
  for (const Schema& schema : {arena_like_schema(), duel_schema(), long_schema()}) {
    const Snapshot state = state_of(schema, 9, 5, random.fork("state", 0));
    const Buffer messages = messages_of(schema, state);
    std::size_t refused = 0;
    std::size_t taken = 0;
    for (std::size_t at = 0; at < messages.size(); ++at) {
      for (int round = 0; round < 4; ++round) {
        Buffer changed = messages;
        changed[at] ^= static_cast<std::uint8_t>(1 + random.below(255));
        if (!are_updates(changed)) continue;
        const Outcome outcome = at_once(schema, header_of(state), changed);
        check_same(outcome, one_by_one(schema, header_of(state), changed));
        (outcome.fits ? taken : refused) += 1;
      }
    }
    BOOST_TEST(refused > 100u);
    BOOST_TEST(taken > 20u);
  }
}

BOOST_AUTO_TEST_CASE(a_run_longer_or_shorter_than_the_header_says_is_no_whole_state) {
  const Schema schema = arena_like_schema();
  const Snapshot state = state_of(schema, 9, 5);
  const Buffer messages = messages_of(schema, state);
  for (std::uint16_t entities = 0; entities <= 7; ++entities) {
    const StateHeader header{state.tick(), {}, entities};
    const Outcome outcome = at_once(schema, header, messages);
    check_same(outcome, one_by_one(schema, header, messages));
    BOOST_TEST(outcome.fits == (entities >= 5));
    BOOST_TEST(outcome.complete == (entities == 5));
  }
}

BOOST_AUTO_TEST_CASE(a_run_that_goes_on_in_the_next_packet_must_go_on_in_order) {
  const Schema schema = arena_like_schema();
  const Snapshot state = state_of(schema, 9, 6);
  const Buffer messages = messages_of(schema, state);
  const std::size_t half = messages.size() / 2;
  const Bytes first = Bytes{messages}.first(half);
  const Bytes second = Bytes{messages}.subspan(half);
  const auto taken = [&](Bytes a, Bytes b) {
    FullStateReader reader{schema};
    BOOST_REQUIRE(reader.begin(header_of(state)));
    return reader.add_next(a) && reader.add_next(b) && reader.complete();
  };
  BOOST_TEST(taken(first, second));
  BOOST_TEST(!taken(second, first));
  BOOST_TEST(!taken(first, first));
}

BOOST_AUTO_TEST_CASE(a_run_stops_where_another_message_begins) {
  const Schema schema = arena_like_schema();
  const Snapshot state = state_of(schema, 9, 3);
  Buffer messages = messages_of(schema, state);
  const std::size_t updates = messages.size();
  messages.insert(messages.end(), 500, static_cast<std::uint8_t>(MessageType::ping));
  FullStateReader reader{schema};
  BOOST_REQUIRE(reader.begin({state.tick(), {}, 5}));  // two more are to come
  Bytes rest = messages;
  BOOST_TEST(reader.add_next(rest));
  BOOST_TEST(rest.size() == messages.size() - updates);
  BOOST_TEST(!reader.complete());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
