// coins_client [URL [COINS]]: a player that walks to each coin it sees, and leaves with COINS of them.
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "netrig/transport/host/client_host.h"

#include "game.h"

namespace {

using netrig::transport::ClientEvent;
using netrig::transport::ClientHost;
using netrig::transport::ClientUpdate;

// Towards the coin, as this state shows it. Answers with our coins so far.
std::int32_t play(ClientHost& client, const netrig::Snapshot& state, netrig::EntityId own) {
  const std::size_t me = state.find(own);
  if (me == state.size()) return 0;
  const auto row = state.row(me);
  for (std::size_t other = 0; other < state.size(); ++other) {
    const auto coin = state.row(other);
    if (coin[coins::is_coin] == 0) continue;
    const std::int32_t dx = coin[coins::x] - row[coins::x];
    const std::int32_t dy = coin[coins::y] - row[coins::y];
    const coins::Step step =
        dx != 0 ? coins::Step{.dx = dx > 0 ? 1 : -1} : coins::Step{.dy = dy > 0 ? 1 : -1};
    client.send_input(step.encode());
  }
  return row[coins::score];
}

}  // namespace

int main(int argc, char** argv) {
  const std::string url = argc > 1 ? argv[1] : "tcp://127.0.0.1:7777";
  const std::int32_t wanted = argc > 2 ? std::stoi(argv[2]) : 3;
  const netrig::Schema schema = coins::schema();
  ClientHost client{schema, {.horizon = coins::horizon()}};
  if (const std::string fault = client.connect(url); !fault.empty()) {
    std::cerr << fault << std::endl;
    return 1;
  }
  netrig::EntityId own;
  for (std::int32_t collected = 0; collected < wanted;) {  // a game draws here
    for (const ClientEvent& event : client.take_events()) {
      if (event.kind == ClientEvent::Kind::message) {
        std::cout << std::string{event.bytes.begin(), event.bytes.end()} << std::endl;
      } else if (event.kind == ClientEvent::Kind::connected) {
        own = event.entity;
        std::cout << "playing as entity " << own.value << std::endl;
      } else if (is_over(event.kind)) {
        std::cerr << event.text << std::endl;
        return 1;
      }
    }
    for (const ClientUpdate& update : client.take_updates()) collected = play(client, update.state, own);
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  client.disconnect();
  std::cout << "left with " << wanted << " coins" << std::endl;
}
