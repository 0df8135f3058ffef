// The example of core/README.md, in full: a client and a server in one test, without a transport.
#include <boost/test/unit_test.hpp>
#include <utility>
#include <vector>

#include "netrig/core/base/entropy.h"
#include "netrig/core/client/client.h"
#include "netrig/core/server/acceptor.h"
#include "netrig/core/server/server.h"
#include "netrig/sim/world/arena.h"
#include "netrig/sim/world/arena_input.h"

using namespace netrig;

namespace {

struct Pipe final : PacketSink {  // collects what an endpoint sends
  std::vector<std::uint8_t> bytes;
  SendStatus send(PeerId, const OutgoingMessage& message) override {
    for (const PayloadRef& part : {message.head, message.body}) {
      if (part) bytes.insert(bytes.end(), part->bytes.begin(), part->bytes.end());
    }
    return SendStatus::accepted;
  }
  std::size_t backlog_bytes(PeerId) const override { return 0; }
  void close(PeerId) override {}
  std::vector<std::uint8_t> take() { return std::exchange(bytes, {}); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_player_joins_and_its_first_input_comes_back_acked) {
  ServerObserver server_observer;
  ClientObserver client_observer;
  sim::Arena world{{}, Random{1}};
  SeededEntropy entropy{Random{1}};
  Server server{{}, world, entropy, server_observer, Instant{}};
  Acceptor acceptor{server, {.schema_digest = world.schema().digest()}, derive_windows({}), server_observer};
  Client client{{}, world.schema(), client_observer};
  Pipe up, down;

  client.connect(Instant{});
  client.flush(up);  // hello
  const PendingId pending = *acceptor.open({"player", 1}, Instant{} + 40ms);
  const PeerId peer = acceptor.receive(pending, up.take(), Instant{} + 40ms).peer;

  server.advance(Instant{} + 50ms);                // tick 1
  server.flush(down);                              // welcome, state_header, state_update
  client.receive(down.take(), Instant{} + 250ms);  // 200 ms later
  BOOST_TEST(client.connected());
  BOOST_TEST((client.view() == server.state()));

  const InputSequence walk = client.push_input(sim::move_along(0).encode(), Instant{} + 250ms);
  client.flush(up);
  server.receive(peer, up.take(), Instant{} + 280ms);
  server.advance(Instant{} + 300ms);
  server.flush(down);
  client.receive(down.take(), Instant{} + 500ms);
  BOOST_TEST((client.input_ack() == walk));
  BOOST_TEST((client.view() == server.state()));
}
