// The server's and the clients' work of a tick, with the built-in arena: nothing is allocated once warm.
#include <boost/test/unit_test.hpp>
#include <memory>
#include <vector>

#include "netrig/core/client/client.h"
#include "netrig/core/server/acceptor.h"
#include "netrig/core/server/server.h"
#include "netrig/sim/world/arena.h"
#include "netrig/sim/world/arena_input.h"
#include "netrig/tests/support/allocation_counter.h"

namespace netrig::testing {
namespace {

constexpr std::size_t kPlayers = 32;

// What was sent and is not delivered yet. Refers to the shared payloads, as a transport does.
class Pipe final : public PacketSink {
 public:
  struct Write {
    PeerId peer;
    OutgoingMessage message;
  };
  Pipe() { writes.reserve(2 * kPlayers); }

  SendStatus send(PeerId peer, const OutgoingMessage& message) override {
    writes.push_back({peer, message});
    return SendStatus::accepted;
  }
  std::size_t backlog_bytes(PeerId) const override { return 0; }
  void close(PeerId) override {}

  template <class Receive>
  void deliver(Receive&& receive) {
    for (const Write& write : writes) {
      if (write.message.head) receive(write.peer, Bytes{write.message.head->bytes});
      if (write.message.body) receive(write.peer, Bytes{write.message.body->bytes});
    }
    writes.clear();
  }

  std::vector<Write> writes;
};

struct Game {
  Game() {
    for (std::size_t i = 0; i < kPlayers; ++i) {
      clients.push_back(std::make_unique<Client>(ClientConfig{}, arena.schema(), client_observer));
      clients.back()->connect(now);
      clients.back()->flush(up);
      const PendingId pending = *acceptor.open({"client-" + std::to_string(i), 1}, now);
      up.deliver([&](PeerId, Bytes hello) { acceptor.receive(pending, hello, now); });
    }
  }

  static ServerConfig config() {
    ServerConfig config;
    config.players_max = kPlayers;
    config.avatars = Avatars::from_start;
    return config;
  }

  void tick() {
    now = *server.next_deadline();
    for (std::size_t i = 0; i < kPlayers; ++i) {
      Client& client = *clients[i];
      client.advance(now);
      const auto heading = static_cast<sim::Angle>(tick_count * 300 + i * 2000);
      sim::ArenaInput input = sim::move_along(heading);
      input.fire = tick_count % 10 == i % 10;
      client.push_input(input.encode(), now);
      client.flush(up);
      up.deliver([&](PeerId, Bytes bytes) {
        server.receive(PeerId{static_cast<std::uint32_t>(i + 1)}, bytes, now);
      });
    }
    server.advance(now);
    server.flush(down);
    // Cut at another place each tick, as a stream is.
    down.deliver([&](PeerId peer, Bytes bytes) {
      Client& client = *clients[peer.value - 1];
      const std::size_t cut = (tick_count * 37) % (bytes.size() + 1);
      client.receive(bytes.first(cut), now);
      client.receive(bytes.subspan(cut), now);
    });
    ++tick_count;
  }

  std::uint64_t tick_count = 0;
  Instant now;
  sim::Arena arena{{}, Random{1}};
  SeededEntropy entropy{Random{2}};
  ServerObserver server_observer;
  ClientObserver client_observer;
  Server server{config(), arena, entropy, server_observer, Instant{}};
  Acceptor acceptor{server, {.schema_digest = arena.schema().digest()}, derive_windows({}), server_observer};
  std::vector<std::unique_ptr<Client>> clients;
  Pipe up;
  Pipe down;
};

BOOST_AUTO_TEST_SUITE(allocation)

BOOST_AUTO_TEST_CASE(a_tick_of_server_and_clients_allocates_nothing_after_warm_up) {
  const std::uint64_t at_first = allocations();
  Game game;
  for (int tick = 0; tick < 200; ++tick) game.tick();
  BOOST_TEST(allocations() > at_first);  // the counter counts

  const std::uint64_t warm = allocations();
  const std::size_t live = live_bytes();
  for (int tick = 0; tick < 200; ++tick) game.tick();
  const std::uint64_t after = allocations();
  const std::size_t live_after = live_bytes();
  BOOST_TEST(after - warm == 0u);
  BOOST_TEST(live_after == live);

  for (const auto& client : game.clients) {
    BOOST_TEST(client->connected());
    BOOST_TEST((client->view() == game.server.state()));
    BOOST_TEST(client->view().size() == kPlayers);
    BOOST_TEST(client->input_ack().value > 390u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
