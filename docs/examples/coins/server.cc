// coins_server [URL]: the game's server, until Ctrl-C.
#include <chrono>
#include <csignal>
#include <iostream>
#include <random>
#include <string>
#include <thread>

#include "netrig/transport/host/server_host.h"

#include "world.h"

namespace {

using netrig::transport::ServerEvent;
using netrig::transport::ServerHost;

volatile std::sig_atomic_t interrupted = 0;

void show(ServerHost& server, const ServerEvent& event) {
  const auto player = std::to_string(event.client.value);
  switch (event.kind) {
    case ServerEvent::Kind::joined:
      std::cout << "player " << player << " joined" << std::endl;
      break;
    case ServerEvent::Kind::left:
      std::cout << "player " << player << " left: " << event.text << std::endl;
      break;
    case ServerEvent::Kind::world: {  // a coin was taken
      const std::string news = "entity " + std::to_string(event.subject.value) + " has a coin";
      server.broadcast(coins::kNews, netrig::bytes_of(news));
      break;
    }
    case ServerEvent::Kind::error:
      std::cout << event.text << std::endl;
      break;
    default:  // its players send nothing but inputs
      break;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string url = argc > 1 ? argv[1] : "tcp://127.0.0.1:7777";
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });

  coins::Board board{std::random_device{}()};
  ServerHost server{board, {.server = {.horizon = coins::horizon(), .players_max = 16}}};
  if (const std::string fault = server.start(url); !fault.empty()) {
    std::cerr << fault << std::endl;
    return 1;
  }
  std::cout << "listening on port " << server.local()->port << std::endl;
  while (interrupted == 0) {  // a game has its own loop here
    for (const ServerEvent& event : server.take_events()) show(server, event);
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  server.stop();  // sends everybody away
  for (const ServerEvent& event : server.take_events()) show(server, event);
  std::cout << "stopped" << std::endl;
}
