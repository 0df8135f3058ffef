#include "netrig/core/replication/full_state_assembler.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "netrig/core/base/random.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/tests/support/duel_world.h"
#include "netrig/tests/support/seed.h"

namespace netrig::testing {
namespace {

constexpr std::uint32_t kEntities = 40;

// Ticks of one game, each with the parts that datagrams would carry.
struct Ticks {
  struct Sent {
    StateHeader header;
    Snapshot state;
    std::vector<StatePart> parts;
  };

  Sent make(std::uint32_t tick, std::uint32_t entities = kEntities) {
    Sent sent{{Tick{tick}, InputSequence{tick}, static_cast<std::uint16_t>(entities)}, Snapshot{7}, {}};
    sent.state.reset(Tick{tick});
    for (std::uint32_t i = 0; i < entities; ++i) {
      const std::span<std::int32_t> row = sent.state.add(EntityId{i + 1});
      std::fill(row.begin(), row.end(), 0);
      row[duel_column::heading] = static_cast<std::int32_t>(tick + i);
    }
    FullStateWriter{schema}.write_parts(sent.state, tick, kStatePartBytesMax, pool, sent.parts);
    return sent;
  }

  Schema schema = duel_schema();
  PayloadPool pool;
};

bool hear(FullStateAssembler& assembler, const StateHeader& header, const StatePart& part) {
  if (!assembler.begin(header)) return false;
  for (Bytes rest = part.messages->bytes; !rest.empty();) {
    if (!assembler.add(take_message(rest).body)) return false;
  }
  return !assembler.complete() || assembler.publish();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(full_state_assembler)

BOOST_AUTO_TEST_CASE(a_state_counts_when_all_of_its_parts_have_come_in_any_order) {
  Ticks ticks;
  const Ticks::Sent sent = ticks.make(1);
  BOOST_REQUIRE(sent.parts.size() >= 3u);
  std::vector<std::size_t> order{0, 1, 2};
  do {
    FullStateAssembler assembler{ticks.schema};
    for (const std::size_t part : order) {
      BOOST_TEST((assembler.newest().tick() == Tick{}));
      BOOST_TEST(hear(assembler, sent.header, sent.parts[part]));
    }
    for (std::size_t part = 3; part < sent.parts.size(); ++part)
      hear(assembler, sent.header, sent.parts[part]);
    BOOST_TEST((assembler.newest() == sent.state));
    BOOST_TEST(assembler.newest().digest() == sent.state.digest());
  } while (std::next_permutation(order.begin(), order.end()));
}

BOOST_AUTO_TEST_CASE(parts_of_four_ticks_may_come_mixed_and_older_ones_do_not_go_back) {
  Ticks ticks;
  Random random{test_seed()};
  for (int round = 0; round < 50; ++round) {
    std::vector<Ticks::Sent> sent;
    std::vector<std::pair<std::size_t, std::size_t>> all;
    for (std::size_t tick = 0; tick < kStatesStagedMax; ++tick) {
      sent.push_back(ticks.make(static_cast<std::uint32_t>(tick + 1)));
      for (std::size_t part = 0; part < sent.back().parts.size(); ++part) all.emplace_back(tick, part);
    }
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.below(i)]);
    FullStateAssembler assembler{ticks.schema};
    Tick before;
    for (const auto& [tick, part] : all) {
      BOOST_TEST(hear(assembler, sent[tick].header, sent[tick].parts[part]));
      BOOST_TEST((assembler.newest().tick() >= before));
      before = assembler.newest().tick();
      if (before != Tick{}) BOOST_TEST((assembler.newest() == sent[before.value - 1].state));
    }
    BOOST_TEST((assembler.newest() == sent.back().state));
  }
}

BOOST_AUTO_TEST_CASE(a_state_that_never_comes_whole_is_given_up_for_newer_ones) {
  Ticks ticks;
  FullStateAssembler assembler{ticks.schema};
  const Ticks::Sent broken = ticks.make(1);
  hear(assembler, broken.header, broken.parts[0]);  // the others are lost
  const Ticks::Sent next = ticks.make(2);
  for (const StatePart& part : next.parts) hear(assembler, next.header, part);
  BOOST_TEST((assembler.newest() == next.state));
  BOOST_TEST(assembler.given_up() == 1u);
  hear(assembler, broken.header, broken.parts[1]);  // too late
  BOOST_TEST((assembler.newest() == next.state));
}

BOOST_AUTO_TEST_CASE(a_state_without_entities_is_whole_at_once) {
  Ticks ticks;
  FullStateAssembler assembler{ticks.schema};
  BOOST_TEST(assembler.begin({Tick{1}, {}, 0}));
  BOOST_TEST(assembler.complete());
  BOOST_TEST(assembler.publish());
  BOOST_TEST((assembler.newest().tick() == Tick{1}));
}

BOOST_AUTO_TEST_CASE(parts_that_contradict_each_other_or_come_twice_are_refused_and_cost_only_their_tick) {
  Ticks ticks;
  const Ticks::Sent sent = ticks.make(1);
  StateHeader other = sent.header;
  other.entities += 1;
  FullStateAssembler assembler{ticks.schema};
  hear(assembler, sent.header, sent.parts[0]);
  BOOST_TEST(!assembler.begin(other));
  other = sent.header;
  other.input_ack = InputSequence{99};
  hear(assembler, sent.header, sent.parts[0]);
  BOOST_TEST(!assembler.begin(other));

  StateHeader twice = sent.header;
  twice.entities = static_cast<std::uint16_t>(2 * 10);  // as if the first part were the second, too
  const std::size_t rows = sent.state.size() / sent.parts.size();
  BOOST_TEST_MESSAGE("rows in a part: about " << rows);
  FullStateAssembler doubled{ticks.schema};
  const std::size_t first_rows = [&] {
    std::size_t count = 0;
    for (Bytes rest = sent.parts[0].messages->bytes; !rest.empty(); take_message(rest)) ++count;
    return count;
  }();
  twice.entities = static_cast<std::uint16_t>(2 * first_rows);
  BOOST_TEST(hear(doubled, twice, sent.parts[0]));
  BOOST_TEST(!hear(doubled, twice, sent.parts[0]));
  BOOST_TEST((doubled.newest().tick() == Tick{}));

  const Ticks::Sent next = ticks.make(2);
  for (const StatePart& part : next.parts) BOOST_TEST(hear(doubled, next.header, part));
  BOOST_TEST((doubled.newest() == next.state));
}

BOOST_AUTO_TEST_CASE(every_truncation_and_every_changed_byte_of_an_update_is_refused_or_harmless) {
  Ticks ticks;
  const Ticks::Sent sent = ticks.make(1, 2);
  Bytes rest = sent.parts[0].messages->bytes;
  const Bytes update = take_message(rest).body;
  for (std::size_t size = 0; size < update.size(); ++size) {
    FullStateAssembler assembler{ticks.schema};
    assembler.begin(sent.header);
    BOOST_TEST(!assembler.add(update.first(size)));
  }
  std::vector<std::uint8_t> changed{update.begin(), update.end()};
  for (std::uint8_t& byte : changed) {
    byte ^= 0x40;
    FullStateAssembler assembler{ticks.schema};
    assembler.begin(sent.header);
    assembler.add(changed);
    BOOST_TEST(!assembler.complete());
    byte ^= 0x40;
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
