// What the tests of hosts share: a game that listens, patience, and what hosts told.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "netrig/tests/support/certificates.h"
#include "netrig/tests/support/duel_world.h"
#include "netrig/transport/host/client_host.h"
#include "netrig/transport/host/server_host.h"

namespace netrig::transport::testing {

using netrig::testing::DuelInput;
using netrig::testing::DuelWorld;

constexpr auto kPatience = std::chrono::seconds{60};  // nobody waits for it unless the test fails

template <class Condition>
bool eventually(Condition condition) {
  const auto bound = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < bound) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return false;
}

inline std::string url_of(const ServerHost& server, std::string_view scheme = "tcp") {
  return std::string{scheme} + "://127.0.0.1:" + std::to_string(server.local()->port);
}

inline std::vector<std::uint8_t> words(std::string_view text) {
  return {text.begin(), text.end()};
}

struct Game {
  Game() {
    const auto files = authority.sign();
    options.sockets.tls = {.certificate_file = files.certificate, .key_file = files.key};
    options.admission.seats_per_address_max = 32;
    options.admission.pending_per_address_max = 32;
    client_options.sockets.tls = {.ca_file = authority.authority_file()};
  }

  netrig::testing::Certificates authority;
  DuelWorld world{Random{7}};
  const Schema schema = netrig::testing::duel_schema();
  ServerHostOptions options;
  ClientHostOptions client_options;
};

// Everything that a host has told.
template <class Host, class Event>
struct Heard {
  using Kind = typename Event::Kind;

  explicit Heard(Host& from) : host(from) {}
  std::size_t count(Kind kind) {
    for (Event& event : host.take_events()) all.push_back(std::move(event));
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [kind](const Event& event) { return event.kind == kind; }));
  }
  bool hears(Kind kind, std::size_t times = 1) {
    return eventually([&] { return count(kind) == times; });
  }
  const Event& first(Kind kind) const {
    return *std::find_if(all.begin(), all.end(), [kind](const Event& event) { return event.kind == kind; });
  }

  Host& host;
  std::vector<Event> all;
};
using ServerHeard = Heard<ServerHost, ServerEvent>;
using ClientHeard = Heard<ClientHost, ClientEvent>;
using AtServer = ServerEvent::Kind;
using AtClient = ClientEvent::Kind;

}  // namespace netrig::transport::testing
