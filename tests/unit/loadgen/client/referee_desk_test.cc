// What players say to a game waits until the tick is over, within bounds that nobody takes from others.
#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>
#include <vector>

#include "netrig/loadgen/run/app_messages.h"
#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/support/duel_world.h"

namespace netrig::loadgen {
namespace {

using netrig::testing::live_bytes;
using Heard = std::map<ClientId, std::size_t>;  // bytes

class CountingReferee final : public Referee {
 public:
  explicit CountingReferee(Heard& heard) : heard_(heard) {}
  void on_message(ClientId from, const AppMessage& message, PlayerMessages&) override {
    heard_[from] += message.bytes.size();
  }

 private:
  Heard& heard_;
};

class ListeningGame final : public Game {
 public:
  explicit ListeningGame(Heard& heard) : heard_(heard), schema_(netrig::testing::duel_schema()) {}
  const Schema& schema() const override { return schema_; }
  std::unique_ptr<World> make_world(Random random) const override {
    return std::make_unique<netrig::testing::DuelWorld>(random);
  }
  std::unique_ptr<Motion> make_motion() const override { return nullptr; }
  std::unique_ptr<Referee> make_referee() const override { return std::make_unique<CountingReferee>(heard_); }

 private:
  Heard& heard_;
  Schema schema_;
};

struct Desk {
  Heard heard;
  ListeningGame game{heard};
  std::unique_ptr<World> world = game.make_world(Random{1});
  SeededEntropy entropy{Random{2}};
  ServerObserver nobody;
  Server server{{}, *world, entropy, nobody, Instant{}};
  AppMessageCounts counts{GameKind{}};
  bool measuring = false;
  RefereeDesk desk{game, server, counts, measuring};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(referee_desk)

// One player's messages of a tick were kept without a bound on their bytes: 65,536 of 32 KiB each, and then
// none of anybody else's. No test said more than a few.
BOOST_AUTO_TEST_CASE(one_player_fills_neither_the_memory_nor_the_desk) {
  Desk desk;
  const std::vector<std::uint8_t> longest(kAppMessageBytesMax);
  const std::size_t before = live_bytes();
  for (int i = 0; i < 1'000; ++i) desk.desk.on_message(ClientId{1}, {1, longest});
  for (int i = 0; i < 100'000; ++i) desk.desk.on_message(ClientId{2}, {1, {}});
  desk.desk.on_message(ClientId{3}, {1, Bytes{longest}.first(2)});
  BOOST_TEST(live_bytes() < before + 1024 * 1024);
  desk.desk.answer();
  BOOST_TEST(desk.heard[ClientId{1}] == 7 * longest.size());
  BOOST_TEST(desk.heard[ClientId{3}] == 2u);
  BOOST_TEST(desk.desk.dropped() > 993u + 90'000);
  desk.desk.on_message(ClientId{1}, {1, longest});  // the next tick has room again
  desk.desk.answer();
  BOOST_TEST(desk.heard[ClientId{1}] == 8 * longest.size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
