// A Server on a thread of its own, for a game that has a loop of its own. Every call may come from any
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/server/server.h"
#include "netrig/core/server/server_observer.h"
#include "netrig/transport/asio/factory.h"

namespace netrig::transport {

struct ServerHostOptions {
  ServerConfig server{};
  AdmissionPolicy admission{};     // the schema's digest is filled in
  SocketOptions sockets{};         // of tls and wss: the certificate to listen with
  std::size_t events_max = 4'096;  // that wait to be taken, and words that wait to be sent; the oldest go
};

struct ServerEvent {
  enum class Kind : std::uint8_t { joined, left, message, world, error };
  Kind kind = Kind::error;
  ClientId client{};                  // 0: not of one player
  EntityId subject{};                 // of joined: its entity; of world: see WorldEvents
  EntityId object{};                  // of world
  std::string text{};                 // for people: why it left, what was wrong
  std::uint16_t number = 0;           // the kind of a message, or of what happened in the world
  std::vector<std::uint8_t> bytes{};  // of a message
};

class ServerHost {
 public:
  // The world outlives the host and is its thread's alone between start() and stop().
  ServerHost(World& world, ServerHostOptions options);
  // The observer hears everything, on the host's thread; it outlives the host. metrics/recorder has one that
  // Prometheus can scrape.
  ServerHost(World& world, ServerHostOptions options, ServerObserver& observer);
  ~ServerHost();  // as stop()
  ServerHost(const ServerHost&) = delete;
  ServerHost& operator=(const ServerHost&) = delete;

  // Empty when it listens. Otherwise a sentence: a wrong URL or file, or a port in use.
  std::string start(std::string_view url);
  // Sends everybody away and waits until that is written, but no longer than a second.
  void stop();
  std::optional<Address> local() const;  // with the port that was really bound; nothing when it does not run

  void broadcast(std::uint16_t kind, Bytes bytes);
  void send(ClientId client, std::uint16_t kind, Bytes bytes);
  void kick(ClientId client, std::string_view message);
  std::vector<Player> players() const;  // after the newest tick
  std::vector<ServerEvent> take_events();
  std::uint64_t dropped() const;  // events and words that nobody took in time

 private:
  class Runner;

  std::shared_ptr<Runner> runner() const;

  World& world_;
  ServerHostOptions options_;
  ServerObserver nobody_{};
  ServerObserver& observer_;
  mutable std::mutex mutex_;        // of runner_ alone
  std::shared_ptr<Runner> runner_;  // stays after stop(), with the last events
};

}  // namespace netrig::transport
